"""The way back mirrors the way there: changes, causes, totals, verdict, groups, weights."""

from __future__ import annotations

import pytest

from support.mirroring import assert_mirrors
from support.traces import bundled
from unetscope import api, zoo
from unetscope.difference import Alone
from unetscope.words.diff import verdict
from unetscope.zoo import lineage

pytestmark = pytest.mark.slow  # together they take long

PAIRS = list(dict.fromkeys(tuple(sorted(pair)) for pair in lineage.pairs()))


def assert_pair_mirrors(a: str, b: str) -> None:
    """With causes where both directions are bundled for one size, else without."""
    one, other = bundled(a).basis, bundled(b).basis
    size = api.Size.at(one)
    same = (one.input[-2:], one.tokens) == (other.input[-2:], other.tokens)
    assert_mirrors(api.diff(a, b, causes=same), api.diff(b, a, size=size, causes=same))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("sd15", "sd15-inpaint"),
        ("sd15", "sdxl"),
        ("sd14", "bk-sdm-tiny"),
        ("sd21-base", "bk-sdm-v2-small"),
        ("sd20", "sd20-base"),
        ("sdxl", "koala-700m"),
        ("sdxl", "sdxl-refiner"),
    ],
)
def test_related_models_differ_one_way_as_the_other(a: str, b: str) -> None:
    assert_pair_mirrors(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_all_related_models_differ_one_way_as_the_other(a: str, b: str) -> None:
    assert_pair_mirrors(a, b)


OF_ONE_CLASS = [(a, b) for a, b in PAIRS if zoo.spec(a).class_name == zoo.spec(b).class_name]
"""Pairs that have a config in common, so that fields can be the causes."""


@pytest.mark.parametrize(("a", "b"), OF_ONE_CLASS[::6])
def test_groups_add_up_to_the_difference(a: str, b: str) -> None:
    diff = api.diff(a, b)
    assert diff.groups is not None
    assert sum(group.params for group in diff.groups) == diff.b.cost.params - diff.a.cost.params
    tensors = [change.path for change in diff.changes if change.kind == "tensor"]
    assert sorted(name for group in diff.groups for name in group.tensors) == sorted(tensors)
    assert all(group.fields for group in diff.groups)


def test_every_block_between_sd15_and_sdxl_has_a_cause() -> None:
    diff = api.diff("sd15", "sdxl")
    assert diff.groups is not None
    kinds = ("tensor", "block", "skip", "conditioning")
    assert [one.path for one in diff.changes if one.kind in kinds and not one.cause] == []
    (embedding,) = [group for group in diff.groups if "addition_embed_type" in group.fields]
    assert embedding.added == ("add_time_proj", "add_embedding")


def test_each_cause_of_bk_sdm_small_has_its_blocks_skips_parameters_and_macs() -> None:
    diff = api.diff("sd15", "bk-sdm-small")
    assert diff.groups is not None
    found = {
        group.fields: (len(group.removed), group.skips_removed, group.params, group.alone)
        for group in diff.groups
    }
    base, middle = ("layers_per_block",), ("mid_block_type",)
    assert found == {
        base: (14, 4, -280_136_000, Alone("a", -280_136_000, -140_139_724_800)),
        middle: (3, 0, -97_038_080, Alone("a", -97_038_080, -6_049_792_000)),
    }
    without = api.diff("sd15", "bk-sdm-base")
    assert without.b.cost.macs - without.a.cost.macs == -140_139_724_800


def test_turbo_is_the_same_network_and_cosxl_edit_is_wider() -> None:
    assert api.diff("sdxl", "sdxl-turbo").identical
    assert verdict(api.diff("sdxl", "cosxl-edit").verdict) == "same blocks, wider input"


def test_a_block_goes_with_the_field_that_takes_all_of_it() -> None:
    diff = api.diff("sdxl", "koala-700m")
    found = {
        group.fields: (len(group.removed), group.skips_removed, group.params) for group in diff.groups or ()
    }
    assert found == {
        ("layers_per_block",): (10, 3, -850_185_920),  # 6 R and 4 A, whatever their depth
        ("transformer_layers_per_block",): (15, 0, -521_337_600),
        ("mid_block_type",): (3, 0, -413_117_440),
    }


def test_a_tensor_renamed_and_reshaped_is_put_down_to_what_reshapes_it() -> None:
    diff = api.diff("sd15", "sdxl")
    assert diff.groups is not None
    assert not any(group.joint for group in diff.groups)
    tensors = {group.fields: len(group.tensors) for group in diff.groups}
    assert tensors["cross_attention_dim",] == tensors["use_linear_projection",] == 22


def test_the_four_skips_that_base_lacks_are_put_down_to_one_field_in_tiny_too() -> None:
    groups = {group.fields: group.skips_removed for group in api.diff("sd15", "bk-sdm-tiny").groups or ()}
    levels = ("block_out_channels", "down_block_types", "up_block_types")
    assert {fields: skips for fields, skips in groups.items() if skips} == {
        ("layers_per_block",): 4,
        levels: 2,
    }
