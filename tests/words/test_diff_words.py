"""What is said of a difference: verdicts, what went by what it was, and colours that mean one thing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from support.networks import SMALL
from unetscope import api
from unetscope.analysis.diff import blocks
from unetscope.analysis.diff.alignment import align
from unetscope.analysis.diff.insight import insight
from unetscope.analysis.diff.trials import Trial
from unetscope.difference import Diff, Impact
from unetscope.difference.changes import BlockChange, BlockSide, SkipChange, of
from unetscope.difference.insights import Counterparts, Loss
from unetscope.layout.diff import lay_out
from unetscope.layout.scene import Text, flat
from unetscope.model import Role, Stage, Tensor
from unetscope.words import diff as words
from unetscope.words.insight import of_diff, verdict


@cache
def diff(a: str, b: str) -> Diff:
    return api.diff(a, b)


def ink_of(given: Diff, content: str) -> set[str]:
    return {
        one.role for one in flat(lay_out(given).items) if isinstance(one, Text) and one.content == content
    }


@pytest.mark.parametrize(
    ("pair", "pill", "sentence"),
    [
        (
            ("sdxl", "segmind-vega"),
            "1.82 B of 2.57 B parameters removed",
            "The removed blocks held 382 M parameters (15 %) and 11 % of the MACs; layers removed from "
            "transformers that stay held 1.44 B parameters (56 %) and 47 % of the MACs; "
            "Up 1 loses most: 834 M parameters.",
        ),
        (
            ("ssd-1b", "segmind-vega"),
            "586 M of 1.33 B parameters removed",
            "Layers removed from transformers that stay held 586 M parameters (44 %) and 33 % of the MACs; "
            "Up 1 loses most: 417 M parameters.",
        ),
        (
            ("sdxl", "koala-700m"),
            "1.78 B of 2.57 B parameters removed",
            "The removed Mid held 413 M parameters (16 %) and 12 % of the MACs; blocks removed from other "
            "stages held 850 M parameters (33 %) and 33 % of the MACs; layers removed from transformers "
            "that stay held 521 M parameters (20 %) and 15 % of the MACs.",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_blocks_and_layers_taken_out_of_blocks_are_told_apart(
    pair: tuple[str, str], pill: str, sentence: str
) -> None:
    given = diff(*pair)
    assert verdict(given, insight(given)) == pill
    assert of_diff(given, insight(given)) == sentence


@pytest.mark.parametrize(
    "pair",
    [
        ("sd15", "bk-sdm-small"), ("sd15", "bk-sdm-tiny"), ("sdxl", "ssd-1b"), ("sdxl", "segmind-vega"),
        ("sdxl", "koala-1b"), ("sdxl", "koala-700m"), ("ssd-1b", "segmind-vega"),
    ],
)  # fmt: skip
def test_what_went_adds_up_to_all_that_the_smaller_network_lacks(pair: tuple[str, str]) -> None:
    given = diff(*pair)
    lost = insight(given)
    assert isinstance(lost, Loss)
    whole = lost.blocks.params + lost.layers.params + (lost.stages.cost.params if lost.stages else 0)
    assert whole == given.a.cost.params - given.b.cost.params


def test_heads_that_are_split_otherwise_leave_the_same_tensors_computed_otherwise(tmp_path: Path) -> None:
    found = api.diff(SMALL, SMALL | {"attention_head_dim": 8}, cache_folder=tmp_path)
    assert (found.verdict.kind, found.identical) == ("computation", False)
    assert words.verdict(found.verdict) == "same tensors, computed otherwise"


def test_an_equal_number_of_parameters_does_not_make_counterparts() -> None:
    given = diff("sdxl", "sdxl-turbo")
    assert insight(given) == Counterparts(1680)


def network(path: str, count: int) -> Trial:
    """A network that was only built, of one stage."""
    role: Role = "up" if path.startswith("up") else "down"
    stages = (Stage(path, role, role),)
    return Trial((), "b", tuple(units(path, count)), stages, {}, (), Impact("none"))


def units(path: str, count: int) -> list[Tensor]:
    """A stage of equal residual blocks."""
    return [
        Tensor(
            f"{path}.resnets.{index}.conv1.weight",
            (8, 8, 3, 3),
            "float32",
            f"{path}.resnets.{index}.conv1",
            "parameter",
        )
        for index in range(count)
    ]


@pytest.mark.parametrize(
    ("stage", "expected"),
    [("down_blocks.0", [0, 1, 2, None]), ("up_blocks.0", [0, None, 1, 2])],
)
def test_of_equal_blocks_the_near_ones_pair_first_in_down_stages_last_in_up_stages(
    stage: str, expected: list[int | None]
) -> None:
    """Up stages pair from the last, as their skips do; the first of either keeps its number."""
    four, three = (network(stage, count) for count in (4, 3))
    there, back = align(four, three), align(three, four)
    names = [f"{stage}.resnets.{index}" for index in range(4)]
    assert [there.moved(name) for name in names] == [
        None if index is None else f"{stage}.resnets.{index}" for index in expected
    ]
    assert [back.moved(name) for name in names[:3]] == [names[expected.index(index)] for index in range(3)]


def test_a_skip_that_joins_another_block_is_not_called_cut() -> None:
    given = diff("sd15", "bk-sdm-small")
    assert [one.change for one in of(SkipChange, given.changes)].count("changed") == 4
    shown = {one.content for one in flat(lay_out(given).items) if isinstance(one, Text)}
    assert "12 skips: 4 kept, 8 cut, 4 of them re-joined" in shown
    back = {one.content for one in flat(lay_out(diff("bk-sdm-small", "sd15")).items) if isinstance(one, Text)}
    assert "8 skips: 4 kept, 4 cut and re-joined" in back
    assert "12 skips: 4 kept, 4 re-joined to another block, 4 new" in back


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pair", "content", "expected"),
    [
        (("bk-sdm-small", "sd15"), "377 M parameters added", "new"),
        (("sd15", "sdxl"), "A ×1 → ×10", "new"),
        (("sdxl", "sd15"), "A ×10 → ×1", "gone"),
        (("sd15", "sd15-inpaint"), "4 → 9", "new"),
        (("sd15-inpaint", "sd15"), "9 → 4", "gone"),
    ],
)
def test_what_was_added_is_never_red(pair: tuple[str, str], content: str, expected: str) -> None:
    assert ink_of(diff(*pair), content) - {"dim"} == {expected}  # the config fields stand in dim


def test_blocks_of_a_stage_are_told_in_the_order_they_run():
    labels = {"attentions.0": "A1,1", "attentions.1": "A1,2", "resnets.0": "R1,1", "resnets.1": "R1,2"}
    held = [BlockSide(f"down_blocks.0.{path}", "", (label,)) for path, label in labels.items()]
    held.append(BlockSide("down_blocks.0.downsamplers.0", "Downsample2D", ()))
    changes = [BlockChange("removed", side, None) for side in reversed(held)]
    told = [(change.before.labels or ("",))[0] for change in blocks.in_running_order(changes)]
    assert told == ["R1,1", "A1,1", "R1,2", "A1,2", ""]


def test_entries_of_a_stack_are_told_by_their_numbers():
    held = [BlockSide(f"transformer_blocks.{number}", "FluxTransformerBlock", ()) for number in (10, 9, 2)]
    told = blocks.in_running_order(BlockChange("added", None, side) for side in held)
    assert [change.after.path.rpartition(".")[2] for change in told] == ["2", "9", "10"]
