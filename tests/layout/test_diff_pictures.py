"""Pictures of a diff: every block and skip of both networks with what became of it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.networks.strategies import any_unet
from support.pictures.product import all_rules
from support.rules import assert_words_fit
from support.traces import spec_of
from unetscope import api
from unetscope.analysis.diff import Diff, compare
from unetscope.analysis.diff.insight import insight
from unetscope.errors import OutputError
from unetscope.layout.chain.blocks import chain
from unetscope.layout.diff import LAYOUTS, lay_out
from unetscope.layout.diff.labels import words_of
from unetscope.layout.diff.pairs import Columns, columns
from unetscope.layout.diff.skips import STYLES, fates
from unetscope.layout.parts.lanes import CORNER
from unetscope.layout.scene import Box, Group, Line, Scene, Text, flat
from unetscope.sizes import Size
from unetscope.words.insight import of_diff

pytestmark = pytest.mark.slow  # together they take long

SAMPLE = [
    ("sd15", "sd15-inpaint"),  # one tensor
    ("sd15", "sd21"),  # every transformer
    ("sdxl", "sdxl-turbo"),  # nothing
    ("sd15", "bk-sdm-small"),  # blocks and a stage go
    ("bk-sdm-tiny", "sd15"),  # blocks and stages come
    ("sd15", "sdxl"),  # both
]
MORE = [
    ("sd20-base", "sd20"), ("sdxl", "cosxl-edit"), ("sdxl", "koala-700m"), ("sdxl", "sdxl-refiner"),
    ("sd15", "bk-sdm-base"), ("sd15", "bk-sdm-tiny"), ("sdxl", "segmind-vega"), ("sd21", "sd-x4-upscaler"),
    ("sd15", "kandinsky-2.2"), ("ddpm-church", "ddpm-cifar10"), ("ddpm-cifar10", "sd15"),
]  # fmt: skip


def run(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "unetscope", "diff", *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@cache
def diff(a: str, b: str) -> Diff:
    return api.diff(a, b)


@cache
def placed(a: str, b: str) -> Columns:
    return columns(diff(a, b))


def words(drawn: Scene) -> list[str]:
    return [item.content for item in flat(drawn.items) if isinstance(item, Text)]


def side(drawn: Scene, name: str) -> Group:
    return next(item for item in drawn.items if isinstance(item, Group) and item.side == name)


def keeps_all_rules(pages: dict[str, Any], a: str, b: str, **look: Any) -> list[str]:
    given = diff(a, b)
    full, bare = (lay_out(given, paper=paper, command="unetscope diff", **look) for paper in (False, True))
    return all_rules(pages, full=full, bare=bare)[0]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("pair", SAMPLE, ids="-".join)
def test_a_picture_keeps_all_rules_in_every_theme_as_measured_in_a_browser(pages, pair, layout):
    assert keeps_all_rules(pages, *pair, layout=layout) == []


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("pair", MORE[::2], ids="-".join)
def test_pictures_of_many_pairs_keep_all_rules(pages, pair, layout):
    assert keeps_all_rules(pages, *pair, layout=layout) == []


@pytest.mark.parametrize("pair", SAMPLE[3:], ids="-".join)
def test_a_picture_as_wide_as_its_labels_need_keeps_all_rules(pages, pair):
    assert keeps_all_rules(pages, *pair, width="full") == []


@pytest.mark.parametrize("pair", SAMPLE + MORE, ids="-".join)
def test_columns_hold_every_block_of_both_networks_once_and_in_order(pair):
    found = placed(*pair)
    for network, after in zip((diff(*pair).a, diff(*pair).b), (False, True), strict=True):
        drawn = found.chain(after=after)
        assert [block.path for block in drawn.blocks()] == [block.path for block in chain(network).blocks()]
        assert all(block.state for block in drawn.blocks())


@pytest.mark.parametrize("pair", SAMPLE + MORE, ids="-".join)
def test_what_is_removed_one_way_is_added_the_other(pair):
    there, back = placed(*pair), placed(*reversed(pair))
    swapped = {"removed": "added", "added": "removed"}
    states = Counter(
        tuple(sorted(swapped.get(state, state) for state in slot.states)) for slot in there.slots
    )
    assert states == Counter(tuple(sorted(slot.states)) for slot in back.slots)


@pytest.mark.parametrize("pair", SAMPLE + MORE, ids="-".join)
def test_the_parameters_of_columns_and_of_what_stands_outside_add_up_to_the_difference(pair):
    given = diff(*pair)
    inside = sum(column.params for column in placed(*pair).stages)
    outside = [
        network.cost.params - sum(stage.cost.params for stage in chain(network).stages)
        for network in (given.a, given.b)
    ]
    assert inside + outside[1] - outside[0] == given.b.cost.params - given.a.cost.params


@pytest.mark.parametrize("pair", SAMPLE, ids="-".join)
def test_every_skip_of_both_networks_is_one_lane(pair):
    given, found = diff(*pair), placed(*pair)
    drawn = lay_out(given)
    for name, network, after in (("a", given.a, False), ("b", given.b, True)):
        if found.is_aligned and name == "a":
            continue  # one strip shows both
        # A lane goes around its last corner down to its concatenation, in one line.
        lanes = [
            (item.role, item.width, item.dashes)
            for item in flat(side(drawn, name).items)
            if isinstance(item, Line)
            and item.radius == CORNER
            and item.role != "dim"
            and item.points[-2][0] == item.points[-1][0]
        ]
        changed = Counter(fates(given, found, after=after).values())
        expected = Counter({STYLES[fate]: count for fate, count in changed.items()})
        expected[STYLES["kept"]] += len(network.skips) - changed.total()
        assert Counter(lanes) == +expected


def test_fates_of_skips_are_told_apart_without_colour():
    signs = {fate: (wide, dashes) for fate, (_, wide, dashes) in STYLES.items()}
    assert signs.pop("released") == signs["cut"]  # it is cut too
    assert len(set(signs.values())) == len(signs)


@pytest.mark.parametrize("pair", [*SAMPLE, *MORE[:6], ("sd15", "sd3-medium")], ids="-".join)
def test_a_picture_for_a_readme_is_900_px_wide(pair):
    assert lay_out(diff(*pair)).width == 900


@pytest.mark.parametrize("pair", [*SAMPLE, ("sdxl", "ssd-1b"), ("sd15", "sd3-medium")], ids="-".join)
@pytest.mark.parametrize("paper", [False, True])
def test_a_picture_for_one_column_is_460_px_wide_and_its_words_are_large(pair, paper):
    drawn = lay_out(diff(*pair), width="column", paper=paper)
    assert drawn.width == 460
    assert_words_fit(drawn)
    small = {item.content for item in flat(drawn.items) if isinstance(item, Text) and item.size < 12.6}
    assert small <= {"R", "A", "Cv"}


def test_networks_without_a_stage_in_common_stand_each_in_its_own_colours():
    assert placed("sd15", "sd3-medium").is_apart
    drawn = lay_out(diff("sd15", "sd3-medium"))
    assert "UNet2DConditionModel → SD3Transformer2DModel · no stage in common" in words(drawn)
    assert not {"removed", "added"} & set(words(drawn))


def test_a_pruned_student_stands_under_its_teacher_with_the_words_of_what_went():
    found = placed("sd15", "bk-sdm-small")
    assert [[line for line, _, _ in words_of(column)] for column in found.stages] == [
        ["unit 2", "−4.80 M"],
        ["unit 2", "−17.4 M"],
        ["unit 2", "−65.9 M"],
        ["unit 2", "−31.1 M"],
        ["all of Mid", "−97.0 M"],
        ["unit 2 with", "its concat", "−49.2 M"],
        ["unit 2 with", "its concat", "−83.9 M"],
        ["unit 2 with", "its concat", "−21.9 M"],
        ["unit 2 with", "its concat", "−5.93 M"],
    ]
    shown = words(lay_out(diff("sd15", "bk-sdm-small")))
    assert "377 M of 860 M parameters removed" in shown
    assert "12 skips: 4 kept, 8 cut, 4 of them re-joined" in shown
    assert "8 skips: 4 kept, 4 re-joined to another block" in shown
    assert {"126 load under another name", "270 keep their name", "290 of sd15 left out"} <= set(shown)
    assert {"−377,174,080", "−146,189,516,800", "−43.9 %", "−36.4 %"} <= set(shown)


def test_a_student_keeps_the_numbers_of_its_teacher():
    student = placed("sd15", "bk-sdm-tiny").chain(after=True)
    stages = [[block for block in stage.blocks if block.place] for stage in student.stages]
    places = [[block.letter + block.place for block in blocks] for blocks in stages]
    assert places == [
        ["R1,1", "A1,1"], ["R2,1", "A2,1"], ["R3,1", "A3,1"],
        ["R7,1", "A7,1", "R7,3", "A7,3"], ["R8,1", "A8,1", "R8,3", "A8,3"], ["R9,1", "A9,1", "R9,3", "A9,3"],
    ]  # fmt: skip


def test_a_wider_input_shows_each_channel_with_what_it_holds():
    shown = words(lay_out(diff("sd15", "sd15-inpaint")))
    assert "4 → 9" in shown
    digits = [word for word in shown if word.isdecimal() and len(word) == 1]
    assert digits == [*"0123", *"012345678", "0", "0"]
    assert {"noisy latent", "mask", "masked-", "image latent"} <= set(shown)
    assert {"(320, 4, 3, 3)", "(320, 9, 3, 3)"} <= set(shown)
    kept = "22 residual blocks · 16 transformers · 12 skips · 685 tensors load as they are"
    assert f"unchanged: {kept}" in shown
    assert {"+14,400", "+0.0017 %", "+58,982,400", "+0.0147 %"} <= set(shown)


def test_an_identical_network_is_all_kept_and_says_so():
    found = placed("sdxl", "sdxl-turbo")
    assert {state for slot in found.slots for state in slot.states} == {"kept"}
    shown = words(lay_out(diff("sdxl", "sdxl-turbo")))
    assert "identical network; scheduler, native size differ" in shown
    assert "all 1,680 tensors the same" in " ".join(shown)


def test_a_layer_that_differs_is_marked_inside_its_block():
    drawn = lay_out(diff("sd15", "sd21"))
    assert {"Inside A1,1", "heads × width: 8 × 40 → 5 × 64", "context width 768 → 1024"} <= set(words(drawn))


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (("sd15", "sd15-inpaint"), "All of the difference in parameters, 14,400, is in conv_in."),
        (
            ("sd15", "bk-sdm-small"),
            "The removed Mid held 11 % of the parameters and 2 % of the MACs; "
            "the blocks removed from 8 other stages held 33 % of the parameters and 35 % of the MACs.",
        ),
        (("sd15", "sdxl"), "Up 1 gains most: 948 M parameters; the whole network gains 1.71 B."),
        (("bk-sdm-base", "sd15"), "Up 2 gains most: 83.9 M parameters, of 280 M in all."),
        (
            ("sdxl", "ssd-1b"),
            "The removed blocks held 382 M parameters (15 %) and 11 % of the MACs; layers removed from "
            "transformers that stay held 854 M parameters (33 %) and 27 % of the MACs; "
            "Down 3 and Up 1 lose most: 417 M parameters each.",
        ),
        (("sdxl", "sdxl-turbo"), "All 1,680 tensors of sdxl-turbo have their counterparts in sdxl."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_the_insight_says_where_the_difference_lies(pair, expected):
    assert of_diff(diff(*pair), insight(diff(*pair))) == expected


@pytest.mark.parametrize("format_", ["svg", "png", "html", "json", "txt"])
def test_the_suffix_of_the_target_says_the_format(format_: str, tmp_path: Path):
    target = tmp_path / f"d.{format_}"
    result = run("sd15", "sd15-inpaint", "-o", str(target))
    assert (result.returncode, result.stdout) == (0, f"{target}\n")
    first = {"svg": b"<svg", "png": b"\x89PNG", "html": b"<!doctype html>", "json": b"{", "txt": b"Stable"}
    assert target.read_bytes().startswith(first[format_])


def test_a_picture_names_the_command_that_draws_it_again(tmp_path: Path):
    run("sd15", "sd20-base", "--layout", "u", "-o", str(tmp_path / "d.svg"))
    assert "unetscope diff sd15 sd20-base --format svg --layout u<" in (tmp_path / "d.svg").read_text()


@pytest.mark.parametrize("part", [["--stat"], ["--only", "blocks"], ["--transfer"]], ids=lambda part: part[0])
def test_parts_of_the_text_are_no_parts_of_a_picture(part: list[str], tmp_path: Path):
    target = tmp_path / "d.svg"
    assert run("sd15", "sd15", *part, "-o", str(target)).returncode == 2
    assert not target.exists()


def test_an_unknown_layout_is_refused_with_those_there_are():
    with pytest.raises(OutputError) as caught:
        lay_out(diff("sd15", "sd15-inpaint"), layout="column")
    assert "strip, u" in caught.value.hint


@pytest.mark.slow
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # one example takes a second: shrinking would take minutes
)
@given(configs=st.tuples(any_unet(), any_unet()))
def test_any_two_networks_are_drawn_with_every_block_in_its_place(configs):
    from unetscope.tracing import trace

    a, b = (trace(spec_of(config, name=name), Size()) for config, name in zip(configs, "ab", strict=True))
    differing = compare(a, b, trials=None, common=a.basis == b.basis, unknown="not asked")
    found = columns(differing)
    for network, after in ((a, False), (b, True)):
        drawn = [block.path for block in found.chain(after=after).blocks()]
        assert drawn == [block.path for block in chain(network).blocks()]
    for layout in LAYOUTS:
        for width in ("readme", "full"):
            assert_words_fit(lay_out(differing, layout=layout, width=width))


def test_a_cut_skip_of_a_u_ends_in_a_cross_and_no_arrowhead():
    drawn = lay_out(diff("sd15", "bk-sdm-small"), layout="u")
    lines = [item for item in flat(drawn.items) if isinstance(item, Line) and item.dashes == (5.0, 3.0)]
    assert lines
    assert not any(line.head for line in lines)


@pytest.mark.parametrize("pair", [("sd15", "bk-sdm-small"), ("sdxl", "ssd-1b"), ("sd15", "sdxl")])
def test_a_block_of_both_networks_stands_on_the_same_line_of_both_us(pair):
    drawn, found = lay_out(diff(*pair), layout="u"), placed(*pair)
    assert drawn.width == 900
    lines = [tops(side(drawn, name)) for name in "ab"]
    kept = [(slot.before, slot.after) for slot in found.slots if slot.before and slot.after]
    level = {role for stage in found.stages if stage.stage.stage.role != "mid" for role in stage.slots}
    pairs = [(one.path, other.path) for one, other in kept if one.skip is None]
    in_mid = {slot.before.path for slot in found.slots if slot not in level and slot.before}
    assert pairs
    for before, after in pairs:
        assert before in in_mid or lines[0][before] == lines[1][after], (before, after)


def tops(half: Group) -> dict[str, float]:
    """The y of every cell, by the path of its block."""
    groups = [item for item in half.items if isinstance(item, Group) and item.path]
    return {
        group.path: next(item for item in group.items if isinstance(item, Box)).frame.y
        for group in groups
        if isinstance(group.items[0], Box)
    }


def test_networks_with_too_many_stages_for_one_strip_stand_as_us_side_by_side():
    drawn = lay_out(diff("sd15", "ddpm-church"))
    assert drawn.width == 900
    assert {side(drawn, name).side for name in "ab"} == {"a", "b"}
