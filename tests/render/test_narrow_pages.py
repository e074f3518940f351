"""Pages in a narrow window: every number of a table is seen whole, without moving anything sideways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope import api
from unetscope.analysis.comparison import compare
from unetscope.cli.commands import unetscope
from unetscope.render.comparison import pages as comparison_pages
from unetscope.render.diff import as_html

CUT = """() => [...document.querySelectorAll('tbody th, td')].filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const text = range.getBoundingClientRect();
    if (!text.width) return false;
    for (let around = one.parentElement; around; around = around.parentElement) {
        const frame = around.getBoundingClientRect();
        const hides = getComputedStyle(around).overflowX !== 'visible';
        if (hides && (text.right > frame.right + 1 || text.left < frame.left - 1)) return true;
    }
    return text.right > document.documentElement.clientWidth + 1;
}).map((one) => one.textContent)"""


@pytest.fixture
def tab(tabs: Any) -> Iterator[Any]:
    with tabs.lent() as found:
        yield found


def pages_of(name: str) -> str:
    match name:
        case "table":
            return CliRunner().invoke(unetscope, ["table", "sd15", "--format", "html"]).output
        case "deep table":
            return CliRunner().invoke(unetscope, ["table", "sdxl", "--depth", "3", "--format", "html"]).output
        case "comparison":
            return comparison_pages.html(compare([bundled("sd15"), bundled("sd21"), bundled("sdxl")]))
    return as_html.page(api.diff("sd15", "bk-sdm-small"))


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 420, 760, 1200, 1500])
@pytest.mark.parametrize("name", ["table", "deep table", "comparison", "diff"])
def test_no_number_of_a_table_is_cut(tab: Any, name: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.set_content(pages_of(name))
    assert tab.evaluate(CUT) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_a_row_in_a_narrow_window_names_each_of_its_numbers(tab: Any) -> None:
    tab.set_viewport_size({"width": 420, "height": 900})
    tab.set_content(pages_of("table"))
    row = tab.locator("tbody tr", has_text="Down 1")
    labels = row.locator("td").evaluate_all(
        "all => all.map((one) => getComputedStyle(one, '::before').content)"
    )
    assert labels[:4] == ['"params"', '"% of params"', '"MACs"', '"% of MACs"']
    assert row.locator("td").nth(2).inner_text() == "54,775,480,320"
