"""The page of a diff, driven in Chromium: changes show their blocks, blocks their changes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from support.hostile import MARKUP
from unetscope import api
from unetscope.difference.changes import ConfigChange, SkipChange, Verdict, of
from unetscope.render.diff import as_html


@cache
def page_of(a: str, b: str, layout: str = "strip") -> str:
    return as_html.page(api.diff(a, b), layout=layout)


@pytest.fixture
def page(tabs: Any) -> Iterator[Any]:
    """An empty tab; what its page complains of or fetches fails the test."""
    with tabs.lent(width=1100) as tab:
        yield tab


def chosen(page: Any) -> set[str]:
    named = "one => `${one.closest('[data-side]').dataset.side} ${one.dataset.path}`"
    return set(page.eval_on_selector_all("[data-path].chosen", f"all => all.map({named})"))


def noted(page: Any) -> list[str]:
    """The words of brackets that are lit."""
    found = page.eval_on_selector_all(
        "figure .chosen:not([data-path])", "all => all.map(one => one.textContent)"
    )
    return [text.replace("\n", "") for text in found if text]


def seen(page: Any) -> dict[str, set[str]]:
    """What of the picture is shown in full and what fades, by the path or the words of each part."""
    parts = "[data-path], [data-a], [data-b]"
    page.wait_for_timeout(250)  # the transition's own time
    found = page.eval_on_selector_all(
        f"figure :is({parts})",
        "all => all.map(one => [getComputedStyle(one).opacity, one.dataset.path ?? one.textContent])",
    )
    return {
        kind: {name for opacity, name in found if (opacity == "1") == (kind == "full")}
        for kind in ("full", "faded")
    }


@pytest.mark.slow
def test_choosing_a_removed_block_shows_it_in_its_network_alone(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    change = page.get_by_role("button", name=re.compile("R1,2 down_blocks.0.resnets.1"))
    change.click()
    assert change.get_attribute("aria-pressed") == "true"
    assert chosen(page) == {"a down_blocks.0.resnets.1"}
    change.click()
    assert chosen(page) == set()


def test_choosing_a_renamed_block_shows_it_under_both_names(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    page.get_by_role("button", name=re.compile("R9,3 up_blocks.3.resnets.2")).click()
    assert chosen(page) == {"a up_blocks.3.resnets.2", "b up_blocks.3.resnets.1"}


def test_choosing_a_cause_shows_all_blocks_it_explains(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    page.get_by_role("button", name=re.compile("≠ mid_block_type")).click()
    shown = {path for path in chosen(page) if path.startswith("a mid_block")}
    assert {"a mid_block.resnets.0", "a mid_block.attentions.0", "a mid_block.resnets.1"} <= shown


@pytest.mark.parametrize("layout", ["strip", "u"])
def test_a_cause_lights_all_that_it_did_and_nothing_else(page, layout):
    page.set_content(page_of("sd15", "bk-sdm-small", layout))
    page.get_by_role("button", name=re.compile("≠ layers_per_block")).click()
    given = api.diff("sd15", "bk-sdm-small")
    mine = [one for one in given.changes if one.cause == ("layers_per_block",)]
    skips = [side for one in of(SkipChange, mine) for side in (one.before, one.after) if side]
    lanes = {f"skip:{skip.source}>{skip.target}" for skip in skips}
    units = ("resnets.1", "attentions.1", "resnets.2", "attentions.2")
    shown = seen(page)
    assert len(lanes) == 12
    assert lanes <= shown["full"]
    blocks = {path for path in shown["full"] if "blocks." in path} - lanes
    assert all(path.endswith(units) for path in blocks)
    assert {f"down_blocks.{index}.resnets.1" for index in range(4)} <= blocks
    assert {path for path in shown["faded"] if path.startswith("mid_block")} >= {"mid_block.resnets.0"}
    if layout == "strip":
        assert noted(page) == [
            "unit 2−4.80 M", "unit 2−17.4 M", "unit 2−65.9 M", "unit 2−31.1 M",
            "unit 2 withits concat−49.2 M", "unit 2 withits concat−83.9 M", "unit 2 withits concat−21.9 M",
            "unit 2 withits concat−5.93 M",
        ]  # fmt: skip
        assert {"all of Mid−97.0 M", "no Mid"} <= {text.replace("\n", "") for text in shown["faded"]}


def test_the_bracket_of_the_mid_block_is_lit_by_its_own_cause_alone(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    page.get_by_role("button", name=re.compile("≠ mid_block_type")).click()
    assert noted(page) == ["all of Mid−97.0 M", "no Mid"]
    assert not any(path.startswith("skip:") for path in seen(page)["full"])
    page.keyboard.press("Escape")
    assert seen(page)["faded"] == set()


def test_choosing_a_skip_lights_its_lane_and_both_its_ends(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    page.get_by_role("button", name=re.compile("− down_blocks.3.resnets.0 to up_blocks.0.resnets.1")).click()
    lane = "a skip:down_blocks.3.resnets.0>up_blocks.0.resnets.1"
    assert chosen(page) == {lane, "a down_blocks.3.resnets.0", "a up_blocks.0.resnets.1"}


def test_a_verdict_of_what_was_added_is_not_red(page):
    page.set_content(page_of("bk-sdm-small", "sd15"))
    added, sign = (
        page.eval_on_selector(name, "one => getComputedStyle(one).color")
        for name in (".verdict", ".added .sign")
    )
    assert added == sign


def test_tensors_of_one_layer_fold_out(page):
    page.set_content(page_of("sd15", "sd21"))
    to_k = page.get_by_role("button", name=re.compile(r"down_blocks.0.attentions.0.*attn2.to_k.weight"))
    assert not to_k.is_visible()
    page.get_by_text("≠ attn2.to_k — 16 reshaped").click()
    to_k.click()
    assert chosen(page) == {"b down_blocks.0.attentions.0"}


def test_choosing_a_tensor_in_one_strip_shows_its_block(page):
    page.set_content(page_of("sd15", "sd15-inpaint"))
    page.get_by_role("button", name=re.compile("conv_in.weight")).click()
    assert chosen(page) == {"b conv_in"}


def test_arrows_move_from_change_to_change_and_escape_shows_all_again(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    blocks = page.locator('button[data-kind="block"]')
    blocks.nth(0).focus()
    page.keyboard.press("Enter")
    first = chosen(page)
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    assert chosen(page)
    assert chosen(page) != first
    page.keyboard.press("ArrowUp")
    assert chosen(page) == first
    page.keyboard.press("Escape")
    assert chosen(page) == set()


def test_what_is_focused_does_not_lie_under_the_picture(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    blocks = page.locator('button[data-kind="block"]')
    blocks.last.focus()
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    focused = page.evaluate("document.activeElement.getBoundingClientRect().top")
    assert focused >= page.evaluate("document.querySelector('.seen').getBoundingClientRect().bottom") - 1


def test_choosing_a_block_leaves_only_its_changes(page):
    page.set_content(page_of("sd15", "bk-sdm-small"))
    page.locator('[data-side="a"] [data-path="up_blocks.1.resnets.1"]').last.click()
    kinds = page.locator("button[data-kind]:visible").evaluate_all("all => all.map(one => one.dataset.kind)")
    assert set(kinds) == {"config", "block", "skip", "tensor"}
    assert page.get_by_role("status").inner_text().endswith("changes in up_blocks.1.resnets.1")
    for text in page.locator('button[data-kind="tensor"]:visible .what').all_inner_texts():
        assert "up_blocks.1.resnets.1" in text


def test_a_kind_of_change_can_be_shown_alone(page):
    page.set_content(page_of("sd15", "sd21"))
    page.get_by_role("button", name="config", exact=True).click()
    kinds = page.locator("button[data-kind]:visible").evaluate_all("all => all.map(one => one.dataset.kind)")
    assert set(kinds) == {"config"}
    page.get_by_role("button", name="all", exact=True).click()
    assert page.locator('button[data-kind="scheduler"]:visible').count() > 0


@pytest.mark.parametrize("width", [360, 1100])
def test_the_page_is_no_wider_than_its_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(page_of("sd15", "sdxl"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_change_is_behind_one_button():
    """Blocks of one list that came together, such as transformer_blocks.1–9, share theirs."""
    given = api.diff("sd15", "sdxl")
    causes = len(given.groups or ())
    blocks = [change for change in given.changes if change.kind == "block"]
    others = sum(change.kind not in ("config", "block") for change in given.changes)
    line = r'data-kind="(\w+)"(?: data-a="([^"]*)")?( data-b="([^"]*)")?>'
    lines = re.findall(line, page_of("sd15", "sdxl"))
    buttons = [(kind, a, b if told else a) for kind, a, told, b in lines]
    assert sum(kind != "block" for kind, _, _ in buttons) == causes + others
    shown = [(kind, a.split(), b.split()) for kind, a, b in buttons if kind == "block"]
    for side, index in (("before", 1), ("after", 2)):
        told = Counter(path for button in shown for path in button[index])
        assert told == Counter(getattr(one, side).path for one in blocks if getattr(one, side))
    assert len(shown) < len(blocks)


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_what_a_file_says_is_text_in_the_page_and_nothing_else():
    given = api.diff("sd15", "sd15-inpaint")
    hostile = ConfigChange("changed", f"x{MARKUP}", MARKUP, f'"{MARKUP}')
    network = replace(given.a, id=MARKUP, title=MARKUP, class_name=MARKUP)
    changes = (hostile, *given.changes)
    made = as_html.page(
        replace(
            given,
            a=network,
            verdict=Verdict("identical", (MARKUP,)),
            groups=None,
            unknown=MARKUP,
            changes=changes,
        )
    )
    plain, found = Tags(), Tags()
    plain.feed(page_of("sd15", "sd15-inpaint"))
    found.feed(made)
    kinds = [attributes.get("type") for tag, attributes in found.found if tag == "script"]
    assert kinds == ["application/json", None]
    known = {(tag, name) for tag, attributes in plain.found for name in attributes}
    assert {(tag, name) for tag, attributes in found.found for name in attributes} <= known
    assert "\x1b" not in made
    assert "\u202e" not in made


def test_a_page_needs_nothing_from_elsewhere_and_is_the_same_each_time():
    made = page_of("sd15", "bk-sdm-tiny", "u")
    assert "default-src 'none'" in made
    assert not re.findall(r'(?:src|href)="', made)
    assert set(re.findall(r"https?://[^\s\"'<)]+", made)) == {"http://www.w3.org/2000/svg"}
    assert made == as_html.page(api.diff("sd15", "bk-sdm-tiny"), layout="u")


def test_every_change_has_an_address_of_its_own_that_leads_to_it(page, tmp_path):
    made = page_of("sd15", "sd21")
    ids = re.findall(r'<li id="([^"]+)"', made)
    assert len(ids) == len(set(ids)) == made.count('<div class="line" data-kind=')
    (tmp_path / "page.html").write_text(made)
    page.goto((tmp_path / "page.html").as_uri() + "#tensor-down_blocks.0.attentions.0.proj_in.weight")
    button = page.locator('[aria-pressed="true"][data-kind="tensor"]')
    assert button.is_visible()
    assert chosen(page) == {"b down_blocks.0.attentions.0"}
    page.locator("button.line", has_text=re.compile("cross_attention_dim")).first.click()
    assert page.evaluate("location.hash").startswith("#")
    page.keyboard.press("Escape")
    assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize("where", ["figure", ".wide"])
def test_what_is_wider_than_a_window_is_moved_by_keys(page, where):
    page.set_content(page_of("sd15", "sdxl"))
    assert page.locator(where).first.get_attribute("tabindex") == "0"
    page.set_viewport_size({"width": 420, "height": 800})
    page.locator("figure").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('figure').scrollLeft") > 0
