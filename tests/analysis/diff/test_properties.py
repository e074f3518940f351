"""Diffs of arbitrary small networks against brute force by key."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from support.mirroring import assert_mirrors
from support.networks import SMALL
from unetscope import api

FIELDS: dict[str, list[Any]] = {
    "in_channels": [4, 9],
    "layers_per_block": [1, 2, [2, 1]],
    "cross_attention_dim": [24, 32],
    "attention_head_dim": [4, 8, [4, 8]],
    "use_linear_projection": [False, True],
    "mid_block_type": ["UNetMidBlock2DCrossAttn", "UNetMidBlock2D", None],
    "transformer_layers_per_block": [1, [2, 1]],
    "norm_eps": [1e-5, 1e-3],
    "resnet_time_scale_shift": ["default", "scale_shift"],
    "class_embed_type": [None, "timestep"],
}
LEVELS: list[dict[str, Any]] = [
    {},
    {
        "block_out_channels": [32],
        "down_block_types": ["CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D"],
        "layers_per_block": 1,
        "attention_head_dim": 4,
        "transformer_layers_per_block": 1,
    },
]

configs = st.builds(
    lambda chosen, levels: SMALL | chosen | levels,
    st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in FIELDS.items()}),
    st.sampled_from(LEVELS),
)


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # one example takes seconds: shrinking would take minutes
)
@given(a=configs, b=configs)
def test_every_difference_is_reported_once_with_a_cause(
    a: dict[str, Any], b: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "cache"
    diff = api.diff(a, b, cache_folder=folder)
    ours, theirs = ({one.name: one.shape for one in side.tensors} for side in (diff.a, diff.b))
    tensors = [one for one in diff.changes if one.kind == "tensor"]
    before = [one.before.name for one in tensors if one.before]
    after = [one.after.name for one in tensors if one.after]
    brute = {name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    assert brute <= {*before, *after}
    assert len(set(before)) == len(before)
    assert len(set(after)) == len(after)
    assert all(one.cause for one in tensors)
    assert diff.groups is not None
    assert {one.cause for one in tensors} <= {group.fields for group in diff.groups}
    assert sum(group.params for group in diff.groups) == diff.b.cost.params - diff.a.cost.params
    parts = diff.transfer.elements
    assert sum(parts.values()) - parts["unused"] == diff.b.cost.params
    assert_mirrors(diff, api.diff(b, a, cache_folder=folder))
