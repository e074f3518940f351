"""The rules for pictures, measured in Chromium: what a picture does against them, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from support.pictures import apart, near, texts
from support.places import CHROMIUM
from unetscope.layout.scene import Box, Circle, Frame, Group, Item, Line, Scene
from unetscope.render.picture import svg
from unetscope.render.picture.theme import CUES, PALETTES, cued
from unetscope.words.safe import clean

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
SCRIPT = Path(__file__).with_suffix(".js").read_text()

REPEATS = {"R", "A", "Cv"}
"""Glyph letters only repeat what the legend says, so that they may be smaller than 10 px, but not by much."""
SMALLEST = 7.0
FILLS = ("residual", "attention", "feed-forward", "conv", "concat", "other")
DECORATIVE = {"line", "card", "background"}
"""Rules and grounds that only set apart what words name."""
SIGHTS = ("protan", "deutan", "tritan")


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser; a process holds one at a time."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "pictures are measured in Chromium: install it"
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def pages_of(browser: Any) -> dict[str, Any]:
    """A page for each colour scheme: starting a browser takes longer than measuring in it."""
    pages = {}
    for scheme in ("light", "dark"):
        pages[scheme] = browser.new_page(
            viewport={"width": 1000, "height": 1600}, color_scheme=scheme, reduced_motion="reduce"
        )
        pages[scheme].set_content("<body style='margin:0'></body>")
        pages[scheme].evaluate(SCRIPT)
    return pages


def places(page: Any, drawn: Scene, *, theme: str) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with where things stand, with both fonts; and all that was measured."""
    found = page.evaluate("svg => measured(svg, true)", svg.render(drawn, theme=theme, named=False))
    wrong = list(found["collisions"])
    for fonts in ("asTheyAre", "wider"):
        wrong += [f"{fonts}: {one}" for one in found[fonts]["struck"]]
        wrong += [f"{fonts}: {one}" for one in _words(drawn, found[fonts]["texts"])]
    return wrong, found


def _words(drawn: Scene, measured: list[dict[str, Any]]) -> Iterator[str]:
    """Every text as large as it should be, in its box and on the page, and on no other text."""
    expected = texts(drawn)
    if [one["content"] for one in measured] != [clean(text.content) for text in expected]:
        yield "the texts are not those of the scene"
        return
    whole = Frame(0, 0, drawn.width, drawn.height)
    seen = [(one["content"], Frame(*one["frame"])) for one in measured]
    for text, one, (content, frame) in zip(expected, measured, seen, strict=True):
        for outer, what in ((text.frame or whole, "its box"), (whole, "the page")):
            out = max(
                outer.x - frame.x, outer.y - frame.y, frame.right - outer.right, frame.bottom - outer.bottom
            )
            if out > 0.5:
                yield f'"{content}" leaves {what} by {out:.1f} px'
        repeats = content in REPEATS or (len(content) == 1 and content.isupper())
        if one["size"] < (SMALLEST if repeats else 10) - 0.01:
            yield f'"{content}" is {one["size"]:.1f} px small'
    for (a, first), (b, second) in near(seen):
        if not apart(first, second) and _shared(first, second) > 0.5:
            yield f'"{a}" lies on "{b}"'


def _shared(a: Frame, b: Frame) -> float:
    return min(min(a.right, b.right) - max(a.x, b.x), min(a.bottom, b.bottom) - max(a.y, b.y))


def colours(
    page: Any, drawn: Scene, found: dict[str, Any], *, theme: str, scheme: str = "light"
) -> list[str]:
    """What is wrong with the colours of a picture whose places were measured before."""
    seen = page.evaluate("svg => coloured(svg)", svg.render(drawn, theme=theme, named=False))
    shapes = [*_shapes(drawn, theme)]
    if len(shapes) != len(seen["shapes"]):
        return [f"{theme}: the shapes are not those of the scene"]
    light, dark = PALETTES[theme]
    palette = dark if dark and scheme == "dark" else light
    wrong = [*_painted(shapes, seen, drawn, palette)]
    wrong += _legible(shapes, seen, found, drawn)
    wrong += _told_apart(shapes, seen)
    return [f"{theme}, {scheme}: {one}" for one in wrong]


Shape = tuple[str, str, str]
"""What a drawn shape is (box, hatch, line, head, circle), the role of its fill and that of its stroke."""


