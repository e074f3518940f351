"""The static site: every link leads somewhere, nothing is fetched, pages fit a phone in light and dark."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner

import unetscope
from unetscope import zoo
from unetscope.api.lineage import family_tree
from unetscope.api.site import command_of_tree, site
from unetscope.cli.commands import unetscope as unetscope_command
from unetscope.words import units
from unetscope.zoo.licences import licence_text

LICENCES = {place.text for name in zoo.ids() if (place := licence_text(zoo.preset(name).licence))}
"""All that a site leads to which is not in it."""
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
            told = unescape(target)
            assert (page.parent / told).is_file() or told in LICENCES, (page, target)


def test_no_page_fetches_anything_from_elsewhere(folder: Path) -> None:
    for page in folder.rglob("*.html"):
        text = page.read_text()
        assert "default-src 'none'" in text
        assert not re.search(r'src="(?:https?:)?//', text)
        assert not re.search(r'<link[^>]+href="(?:https?:)?//', text)


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


def test_the_list_of_differences_tells_step_verdict_and_parameters_by_family(folder: Path) -> None:
    text = (folder / "diff" / "index.html").read_text()
    assert re.findall("<h2>(.*?)</h2>", text) == ["Stable Diffusion 1"]
    rows = re.findall(r"<tr data-words.*?</tr>", text)
    plain = [
        " | ".join(re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", re.sub("</?(?:a|small).*?>", "", row)))
        for row in rows
    ]
    assert plain == [
        "sd12 → sd15 | fine-tune | identical network: nothing but weights can differ | ±0",
        "sd12 → sd15-inpaint | inpainting | same blocks, wider input | +14,400 +0.0017 %",
        "sd15 → sd15-inpaint |  | same blocks, wider input | +14,400 +0.0017 %",
        "sd15 → bk-sdm-base |  | blocks removed | −280,136,000 −32.6 %",
    ]
    assert len(plain) == len(list(folder.glob("diff/*..*/index.html")))


def test_the_page_of_a_family_tells_its_models_differences_and_a_picture(folder: Path) -> None:
    text = (folder / "family" / "stable-diffusion-1" / "index.html").read_text()
    assert "<p>4 models, 2022 to 2023; their networks hold 579 M to 860 M parameters.</p>" in text
    assert "sd15 → sd15-inpaint</a>: Stable Diffusion 1.5 Inpainting" in text
    assert 'src="../../sd15/diagram.svg"' in text or 'src="../../sd12/diagram.svg"' in text
    assert ">licence</th>" in text
    unpublished = (folder / "family" / "stable-diffusion-3" / "index.html").read_text()
    assert "no network of them is published" in unpublished
    assert ">licence</th>" not in unpublished


def test_a_tree_is_a_list_too_which_leads_to_the_pages_there_are(folder: Path) -> None:
    text = (folder / "tree" / "index.html").read_text()
    assert (
        '<a href="../sd15-inpaint/index.html">sd15-inpaint</a>: inpainting <small>860 M · 2022</small>'
        in text
    )
    assert "<li>sd14: fine-tune <small>860 M · 2022 · network A</small>" in text
    assert "sd3-turbo" in (folder / "family" / "stable-diffusion-3" / "index.html").read_text()


def test_a_tree_of_some_models_names_no_command_that_would_draw_others(folder: Path) -> None:
    for page in (folder / "tree", folder / "family" / "stable-diffusion-1"):
        assert "unetscope list" not in (page / "index.html").read_text() + (page / "tree.svg").read_text()


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


def test_charts_and_trees_follow_the_scheme_of_the_reader(folder: Path) -> None:
    for name in ("charts/zoo.svg", "tree/tree.svg"):
        assert "prefers-color-scheme:dark" in (folder / name).read_text()
    assert "<span>--theme</span> auto" in (folder / "charts" / "index.html").read_text()


@pytest.mark.parametrize("family", ["", "SANA", "Stable Diffusion XL"])
def test_the_command_of_a_tree_draws_it(family: str) -> None:
    ids = (*zoo.ids(), *zoo.unpublished())
    command = command_of_tree(ids, family)
    among = [id for id in ids if zoo.preset(id).family == family] if family else ids
    drawn = family_tree(theme="auto", among=among, command=command)
    assert CliRunner().invoke(unetscope_command, [*shlex.split(command)[1:], "-o", "-"]).stdout_bytes == drawn


def test_pages_say_nothing_in_the_console(folder: Path, tabs: Any) -> None:
    with tabs.lent(fetches=True) as tab:
        for path in sorted(folder.rglob("*.html")):
            tab.goto(path.as_uri())


SEEN = """Promise.all([...document.images].map((image) => {
    image.loading = "eager";
    return image.decode().then(() => image.naturalWidth > 0, () => false);
})).then((all) => all.every((seen) => seen))"""
"""Whether every picture of a page is there, those included that load when somebody scrolls to them."""

WITHIN = """[...document.querySelectorAll("label > input")].every((field) =>
    field.getBoundingClientRect().right <= field.parentElement.getBoundingClientRect().right + 0.5)"""
"""Whether no field sticks out of its label, over the next one."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_phone_and_are_searched_in_light_and_dark(folder: Path, scheme: str, tabs: Any) -> None:
    names = (
        "index.html",
        "sd15/index.html",
        "sd3-turbo/index.html",
        "tree/index.html",
        "diff/index.html",
        "family/stable-diffusion-1/index.html",
        "charts/index.html",
    )
    with tabs.lent(scheme=scheme, fetches=True) as tab:
        for name in names:
            tab.goto((folder / name).as_uri())
            assert tab.evaluate(SEEN), name
            for width in (420, 1280):
                tab.set_viewport_size({"width": width, "height": 900})
                assert tab.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                assert tab.evaluate(WITHIN), (name, width)
        tab.goto((folder / "index.html").as_uri())
        tab.fill("input[type=search]", "inpaint sd15")
        assert tab.inner_text("[data-told]") == "1 model"
        assert tab.locator(".cards:visible").count() == 0
        tab.goto((folder / "diff" / "index.html").as_uri())
        tab.fill("input[type=search]", "wider input fine")
        assert tab.inner_text("[data-told]") == "0 differences"
        tab.fill("input[type=search]", "wider inpainting")
        assert tab.inner_text("[data-told]") == "2 differences"
        tab.goto((folder / "sd15" / "index.html").as_uri())
        assert tab.locator("[data-copy] button").count() > 3


