"""The networks of the presets, as they ship, cost what was published of the models."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from support.tables import data_rows
from support.traces import bundled
from unetscope.cli.commands import unetscope

TOTALS = {row["preset"]: row for row in data_rows("totals.tsv") if row["preset"] != "-"}

PRINTED = {
    # derived, and printed to the unit by segmind's distill-sd
    "small-sd": 579_384_964,
    "tiny-sd": 323_384_964,
}

SAME_NETWORK = {
    # published as weights for the network of another model, at its native size
    "sd13": "sd14",
    "sdxl-lightning-1step": "sdxl",
    "sdxl-lightning-2step": "sdxl",
    "sdxl-lightning-4step": "sdxl",
    "sdxl-lightning-8step": "sdxl",
    "cosxl": "sdxl",
    "small-sd": "bk-sdm-base",
    "tiny-sd": "bk-sdm-tiny",
}

MILLIONS = {"koala-1b": 1161, "koala-700m": 782, "sdxl": 2567, "sd20": 865}
"""Whole millions in the table of KOALA's model card, which drops the rest without rounding."""


@pytest.mark.parametrize("id", TOTALS)
def test_a_preset_costs_what_its_published_config_does_at_the_size_it_is_used_at(id: str) -> None:
    row, record = TOTALS[id], bundled(id)
    axes = {axis: int(row[axis]) for axis in ("height", "width", "tokens") if row[axis] != "-"}
    assert record.basis.axes == axes
    assert (record.cost.params, record.cost.macs) == (int(row["params"]), int(row["macs"]))


@pytest.mark.parametrize("id", PRINTED)
def test_a_derived_preset_has_as_many_parameters_as_its_maker_printed(id: str) -> None:
    assert bundled(id).cost.params == PRINTED[id]


@pytest.mark.parametrize("id", SAME_NETWORK)
def test_a_derived_preset_is_the_network_it_was_derived_from(id: str) -> None:
    derived, model = bundled(id), bundled(SAME_NETWORK[id])
    assert (derived.nodes, derived.tensors, derived.calls) == (model.nodes, model.tensors, model.calls)


@pytest.mark.parametrize("id", MILLIONS)
def test_koalas_models_have_the_millions_of_parameters_on_their_card(id: str) -> None:
    assert bundled(id).cost.params // 10**6 == MILLIONS[id]


def test_cosxl_edit_has_four_more_input_channels_than_cosxl_and_is_else_the_same() -> None:
    plain, edit = bundled("cosxl"), bundled("cosxl-edit")
    assert edit.cost.params - plain.cost.params == 4 * 320 * 3 * 3
    differing = {old.name for old, new in zip(plain.tensors, edit.tensors, strict=True) if old != new}
    assert differing == {"conv_in.weight"}


def test_vega_has_the_millions_of_parameters_that_its_maker_gives_for_each_part() -> None:
    found = bundled("segmind-vega")
    parts = dict.fromkeys(("down", "mid", "up"), 0)
    for stage in found.stages:
        if stage.role in parts:
            parts[stage.role] += found.costs[stage.path].params
    assert {role: round(params / 1e6) for role, params in parts.items()} == {
        "down": 247,
        "mid": 31,
        "up": 460,
    }
    assert found.cost.params // 10**7 == 74


def test_ssd_1b_has_the_size_of_its_published_weights() -> None:
    params = bundled("ssd-1b").cost.params
    assert round(params / 1e9, 1) == 1.3
    assert round(4 * params / 1e9, 2) == 5.33


@pytest.mark.parametrize(
    ("id", "down", "up"),
    [
        ("ssd-1b", [0, 0, 2, 2, 4, 4], [0, 0, 0, 1, 1, 2, 10, 4, 4]),
        ("segmind-vega", [0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2]),
        ("koala-1b", [0, 2, 6], [0, 0, 2, 2, 6, 6]),
        ("koala-700m", [0, 2, 5], [0, 0, 2, 2, 5, 5]),
    ],
)
def test_a_derived_preset_has_the_transformer_depths_that_comfyui_lists(
    id: str, down: list[int], up: list[int]
) -> None:
    found = bundled(id)

    def depth(path: str) -> int:
        blocks = found.children.get(path.replace("resnets", "attentions") + ".transformer_blocks", ())
        return len(blocks)

    resnets = [node.path for node in found.nodes if node.type == "ResnetBlock2D"]
    assert [depth(path) for path in resnets if path.startswith("down_blocks")] == down
    # ComfyUI lists the up side from the finest level to the coarsest, each level backwards
    assert [depth(path) for path in resnets if path.startswith("up_blocks")][::-1] == up


@pytest.mark.parametrize(
    ("args", "basis"),
    [
        # its config says 32, a fourth of the size it was tuned and is used at
        (("sd2-depth",), ([5, 64, 64], 77)),
        (("sd2-depth", "--set", "sample_size=96"), ([5, 96, 96], 77)),
        (("sd2-depth", "--size", "256"), ([5, 32, 32], 77)),
        # diffusers' pipeline pads every prompt to 256 tokens of ChatGLM
        (("kolors",), ([4, 128, 128], 256)),
        (("kolors", "--tokens", "77"), ([4, 128, 128], 77)),
        (("kolors", "--latent", "64"), ([4, 64, 64], 256)),
    ],
)
def test_a_model_is_costed_at_the_size_it_is_used_at_unless_another_is_asked_for(args, basis) -> None:
    done = CliRunner().invoke(unetscope, ["table", *args, "--json"], catch_exceptions=False)
    found = json.loads(done.output)["basis"]
    assert (found["input"], found["tokens"]) == basis