def _shapes(drawn: Scene, theme: str) -> Iterator[Shape]:
    yield "ground", "background", ""
    for item in _flat(cued(drawn.items, CUES.get(theme, {}))):
        match item:
            case Box():
                yield "box", item.fill or "", item.stroke or ""
                if item.hatch:
                    yield "hatch", "", ""
            case Circle():
                yield "circle", item.fill, item.stroke or ""
            case Line():
                yield "line", "", item.role
                if item.head:
                    yield "head", item.role, ""


def _flat(items: Any) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield from _flat(item.items)
        else:
            yield item


def _painted(
    shapes: list[Shape], seen: dict[str, Any], drawn: Scene, palette: dict[Any, str]
) -> Iterator[str]:
    """What is seen in another colour than that of its role."""
    wanted = [(role, fill) for (_, role, _), (fill, _, _) in zip(shapes, seen["shapes"], strict=True)]
    wanted += [(role, stroke) for (_, _, role), (_, stroke, _) in zip(shapes, seen["shapes"], strict=True)]
    wanted += [(text.role, fill) for text, fill in zip(texts(drawn), seen["texts"], strict=True)]
    for role, colour in {(role, colour) for role, colour in wanted if role}:
        if _hex(colour) != palette[role]:
            yield f"{role} is seen as {colour}"


def _legible(shapes: list[Shape], seen: dict[str, Any], found: dict[str, Any], drawn: Scene) -> Iterator[str]:
    """Text of less contrast than 4.5:1, lines and marks of less than 3:1."""
    fills = [fill for fill, _, _ in seen["shapes"]]
    pairs = Counter[tuple[float, str, str, str, str]]()
    for text, one, fill in zip(texts(drawn), found["asTheyAre"]["texts"], seen["texts"], strict=True):
        under = one["ground"]
        pairs[4.5, text.role, fill, shapes[under][1], fills[under]] += 1
    for (what, fill, stroke), (inside, edge, _), grounds in zip(
        shapes, seen["shapes"], found["grounds"], strict=True
    ):
        role, colour = (fill, inside) if what in ("head", "circle") or not stroke else (stroke, edge)
        if what in ("ground", "hatch") or role in DECORATIVE:
            continue
        for under in grounds:
            if what == "box" and not stroke and role == shapes[under][1]:
                continue  # plain ground for a label on a hatch
            pairs[3.0, role, colour, shapes[under][1], fills[under]] += 1
    for least, role, colour, ground, below in pairs:
        contrast = _contrast(colour, below)
        if contrast < least:
            yield f"{role} on {ground} has a contrast of {contrast:.2f}, less than {least}"


def _told_apart(shapes: list[Shape], seen: dict[str, Any]) -> Iterator[str]:
    """Fills of kinds that neither lightness nor a second mark tells apart, or not to every reader."""
    kinds = set()
    for index, ((what, role, _), (fill, _, dashed)) in enumerate(zip(shapes, seen["shapes"], strict=True)):
        after = [shape[0] for shape in shapes[index + 1 : index + 3]]
        cue = "dashed" if dashed else "hatched" if after[:1] == ["hatch"] else ""
        cue = cue or ("ruled" if after == ["line", "line"] and role == "attention" else "")
        if what == "box" and role in FILLS:
            kinds.add((role, fill, cue))
    for (a, first, cue), (b, second, other) in combinations(sorted(kinds), 2):
        if a == b or cue != other:
            continue
        if abs(_lightness(first) - _lightness(second)) < 8:
            yield f"{a} and {b} are equally light"
        for sight in SIGHTS:
            if _difference(first, second, sight) < 8:
                yield f"{a} and {b} look alike under {sight}anopia"


@cache
def _hex(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@cache
def _colour(colour: str) -> Any:
    from coloraide import Color

    return Color(_hex(colour))


@cache
def _contrast(first: str, second: str) -> float:
    return float(_colour(first).contrast(_colour(second), method="wcag21"))


@cache
def _lightness(colour: str) -> float:
    return float(_colour(colour).convert("lab")["lightness"])


@cache
def _difference(first: str, second: str, sight: str) -> float:
    return float(_colour(first).filter(sight).delta_e(_colour(second).filter(sight), method="2000"))
