"""Scene → TikZ: a drawing to \\input into a paper or to compile by itself, as wide as the line it stands on.

Text is set in the paper's own fonts, each piece at most as wide as its place. Over every module lies a node
that draws nothing, named by its path with - for each dot, so that an author can hang arrows on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil, floor, hypot, sqrt

from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Group, Item, Line, Point, Scene, Text
from unetscope.render.latex import escape
from unetscope.render.picture.svg import number
from unetscope.render.picture.theme import CUES, cued, palettes
from unetscope.render.templates import fill
from unetscope.words import safe
from unetscope.words.safe import clean

_PX = r"*\unetscopepx"
_HATCH = 5.0 * sqrt(2)
"""px between two lines of a hatch, along an edge of its box."""


def render(scene: Scene, *, theme: str = "light") -> str:
    """The scene as LaTeX with TikZ. Raises OutputError for an unknown theme."""
    palette, _ = palettes(theme)
    ground = [Box(Frame(0, 0, scene.width, scene.height), scene.ground)] if scene.ground else []
    items = [*ground, *cued(scene.items, CUES.get(theme, {}))]
    body = [line for item in items for line in _item(item)]
    used = {role for line in body for role in re.findall(r"u-([a-z0-9-]+)", line)}
    return fill(
        "diagram.tex.j2",
        title=safe.line(scene.title),
        description=safe.line(scene.description),
        width=number(scene.width),
        height=number(scene.height),
        parts=ceil(scene.width),
        colours=[(role, colour[1:].upper()) for role, colour in sorted(palette.items()) if role in used],
        body=body,
        nodes=[*_nodes(scene.items)],
    )


def _item(item: Item) -> Iterator[str]:
    match item:
        case Box():
            yield from _box(item)
        case Text():
            yield _text(item)
        case Line():
            yield _line(item)
        case Circle():
            style = _style(item.fill, item.stroke, item.stroke_width)
            yield rf"\path[{style}] {_at((item.x, item.y))} circle[radius={_length(item.radius)}];"
        case Group():
            for child in item.items:
                yield from _item(child)


def _box(box: Box) -> Iterator[str]:
    style = _style(box.fill, box.stroke, box.stroke_width)
    style += _dashed((4, 2.5)) if box.dashed else ""
    style += f",rounded corners={_length(box.radius)}" if box.radius else ""
    yield rf"\path[{style}] {_rectangle(box.frame)};"
    if box.hatch:
        lines = " ".join(f"{_at(start)} -- {_at(end)}" for start, end in _hatched(box.frame))
        clip = rf"\clip {_rectangle(box.frame)}; "
        yield rf"\begin{{scope}}{clip}\draw[u-{box.hatch},line width={_length(1)}] {lines};\end{{scope}}"


def _hatched(frame: Frame) -> Iterator[tuple[Point, Point]]:
    """Diagonals from bottom left to top right, in the places of SVG's pattern: x + y is constant along
    each."""
    first, last = frame.x + frame.y, frame.right + frame.bottom
    for step in range(floor(first / _HATCH), ceil(last / _HATCH) + 1):
        both = (step + 0.5) * _HATCH
        yield (both - frame.bottom, frame.bottom), (both - frame.y, frame.y)


def _text(text: Text) -> str:
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
    content = r"\bfseries " * text.bold + r"\ttfamily " * text.mono + escape(clean(text.content))
    place = f"{number(text.x)},{number(text.y)}"
    arguments = (anchor, 90 if text.upright else 0, number(text.size), number(max(text.width, 1)), place)
    return r"\unetscopetext" + "".join(
        f"{{{argument}}}" for argument in (*arguments, f"u-{text.role}", content)
    )


def _line(line: Line) -> str:
    style = f"u-{line.role},line width={_length(line.width)}"
    # TikZ rounds a corner beyond the middle of a short piece, and draws a loop.
    radius = min([line.radius, *(hypot(b[0] - a[0], b[1] - a[1]) / 2 for a, b in pairwise(line.points))])
    style += f",rounded corners={_length(radius)}" if radius > 0.01 else ""
    style += _dashed(line.dashes) if line.dashes else ""
    if line.head:
        style += f",-{{Triangle[length={_length(line.head)},width={_length(line.head * 0.86)}]}}"
    return rf"\draw[{style}] {' -- '.join(map(_at, line.points))};"


def _dashed(dashes: Sequence[float]) -> str:
    words = " ".join(f"{'off' if index % 2 else 'on'} {_length(dash)}" for index, dash in enumerate(dashes))
    return f",dash pattern={words}"


def _style(fill: ColourRole | None, stroke: ColourRole | None, width: float) -> str:
    """What a path does: it fills, draws, both, or nothing."""
    filled = [f"fill=u-{fill}"] if fill else []
    styles = [f"draw=u-{stroke}", f"line width={_length(width)}"] if stroke else []
    return ",".join([*filled, *styles])


def _rectangle(frame: Frame) -> str:
    return f"{_at((frame.x, frame.y))} rectangle {_at((frame.right, frame.bottom))}"


def _at(point: Point) -> str:
    return f"({number(point[0])},{number(point[1])})"


def _length(pixels: float) -> str:
    return number(pixels) + _PX


def _nodes(items: Iterable[Item]) -> Iterator[str]:
    """A node for each module that is drawn; a module drawn twice is known where it is drawn first."""
    known = set()
    for path, frame in _modules(items):
        name = re.sub("[^A-Za-z0-9_]", "-", path)
        if name not in known:
            known.add(name)
            sizes = f"minimum width={_length(frame.width)},minimum height={_length(frame.height)}"
            yield rf"\node[unetscope module,{sizes}] ({name}) at {_at((frame.centre, frame.middle))} {{}};"


def _modules(items: Iterable[Item]) -> Iterator[tuple[str, Frame]]:
    """Path and place of every group that stands for a module, those inside of others too."""
    for item in items:
        if isinstance(item, Group):
            box = next((child for child in item.items if isinstance(child, Box)), None)
            if item.path and box:
                yield item.path, box.frame
            yield from _modules(item.items)
