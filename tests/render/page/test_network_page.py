"""The page of a network in Chromium: by mouse, keys and touch, narrow, dark, printed, without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from support.hostile import MARKUP
from support.judges import harmful, judged_html
from support.traces import bundled
from unetscope import api, zoo
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.model import Architecture
from unetscope.paths import is_within
from unetscope.render.page import page
from unetscope.words import units
from unetscope.words.safe import clean
from unetscope.zoo.licences import licence_text

SAMPLES = ["sdxl", "sd15", "flux1-dev"]


@cache
def page_of(name: str) -> str:
    return api.draw(name, format="html").text


@pytest.fixture
def open_page(tabs: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the page of a bundled model in a tab; what it complains of or fetches fails the test."""
    with ExitStack() as stack:

        def opened(name: str = "sd15", *, anchor: str = "", text: str = "", **options: Any) -> Any:
            tab = stack.enter_context(tabs.lent(**options))
            (tmp_path / "page.html").write_text(text or page_of(name))
            tab.goto((tmp_path / "page.html").as_uri() + anchor)
            if options.get("script", True):
                tab.wait_for_selector("[data-bar]:not([hidden])")
            return tab

        yield opened


def card(tab: Any) -> str:
    return tab.locator("[data-module]").inner_text()


def lit(tab: Any, kind: str) -> set[str]:
    return set(tab.eval_on_selector_all(f"figure .{kind}", "all => all.map(one => one.dataset.path)"))


BLOCK = '[data-path="up_blocks.1.resnets.1"]'
SKIP = "skip:down_blocks.2.attentions.0>up_blocks.1.resnets.1"


@pytest.mark.parametrize("how", ["hover", "focus", "tap"])
def test_a_block_pointed_at_tells_its_figures_and_lights_its_skip(open_page: Any, how: str) -> None:
    tab = open_page(touch=how == "tap")
    getattr(tab.locator(f"figure {BLOCK}").last, how)()
    network = bundled("sd15")
    cost, node = network.costs["up_blocks.1.resnets.1"], network.by_path["up_blocks.1.resnets.1"]
    told = card(tab)
    for figure in (units.exact(cost.params), units.exact(cost.macs), units.bytes_(4 * cost.params),
                   units.dimensions(node.input), units.dimensions(node.output), node.type):  # fmt: skip
        assert figure in told
    assert lit(tab, "chosen") == {"up_blocks.1.resnets.1"}
    assert lit(tab, "joined") == {SKIP, "down_blocks.2.attentions.0"}


def test_what_was_pointed_at_is_let_go_and_what_was_chosen_stays_until_escape(open_page: Any) -> None:
    tab = open_page()
    tab.locator(f"figure {BLOCK}").last.hover()
    tab.mouse.move(5, 5)
    assert lit(tab, "chosen") == set()
    tab.locator(f"figure {BLOCK}").last.click()
    tab.mouse.move(5, 5)
    assert lit(tab, "chosen") == {"up_blocks.1.resnets.1"}
    assert tab.evaluate("location.hash") == "#module-up_blocks.1.resnets.1"
    tab.keyboard.press("Escape")
    assert lit(tab, "chosen") == set()
    assert tab.evaluate("location.hash") == ""


def test_keys_go_from_part_to_part_and_keep_one(open_page: Any) -> None:
    tab = open_page()
    tab.locator("figure").focus()
    tab.keyboard.press("Tab")
    focused = "document.activeElement.dataset.path"
    first = tab.evaluate(focused)
    tab.keyboard.press("ArrowRight")
    second = tab.evaluate(focused)
    assert first != second
    assert second.rpartition(".")[2] in card(tab)
    tab.keyboard.press("Enter")
    tab.keyboard.press("Home")
    assert tab.evaluate(focused) == first
    tab.locator("[data-find]").focus()
    assert second in lit(tab, "chosen")


