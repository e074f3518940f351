"""Colours that stay apart: in light and dark, in grey, and for readers who see fewer of them."""

from __future__ import annotations

from itertools import combinations, pairwise

import coloraide
import pytest

from unetscope.layout.shades import SHADES, WORK_SHADES
from unetscope.render.picture.theme import CUES, DARK, LIGHT, PAPER, Palette

Color = coloraide.Color

THEMES = {"light": LIGHT, "dark": DARK}
EVERY = THEMES | {"paper": PAPER}
FILLS = ("residual", "attention", "feed-forward", "conv-block", "conv", "concat")
# What stands on what: text and the ground under it.
TEXT_ON = [
    ("ink", "background"), ("ink", "card"), ("dim", "background"), ("dim", "card"),
    ("residual-ink", "residual"), ("residual-ink", "conv"),
    ("attention-ink", "attention"), ("attention-ink", "conv"),
    ("feed-forward-ink", "feed-forward"), ("feed-forward-ink", "conv"),
    ("conv-ink", "conv"), ("other-ink", "other"), ("conv-block-ink", "conv-block"),
    ("background", "time"), ("background", "context"), ("time", "card"),
    ("params", "background"), ("params", "card"), ("macs-ink", "background"), ("macs-ink", "card"),
    *((ink, fill) for fill, ink in (*SHADES, *WORK_SHADES)),
]  # fmt: skip
MARKS_ON = [
    ("flow", "background"), ("flow", "card"), ("skip", "background"), ("skip", "card"),
    ("outline", "background"), ("residual-ink", "card"), ("attention-ink", "card"),
    ("feed-forward-ink", "card"), ("conv-ink", "card"), ("conv-ink", "conv"), ("other-ink", "card"),
    ("conv-block-ink", "card"), ("conv-block-ink", "conv-block"),
    ("concat", "card"), ("concat-ink", "concat"), ("time", "residual"), ("context", "attention"),
    ("params", "background"), ("macs-ink", "background"), ("macs-ink", "macs"), ("time", "card"),
]  # fmt: skip
SIGHTS = ("protan", "deutan", "tritan")


def lightness(colour: str) -> float:
    return float(Color(colour).convert("lab")["lightness"])


def contrast(palette: Palette, first: str, second: str) -> float:
    a, b = palette[first], palette[second]  # type: ignore[index]
    return float(Color(a).contrast(b, method="wcag21"))


def seen(colour: str, sight: str) -> object:
    return Color(colour).filter(sight)


@pytest.mark.parametrize("theme", THEMES)
def test_fills_of_different_kinds_differ_in_lightness(theme):
    palette = THEMES[theme]
    for a, b in combinations(FILLS, 2):
        assert abs(lightness(palette[a]) - lightness(palette[b])) >= 8, (a, b)


@pytest.mark.parametrize("shades", [SHADES, WORK_SHADES], ids=["params", "work"])
@pytest.mark.parametrize("theme", THEMES)
def test_steps_of_the_scale_rise_in_lightness_and_are_no_concatenation(theme, shades):
    palette = THEMES[theme]
    steps = [lightness(palette[fill]) for fill, _ in shades]
    rise = [later - earlier for earlier, later in pairwise(steps)]
    assert all(abs(step) >= 8 for step in rise)
    assert len({step > 0 for step in rise}) == 1
    assert all(abs(step - lightness(palette["concat"])) >= 8 for step in steps)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("shades", [SHADES, WORK_SHADES], ids=["params", "work"])
@pytest.mark.parametrize("theme", THEMES)
def test_steps_of_the_scale_stay_apart_under_colour_blindness(theme, sight, shades):
    palette = THEMES[theme]
    for (a, _), (b, _) in pairwise(shades):
        assert seen(palette[a], sight).delta_e(seen(palette[b], sight), method="2000") >= 8


def test_on_paper_fills_of_equal_grey_carry_different_cues():
    for a, b in combinations(FILLS, 2):
        alike = abs(lightness(PAPER[a]) - lightness(PAPER[b])) < 8
        cues = CUES["paper"].get(a), CUES["paper"].get(b)
        assert not alike or cues[0] != cues[1], (a, b)
    assert (PAPER["residual"], PAPER["attention"], PAPER["conv"], PAPER["concat"]) == (
        "#bdd7ee", "#c5e0b4", "#dbdbdb", "#595959"
    )  # fmt: skip


@pytest.mark.parametrize("theme", EVERY)
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_stands_out_from_its_ground(theme, text, ground):
    assert contrast(EVERY[theme], text, ground) >= 4.5


@pytest.mark.parametrize("theme", EVERY)
@pytest.mark.parametrize(("mark", "ground"), MARKS_ON)
def test_lines_and_marks_stand_out_from_their_ground(theme, mark, ground):
    assert contrast(EVERY[theme], mark, ground) >= 3


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_fills_stay_apart_under_colour_blindness(theme, sight):
    palette = THEMES[theme]
    for a, b in combinations(FILLS, 2):
        difference = seen(palette[a], sight).delta_e(seen(palette[b], sight), method="2000")
        assert difference >= 8, (a, b, difference)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_the_two_bars_of_a_stage_stay_apart_under_colour_blindness(theme, sight):
    palette = THEMES[theme]
    difference = seen(palette["params"], sight).delta_e(seen(palette["macs"], sight), method="2000")
    assert difference >= 10


@pytest.mark.parametrize("theme", THEMES)
def test_the_two_bars_of_a_stage_stay_apart_in_grey(theme):
    palette = THEMES[theme]
    assert abs(lightness(palette["params"]) - lightness(palette["macs"])) >= 8


@pytest.mark.parametrize("theme", THEMES)
def test_the_unknown_kind_has_a_dashed_outline_since_its_fill_is_near_another(theme):
    palette = THEMES[theme]
    assert contrast(palette, "other-ink", "other") >= 4.5
