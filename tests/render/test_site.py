"""The static site: every link leads somewhere, nothing is fetched, pages fit a phone in light and dark."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

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


def test_pages_fit_a_phone_and_are_searched_in_light_and_dark(folder: Path, browser: Any) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        for name in ("index.html", "sd15/index.html", "sd3-turbo/index.html", "tree/index.html"):
            for width in (420, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto((folder / name).as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                assert page.evaluate("[...document.images].every((one) => one.naturalWidth > 0)"), name
        page.goto((folder / "index.html").as_uri())
        page.fill("input[type=search]", "inpaint sd15")
        assert page.inner_text("[data-told]") == "1 model"
        page.goto((folder / "sd15" / "index.html").as_uri())
        assert page.locator("[data-copy] button").count() > 3
        page.close()