def test_a_block_opens_down_to_its_layers_and_leads_back(open_page: Any) -> None:
    tab = open_page()
    tab.locator('figure [data-path="mid_block.attentions.0"]').last.click()
    for name in ("transformer_blocks", "0", "attn2", "to_k"):
        tab.locator("[data-module] .inside button", has=tab.get_by_text(name, exact=True)).click()
    path = "mid_block.attentions.0.transformer_blocks.0.attn2.to_k"
    assert units.exact(bundled("sd15").costs[path].params) in card(tab)
    assert tab.evaluate("location.hash") == f"#module-{path}"
    tab.locator("[data-module] .around button").first.click()
    assert units.exact(bundled("sd15").cost.macs) in card(tab)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_module_has_the_figures_of_the_trace(open_page: Any, name: str) -> None:
    network = bundled(name)
    tab = open_page(name)
    found = tab.evaluate("""async () => readModules((await unpacked(
        document.querySelector('[data-packed]'))).modules).list.map((one) =>
        [one.path, one.type, exact(one.params), exact(one.macs), one.output,
         brief(one.params, 'B'), `${brief(one.macs)}MAC`, bytes(one.weights)])""")
    assert [tuple(one) for one in found] == [
        (
            node.path,
            node.type,
            units.exact(cost.params),
            units.exact(cost.macs),
            units.dimensions(node.output) if node.output else "",
            units.params(cost.params),
            units.macs(cost.macs) if cost.macs >= 1000 else f"{cost.macs}MAC",
            units.bytes_(4 * cost.params),
        )
        for node in network.nodes
        for cost in [network.costs[node.path]]
    ]


def test_depth_colour_and_labels_change_the_picture(open_page: Any) -> None:
    tab = open_page()
    seen = {}
    for depth in ("stages", "blocks", "layers"):
        tab.get_by_role("group", name="Depth").get_by_role("button", name=depth).click()
        seen[depth] = tab.locator("figure [data-path]").count()
    assert 0 < seen["stages"] < seen["blocks"]
    assert "R residual block" in tab.locator("figure svg").text_content()
    tab.get_by_role("group", name="Depth").get_by_role("button", name="blocks").click()
    before = tab.locator(f"figure {BLOCK} rect").last.get_attribute("fill")
    tab.get_by_role("group", name="Colour").get_by_role("button", name="MACs").click()
    assert tab.locator(f"figure {BLOCK} rect").last.get_attribute("fill") != before
    tab.get_by_role("group", name="Labels").get_by_role("button", name="parameters").click()
    words = units.params(bundled("sd15").costs["up_blocks.1.resnets.1"].params)
    assert tab.locator(f"figure {BLOCK} .told").text_content() == words


def test_a_module_is_found_by_words_of_its_path(open_page: Any) -> None:
    tab = open_page()
    tab.locator("[data-find]").fill("up_blocks.1 attn2.to_v")
    hits = tab.locator("[data-found] span").all_inner_texts()
    assert hits
    assert all("up_blocks.1" in one and "attn2.to_v" in one for one in hits)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.hash") == f"#module-{hits[0]}"
    assert "to_v" in card(tab)


def test_an_address_leads_to_its_module(open_page: Any) -> None:
    tab = open_page(anchor="#module-down_blocks.1.attentions.0.proj_in")
    assert "proj_in" in card(tab)
    assert lit(tab, "chosen") == {"down_blocks.1.attentions.0"}


def test_tables_sort_by_any_heading_and_filter_by_words(open_page: Any) -> None:
    tab = open_page()
    blocks = tab.locator("[data-table]").nth(1)
    macs = "all => all.map(one => Number(one.cells[3].dataset.key))"
    rows = blocks.locator("tbody tr")
    original = rows.evaluate_all(macs)
    blocks.get_by_role("button", name="MACs", exact=True).click()
    assert rows.evaluate_all(macs) == sorted(original, reverse=True)
    blocks.get_by_role("button", name="MACs", exact=True).click()
    assert rows.evaluate_all(macs) == sorted(original)
    blocks.get_by_role("button", name="MACs", exact=True).click()
    assert rows.evaluate_all(macs) == original
    blocks.get_by_label("Filter blocks").fill("up_blocks resnets")
    shown = blocks.locator("tbody tr:visible").evaluate_all("all => all.map(one => one.dataset.row)")
    assert shown
    assert all(is_within(one, "up_blocks") for one in shown)
    assert blocks.get_by_role("status").inner_text() == f"{len(shown)} of {len(original)}"


@pytest.mark.parametrize("name", SAMPLES)
def test_cost_over_size_is_that_of_the_sweep_to_the_unit(open_page: Any, name: str) -> None:
    tab = open_page(name)
    for side in (32, 96, 160):
        for axis in ("height", "width"):
            tab.locator(f'[data-axis="{axis}"]').fill(str(side))
        made: Sweep = api.sweep(name, latent=[side])
        assert tab.locator("[data-result] span").inner_text() == units.exact(made.rows[0].cost.macs)
    tab.locator('[data-axis="batch"]').fill("3")
    assert tab.locator("[data-result] span").inner_text() == units.exact(3 * made.rows[0].cost.macs)
    tab.locator('[data-axis="height"]').fill("33")
    assert "no formula holds for height 33" in tab.locator("[data-result]").inner_text()
    tab.locator('[data-axis="height"]').fill("1e9")
    assert "whole numbers" in tab.locator("[data-result]").inner_text()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1280])
