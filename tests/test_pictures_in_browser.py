"""Pictures measured in Chromium: with the fonts at hand, and with letters a tenth wider.

Light and dark differ in colours alone, so that one of them is measured; what the looks of most networks
have in common is left to the slow part, which measures every look of every network once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from pictures import LOOKS, NAMES, SAMPLE, looked, near, scene, spelled, texts
from unetscope.layout import LAYOUTS
from unetscope.layout.scene import Frame, Scene
from unetscope.render import svg

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]

# DejaVu Sans is the widest common sans-serif; textLength stretches the very same glyphs by a
# tenth in width alone, which is what a fallback font that much wider does.
WIDER = """() => {
    const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
    style.textContent = "text:not([font-family]){font-family:'DejaVu Sans'}";
    document.querySelector("svg").append(style);
    for (const text of document.querySelectorAll("text")) {
        const length = text.getComputedTextLength();
        text.setAttribute("textLength", 1.1 * length);
        text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
}"""

MEASURE = """() => {
    const page = document.querySelector("svg").getBoundingClientRect();
    return [...document.querySelectorAll("text")].map(text => {
        const box = text.getBoundingClientRect();
        return {
            content: text.textContent,
            size: parseFloat(getComputedStyle(text).fontSize),
            x: box.x - page.x, y: box.y - page.y, width: box.width, height: box.height,
        };
    });
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """One page for all pictures: starting a browser takes longer than measuring in it."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "CI has to measure pictures: install chromium"
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser.new_page(viewport={"width": 1000, "height": 1600})
        browser.close()


def measured(page: Any, drawn: Scene, theme: str, fonts: str) -> list[dict[str, Any]]:
    page.set_content(f"<body style='margin:0'>{svg.render(drawn, theme=theme)}</body>")
    if fonts == "a tenth wider":
        page.evaluate(WIDER)
    found: list[dict[str, Any]] = page.evaluate(MEASURE)
    return found


def letters(box: dict[str, Any], *, upright: bool) -> Frame:
    """The part of a line of text that letters reach: without the room above capitals."""
    if upright:
        return Frame(box["x"] + 0.17 * box["size"], box["y"], box["width"] - 0.2 * box["size"], box["height"])
    high = box["height"] - 0.17 * box["size"] - 0.03 * box["size"]
    return Frame(box["x"], box["y"] + 0.17 * box["size"], box["width"], high)


def beyond(inner: Frame, outer: Frame) -> float:
    """By how many px one frame leaves the other."""
    return max(outer.x - inner.x, outer.y - inner.y, inner.right - outer.right, inner.bottom - outer.bottom)


def overlap(a: Frame, b: Frame) -> float:
    """The smaller side, in px, of what two frames share."""
    return min(min(a.right, b.right) - max(a.x, b.x), min(a.bottom, b.bottom) - max(a.y, b.y))


def assert_words_fit(page: Any, drawn: Scene, *, theme: str, fonts: str) -> None:
    """Every text as large as it should be, in its box, and on no other text."""
    expected = texts(drawn)
    boxes = measured(page, drawn, theme, fonts)
    assert [box["content"] for box in boxes] == [svg.clean(text.content) for text in expected]
    whole = Frame(0, 0, drawn.width, drawn.height)
    seen = []
    for text, box in zip(expected, boxes, strict=True):
        seen.append((text.content, letters(box, upright=text.upright)))
        assert beyond(seen[-1][1], text.frame or whole) <= 0.5, text.content
        assert box["size"] >= 9.99 or text.content in {"R", "A", "Cv"}, text.content
    for (a, first), (b, second) in near(seen):
        assert overlap(first, second) <= 0.5, (a, b)


@pytest.mark.parametrize("fonts", ["as they are", "a tenth wider"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", NAMES)
def test_text_fits_its_box_and_lies_on_no_other_text(page, name, layout, fonts):
    assert_words_fit(page, scene(name, layout), theme="light", fonts=fonts)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_moves_no_text(page, theme):
    assert_words_fit(page, scene("sdxl", "strip"), theme=theme, fonts="as they are")


@pytest.mark.parametrize("look", LOOKS, ids=spelled)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_fits_in_every_look(page, layout, look):
    theme = "paper" if look["paper"] else "dark"
    for name in SAMPLE:
        assert_words_fit(page, looked(name, layout, look), theme=theme, fonts="a tenth wider")


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [name for name in NAMES if name not in SAMPLE])
def test_text_fits_in_every_look_of_every_network(page, name, layout):
    for look in LOOKS:
        # The usual look is measured above; a line of legend adds no place, paper takes
        # the same ones away at every width.
        usual = look["detail"] == "block" and look["width"] == "readme" and not look["paper"]
        if look["color_by"] == "kind" and not usual and not (look["paper"] and look["width"] != "readme"):
            theme = "paper" if look["paper"] else "light"
            assert_words_fit(page, looked(name, layout, look), theme=theme, fonts="a tenth wider")


def test_the_auto_theme_follows_the_reader(page):
    background = "getComputedStyle(document.querySelector('svg > rect')).fill"
    page.set_content(svg.render(scene("bk-sdm-tiny", "strip"), theme="auto"))
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen[scheme] = page.evaluate(background)
    page.emulate_media(color_scheme="light")
    assert seen == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 19, 25)"}


def test_the_measurement_sees_text_that_does_not_fit(page):
    page.set_content("<svg width='900' height='50'><text x='10' y='30' font-size='10'>wide</text></svg>")
    before = page.evaluate(MEASURE)[0]["width"]
    page.evaluate(WIDER)
    after = page.evaluate(MEASURE)[0]["width"]
    assert after > 1.05 * before
