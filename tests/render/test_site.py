"""The static site: every link leads somewhere, nothing is fetched, pages fit a phone in light and dark."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import unetscope
from unetscope import units
from unetscope.api.site import site

MODELS = ("sd12", "sd15", "sd15-inpaint", "bk-sdm-base", "flux1-dev", "flux1-pro", "sd3-turbo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a few models."""
    made = tmp_path_factory.mktemp("site")
    site(made, only=MODELS)
    return made


def test_every_link_and_picture_leads_to_a_file(folder: Path) -> None:
    pages = list(folder.rglob("*.html"))
    assert {page.parent.name for page in pages} >= {*MODELS, "tree", "charts", "diff", "sd15..sd15-inpaint"}
    for page in pages:
        text = re.sub(r"<script>.*?</script>|<svg.*?</svg>", "", page.read_text(), flags=re.S)
        for target in re.findall(r'(?:href|src)="([^"#]+)"', text):
            assert (page.parent / unescape(target)).is_file(), (page, target)


def test_no_page_fetches_anything_from_elsewhere(folder: Path) -> None:
    for page in folder.rglob("*.html"):
        assert "default-src 'none'" in page.read_text()
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page.read_text())


def test_a_page_holds_card_stages_relatives_commands_sources_and_citation(folder: Path) -> None:
    text = (folder / "sd15" / "index.html").read_text()
    for part in (
        "859,520,964",
        "sd12 (fine-tune)",
        "unetscope table sd15",
        "second-hand: general",
        "@misc{sd15,",
    ):
        assert part in text
    assert "../diff/sd15..sd15-inpaint/index.html" in text


def test_a_model_without_a_network_has_a_page_that_says_so(folder: Path) -> None:
    text = (folder / "sd3-turbo" / "index.html").read_text()
    assert "not published: its weights and config were never released" in text
    assert "diagram.svg" not in text


def test_the_charts_page_tells_the_memory_of_each_network_the_largest_first(folder: Path) -> None:
    text = (folder / "charts" / "index.html").read_text()
    rows = re.findall(r'<tr><th scope="row"><a href="../([^/]+)/index.html">', text)
    assert rows == ["flux1-dev", "sd15-inpaint", "sd12", "sd15", "bk-sdm-base"]
    for id, row in zip(rows, text.split('<tr><th scope="row">')[1:], strict=True):
        found = unetscope.memory(id)
        for number in (found.held, found.peak.bytes, found.held + found.peak.bytes):
            assert f'<td class="figure">{units.bytes_(number)}</td>' in row
    figures = re.findall(r'<rect class="weights" (.+?)/><rect class="activations" (.+?)/>', text)
    bars = [
        [float(one) for one in re.findall(r' ?(?:x|width)="([0-9.]+)"', " ".join(two))] for two in figures
    ]
    assert sum(bars[0][1:]) == 1000
    assert all(until == start for until, start, _ in bars)


def test_charts_and_trees_follow_the_scheme_of_the_reader_and_say_their_command(folder: Path) -> None:
    for name, page in (("charts/zoo.svg", "charts"), ("tree/tree.svg", "tree")):
        assert "prefers-color-scheme:dark" in (folder / name).read_text()
        assert "--theme auto" in (folder / page / "index.html").read_text()


def test_pages_say_nothing_in_the_console(folder: Path, tabs: Any) -> None:
    with tabs.lent(fetches=True) as tab:
        for path in sorted(folder.rglob("*.html")):
            tab.goto(path.as_uri())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_are_searched_in_light_and_dark(folder: Path, scheme: str, tabs: Any) -> None:
    names = ("index.html", "sd15/index.html", "sd3-turbo/index.html", "tree/index.html", "charts/index.html")
    with tabs.lent(scheme=scheme, fetches=True) as tab:
        for name in names:
            tab.goto((folder / name).as_uri())
            assert tab.evaluate("[...document.images].every((image) => image.naturalWidth > 0)"), name
            for width in (420, 1280):
                tab.set_viewport_size({"width": width, "height": 900})
                assert tab.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
        tab.goto((folder / "index.html").as_uri())
        tab.fill("input[type=search]", "inpaint sd15")
        assert tab.inner_text("[data-told]") == "1 model"
        tab.goto((folder / "sd15" / "index.html").as_uri())
        assert tab.locator("[data-copy] button").count() > 3