@pytest.mark.parametrize("name", ["sdxl", "flux1-dev"])
def test_everybody_can_use_it(open_page: Any, name: str, width: int, scheme: str) -> None:
    tab = open_page(name, width=width, scheme=scheme, motion="reduce")
    tab.locator("figure [data-path]").nth(3).focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Escape")
    found = Axe().run(tab).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in serious] == []


@pytest.mark.parametrize("width", [320, 420, 760, 1280])
def test_the_page_is_no_wider_than_its_window(open_page: Any, width: int) -> None:
    tab = open_page("sdxl", width=width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_picture_and_tables_are_there_and_no_control(
    open_page: Any,
) -> None:
    tab = open_page(script=False)
    assert tab.locator("figure svg").is_visible()
    assert tab.get_by_text(units.exact(bundled("sd15").cost.macs)).first.is_visible()
    assert tab.locator("[data-table] tbody tr").count() > 40
    assert tab.get_by_text("MACs = batch × formula").is_visible()
    assert tab.locator("button:visible, input:visible").count() == 0


def test_printed_it_holds_picture_module_and_whole_tables_without_controls(open_page: Any) -> None:
    tab = open_page()
    tab.emulate_media(media="print")
    assert tab.locator("figure svg").is_visible()
    assert tab.locator(".bar, .filter, .contents, .keys").locator("visible=true").count() == 0
    wide = tab.locator(".listed .wide").nth(1)
    assert wide.evaluate("one => one.scrollHeight <= one.clientHeight + 1")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_is_small_needs_nothing_from_elsewhere_and_is_the_same_each_time(name: str) -> None:
    made = page_of(name)
    assert len(made.encode()) < 1_500_000
    assert "default-src 'none'" in made
    assert "'unsafe-inline'; script-src 'sha256-" in made
    licence = licence_text(zoo.preset(name).licence)
    assert licence is not None
    assert set(re.findall(r"https?://[^\s\"'<)`]+", made)) == {"http://www.w3.org/2000/svg", licence.text}
    assert not re.search(r"(?:src=|<link[^>]+href=|url\()[\"']?https?:", made)
    assert made == api.draw(name, format="html").text
    ids = re.findall(r' id="([^"]+)"', made)
    assert len(ids) == len(set(ids))


def test_every_figure_of_the_card_leads_to_where_it_comes_from() -> None:
    made = page_of("sdxl")
    sources = set(re.findall(r'href="#(from-[a-z]+)"', made))
    assert sources == {"from-parameters", "from-macs", "from-memory", "from-shapes"}
    assert all(f'id="{one}"' in made for one in sources)


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, name) for name, _ in attrs}
        if tag == "script":
            self.scripts.append(dict(attrs).get("type"))


def hostile() -> Architecture:
    """A network whose every word from a file is made to be obeyed, its first module's name too."""
    network = bundled("sd15")
    last = replace(network.by_path["conv_out"], path=MARKUP, type=MARKUP, attributes={MARKUP: MARKUP})
    nodes = tuple(last if node.path == "conv_out" else node for node in network.nodes)
    stages = tuple(
        replace(one, path=MARKUP, name=MARKUP) if one.path == "conv_out" else one for one in network.stages
    )
    facts = replace(network.facts, vae=MARKUP, provenance=MARKUP, aliases=(MARKUP,), licence=MARKUP)
    names = dict.fromkeys(("id", "title", "class_name", "source"), MARKUP)
    return replace(network, **names, nodes=nodes, stages=stages,
                   facts=facts, notes=(MARKUP,), uncounted=(MARKUP,), ignored_keys=(MARKUP,))  # fmt: skip


def test_what_a_file_says_is_text_in_the_page_and_nothing_else(open_page: Any) -> None:
    made = page(hostile(), command=MARKUP)
    plain, found = Tags(), Tags()
    plain.feed(page_of("sd15"))
    found.feed(made)
    assert found.scripts == plain.scripts
    assert found.found <= plain.found
    assert harmful(made) == judged_html(made, scripts=1) == []
    tab = open_page(text=made)
    shown = clean(MARKUP)
    assert tab.locator("h1").inner_text() == shown
    tab.locator("[data-find]").fill("script")
    tab.keyboard.press("Enter")
    assert shown in card(tab)


@pytest.mark.parametrize("look", [{"theme": "dark"}, {"theme": "paper"}, {"width": "full"}, {"title": False}])
def test_a_look_that_a_page_has_by_itself_is_refused(look: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="a page has a"):
        api.draw("sd15", format="html", **look)
