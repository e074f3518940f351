"""Causes between halves of two autoencoders: found as between whole ones, of what the half holds."""

from __future__ import annotations

from typing import Any

import pytest

import unetscope
from unetscope.choices import PartName
from unetscope.difference.changes import InputChange, TensorChange, of

pytestmark = pytest.mark.filterwarnings("ignore:.*ignores .* config key")
SMALL: dict[str, Any] = {
    "_class_name": "AutoencoderKL",
    "block_out_channels": [8, 16],
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
    "norm_num_groups": 4,
    "sample_size": 32,
    "layers_per_block": 1,
}
OTHER = SMALL | {"latent_channels": 16, "use_post_quant_conv": False, "scaling_factor": 0.5}


def told(part: PartName | None, **more: Any) -> dict[tuple[str, ...], str]:
    """By the fields of each cause, what they do to the network."""
    diff = unetscope.diff(SMALL, OTHER | more, part=part, fresh="uncached")
    assert not diff.unknown
    return {group.fields: group.impact.effect for group in diff.groups}


@pytest.mark.slow
def test_a_field_that_changes_one_half_has_no_effect_on_the_other() -> None:
    assert told("decoder") == {
        ("latent_channels",): "architecture",
        ("use_post_quant_conv",): "architecture",
        ("scaling_factor",): "none",
    }
    assert told("encoder") == told("decoder") | {("use_post_quant_conv",): "none"}


@pytest.mark.slow
def test_causes_of_a_half_account_for_all_that_it_gains() -> None:
    deeper = {
        "block_out_channels": [8, 16, 16],
        "down_block_types": ["DownEncoderBlock2D"] * 3,
        "up_block_types": ["UpDecoderBlock2D"] * 3,
    }
    for part in ("encoder", "decoder"):
        diff = unetscope.diff(SMALL, OTHER | deeper, part=part, fresh="uncached")
        named = {path for group in diff.groups for path in group.tensors}
        assert named == {change.path for change in of(TensorChange, diff.changes)}
        gained = diff.b.cost.params - diff.a.cost.params
        assert sum(group.params for group in diff.groups) == gained > 0


@pytest.mark.slow
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_what_a_field_does_by_itself_is_what_that_network_shows(part: PartName) -> None:
    diff = unetscope.diff(SMALL, OTHER, part=part, fresh="uncached")
    start = unetscope.load(SMALL, part=part, fresh="uncached").cost
    for group in diff.groups:
        changed = SMALL | {field: OTHER[field] for field in group.fields}
        there = unetscope.load(changed, part=part, fresh="uncached").cost
        assert group.alone is not None
        assert (group.alone.params, group.alone.macs) == (
            there.params - start.params,
            there.macs - start.macs,
        )


def test_the_wider_latent_that_a_decoder_takes_has_its_cause() -> None:
    diff = unetscope.diff(SMALL, OTHER, part="decoder", fresh="uncached")
    assert [change.cause for change in of(InputChange, diff.changes)] == [("latent_channels",)]


def test_halves_of_two_kinds_have_no_causes() -> None:
    halves = (unetscope.load(SMALL, part=part, fresh="uncached") for part in ("encoder", "decoder"))
    assert unetscope.diff(*halves).unknown == "encoder and decoder are not built by the same fields"