KINDS = (
    "index.html",
    "sd15/index.html",
    "flux1-dev/index.html",
    "sd3-turbo/index.html",
    "diff/index.html",
    "diff/sd15..sd15-inpaint/index.html",
    "family/stable-diffusion-1/index.html",
    "tree/index.html",
    "charts/index.html",
)
"""A page of each kind."""


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 420), ("dark", 1280)])
def test_axe_finds_nothing_serious_on_any_kind_of_page(
    folder: Path, browser: Any, scheme: Any, width: int
) -> None:
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    for name in KINDS:
        page.goto((folder / name).as_uri())
        page.wait_for_timeout(200)  # what is packed unpacks
        found = Axe().run(page).response["violations"]
        assert [
            (one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")
        ] == []
    page.close()


@pytest.mark.slow
def test_every_page_is_reached_and_read_by_keys_alone(folder: Path, browser: Any) -> None:
    """What is focused is seen, the first stop leads past the navigation, and Enter follows a link."""
    page = browser.new_page(viewport={"width": 420, "height": 900})
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the page"
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Differences"
    page.keyboard.press("Enter")
    page.wait_for_url("**/diff/index.html")
    page.locator("input[type=search]").focus()
    page.keyboard.type("inpainting")
    assert page.inner_text("[data-told]") == "2 differences"
    while not page.evaluate("document.activeElement.matches('tbody a')"):
        page.keyboard.press("Tab")
        box = page.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        assert box["width"] > 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/sd12..sd15-inpaint/index.html")
    page.close()


@pytest.mark.slow
def test_a_printed_page_holds_its_facts_and_nothing_to_press(folder: Path, browser: Any) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    for name in KINDS:
        page.goto((folder / name).as_uri())
        for pressed in ("nav.site", "[data-copy] button", "input"):
            assert page.locator(f"{pressed}:visible").count() == 0, (name, pressed)
        assert page.locator("h1:visible").count() == 1
    page.close()
