"""Renamed keys in compact form: the published mapping of BK-SDM, and every key of it again."""

from __future__ import annotations

import pytest

from support.traces import bundled
from unetscope import load
from unetscope.analysis.diff import Diff, compare
from unetscope.analysis.diff.renames import Renames, renames


def without_causes(a: str, b: str) -> Diff:
    return compare(bundled(a), bundled(b), trials=None, common=True)


@pytest.mark.parametrize(
    ("teacher", "student"),
    [("sd15", "bk-sdm-base"), ("sd14", "bk-sdm-small"), ("sd21-base", "bk-sdm-v2-small")],
)
def test_base_and_small_take_the_third_unit_of_each_up_stage(teacher: str, student: str) -> None:
    assert renames(without_causes(teacher, student)) == (
        Renames("up_blocks.i.resnets.1", "up_blocks.i.resnets.2", (0, 1, 2, 3), 48),
        Renames("up_blocks.i.attentions.1", "up_blocks.i.attentions.2", (1, 2, 3), 78),
    )


def test_tiny_also_moves_its_up_stages_by_one() -> None:
    assert renames(without_causes("sd15", "bk-sdm-tiny")) == (
        Renames("up_blocks.i.resnets.0", "up_blocks.(i+1).resnets.0", (0, 1, 2), 36),
        Renames("up_blocks.i.attentions.0", "up_blocks.(i+1).attentions.0", (0, 1, 2), 78),
        Renames("up_blocks.i.resnets.1", "up_blocks.(i+1).resnets.2", (0, 1, 2), 36),
        Renames("up_blocks.i.attentions.1", "up_blocks.(i+1).attentions.2", (0, 1, 2), 78),
        Renames("up_blocks.i.upsamplers.0", "up_blocks.(i+1).upsamplers.0", (0, 1), 4),
    )


def test_where_nothing_is_renamed_there_are_no_rows() -> None:
    assert renames(without_causes("sd15", "sd21")) == ()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("sd15", "bk-sdm-small"),
        ("bk-sdm-tiny", "sd15"),
        ("sd15", "sdxl"),
        ("sdxl", "koala-700m"),
        ("sdxl-refiner", "sd15"),
    ],
)
def test_the_rows_unfold_to_exactly_the_renamed_keys(a: str, b: str) -> None:
    diff = without_causes(a, b)
    rows = renames(diff)
    renamed = {target: source for target, source in diff.transfer.loads.items() if target != source}
    modules = dict(pair for row in rows for pair in row.pairs())
    assert sum(len(row.pairs()) for row in rows) == len(modules)
    unfolded = {}
    for target in renamed:
        (root,) = [module for module in modules if target.startswith(module + ".")]
        unfolded[target] = modules[root] + target[len(root) :]
    assert unfolded == renamed
    assert sum(row.tensors for row in rows) == len(renamed)


def test_of_equal_units_the_up_stages_keep_those_nearest_their_end() -> None:
    """Skips are joined from the end on: unit 1 of four is the one that a stage of three has not."""
    config = {
        "_class_name": "UNet2DModel", "sample_size": 16, "norm_num_groups": 8, "block_out_channels": [16, 16],
        "down_block_types": ["DownBlock2D"] * 2, "up_block_types": ["UpBlock2D"] * 2,
    }  # fmt: skip
    deep, shallow = (load({**config, "layers_per_block": layers}) for layers in (3, 2))
    diff = compare(deep, shallow, trials=None, common=True)
    assert renames(diff)[0] == Renames("up_blocks.i.resnets.1", "up_blocks.i.resnets.2", (0, 1), 24)
