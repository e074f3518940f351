"""The page of a diff beside its picture: the card of a block in both networks, Find, stages, print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support.traces import bundled
from unetscope import api
from unetscope.render.diff import as_html
from unetscope.words import units


@cache
def made() -> str:
    return as_html.page(api.diff("sd15", "bk-sdm-small"))


@pytest.fixture
def open_page(tabs: Any, tmp_path: Path) -> Iterator[Any]:
    """Opens the page in a tab; what it complains of or fetches fails the test."""
    with ExitStack() as stack:

        def opened(**options: Any) -> Any:
            tab = stack.enter_context(tabs.lent(**options))
            (tmp_path / "page.html").write_text(made())
            tab.goto((tmp_path / "page.html").as_uri())
            if options.get("script", True):
                tab.wait_for_selector("[data-pair]:not([hidden])")
            return tab

        yield opened


def card(tab: Any) -> dict[str, list[str]]:
    """Each fact of the card with its values: one where both networks agree."""
    rows = tab.locator("[data-pair] tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(one => one.textContent))"
    )
    return {name: values for name, *values in rows}


def block(tab: Any, side: str, path: str) -> Any:
    return tab.locator(f'figure [data-side="{side}"] [data-path="{path}"]').last


KEPT, RENAMED, REMOVED = "down_blocks.0.resnets.0", "up_blocks.3.resnets.2", "mid_block.resnets.0"


@pytest.mark.parametrize("how", ["hover", "focus", "tap"])
def test_what_is_the_same_in_both_networks_is_told_once(open_page: Any, how: str) -> None:
    tab = open_page(touch=how == "tap")
    getattr(block(tab, "a", KEPT), how)()
    told, cost = card(tab), bundled("sd15").costs[KEPT]
    assert told["path"] == [KEPT]
    assert told["parameters"] == [units.exact(cost.params)]
    assert told["MACs"] == [units.exact(cost.macs)]


def test_a_block_that_moved_has_both_its_paths_and_its_other_facts_once(open_page: Any) -> None:
    tab = open_page()
    block(tab, "a", RENAMED).hover()
    told = card(tab)
    assert told["path"] == [RENAMED, "up_blocks.3.resnets.1"]
    assert told["parameters"] == [units.exact(bundled("sd15").costs[RENAMED].params)]


def test_a_block_that_one_network_lacks_has_a_dash_there(open_page: Any) -> None:
    tab = open_page()
    block(tab, "a", REMOVED).hover()
    assert card(tab)["parameters"] == [units.exact(bundled("sd15").costs[REMOVED].params), "–"]
    tab.mouse.move(5, 5)
    whole = [units.exact(bundled(name).cost.params) for name in ("sd15", "bk-sdm-small")]
    assert card(tab)["parameters"] == whole


def test_find_leaves_the_changes_that_hold_every_word_and_escape_brings_all_back(open_page: Any) -> None:
    tab = open_page()
    changes = tab.locator("button[data-kind]:visible")
    before = changes.count()
    tab.locator("[data-find]").fill("UP_blocks.1 resnets.1")
    found = changes.all_inner_texts()
    assert found
    assert all("up_blocks.1" in one and "resnets.1" in one for one in found)
    noun = "change" if len(found) == 1 else "changes"
    assert tab.locator("[data-told]").inner_text() == f"{len(found)} {noun} found"
    tab.keyboard.press("Escape")
    assert tab.locator("[data-find]").input_value() == ""
    assert changes.count() == before


def test_find_says_when_nothing_holds_the_words(open_page: Any) -> None:
    tab = open_page()
    tab.locator("[data-find]").fill("no such module")
    assert tab.locator("[data-told]").inner_text() == "0 changes found"
    assert tab.locator("button[data-kind]:visible").count() == 0


def test_a_row_of_the_table_of_stages_lights_its_stage_and_the_filter_leaves_some(open_page: Any) -> None:
    tab = open_page()
    table = tab.locator("[data-table]").first
    rows = table.locator("tbody tr")
    every = rows.count()
    table.locator('tr[data-row="mid_block"]').hover()
    lit = tab.eval_on_selector_all("figure .chosen", "all => all.map(one => one.dataset.path)")
    assert lit
    assert all(path.startswith("mid_block") for path in lit)
    table.get_by_label("Filter stages").fill("up_blocks")
    shown = rows.locator("visible=true")
    assert 0 < shown.count() < every
    assert table.get_by_role("status").inner_text() == f"{shown.count()} of {every}"


def test_printed_it_holds_picture_totals_and_changes_without_controls(open_page: Any) -> None:
    tab = open_page()
    tab.emulate_media(media="print")
    assert tab.locator("figure svg").is_visible()
    assert tab.locator("table.totals").is_visible()
    assert tab.locator("[data-kind]:visible").count() > 20
    assert tab.locator(".bar, .filter, .keys").locator("visible=true").count() == 0


def test_without_script_picture_tables_and_changes_are_there_and_no_control(open_page: Any) -> None:
    tab = open_page(script=False)
    assert tab.locator("figure svg").is_visible()
    assert tab.locator("table.totals").is_visible()
    assert tab.locator("[data-table] tbody tr").count() > 8
    assert tab.locator("[data-kind]:visible").count() > 20
    assert tab.locator("button:visible, input:visible, [data-pair]:visible").count() == 0


def test_pages_of_one_diff_name_each_change_once() -> None:
    ids = re.findall(r' id="([^"]+)"', made())
    assert len(ids) == len(set(ids))
