"""Diffs of real small networks: the map loads a pruned student, and live modules are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch

import unetscope
from support.networks import SMALL
from support.places import ROOT
from support.traces import spec_of
from unetscope import zoo
from unetscope.analysis.diff import compare
from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.render.diff import as_json
from unetscope.sizes import Size
from unetscope.tracing import trace

DOCS = (ROOT / "docs" / "diff.md").read_text()
TEACHER: dict[str, Any] = {
    "_class_name": "UNet2DConditionModel",
    "sample_size": 16,
    "block_out_channels": [8, 16, 24, 24],
    "down_block_types": [*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"],
    "up_block_types": ["UpBlock2D", *["CrossAttnUpBlock2D"] * 3],
    "norm_num_groups": 4,
    "cross_attention_dim": 8,
    "attention_head_dim": 2,
}
V2 = {"cross_attention_dim": 12, "attention_head_dim": [2, 4, 6, 6], "use_linear_projection": True}
BASE: dict[str, Any] = {"layers_per_block": 1}
WITHOUT_MID = BASE | {"mid_block_type": None}
LEVELS = {
    "block_out_channels": [8, 16, 24],
    "down_block_types": ["CrossAttnDownBlock2D"] * 3,
    "up_block_types": ["CrossAttnUpBlock2D"] * 3,
}


def published_source(key: str, *, tiny: bool) -> str:
    """The teacher's key for a student's, by the rule of the authors' copy_weight_from_teacher."""
    parts = key.split(".")
    if parts[0] == "up_blocks":
        if parts[2] in ("resnets", "attentions") and parts[3] == "1":
            parts[3] = "2"
        if tiny:
            parts[1] = str(int(parts[1]) + 1)
    return ".".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("version", [{}, V2])
@pytest.mark.parametrize("pruned", [BASE, WITHOUT_MID, WITHOUT_MID | LEVELS])
def test_a_student_loads_its_teachers_weights_as_published(
    version: dict[str, Any], pruned: dict[str, Any]
) -> None:
    tiny = pruned.keys() >= LEVELS.keys()
    heads = {"attention_head_dim": V2["attention_head_dim"][:3]} if tiny and version else {}
    ours, theirs = TEACHER | version, TEACHER | version | pruned | heads
    diff = compare(*(trace(spec_of(one), Size()) for one in (ours, theirs)), trials=None, common=True)
    plan = as_json.weight_map(diff)
    teacher, student = (diffusers.UNet2DConditionModel.from_config(one) for one in (ours, theirs))
    weights = teacher.state_dict()
    student.load_state_dict({target: weights[source] for target, source in plan["map"].items()}, strict=True)
    for key, tensor in student.state_dict().items():
        assert torch.equal(tensor, weights[published_source(key, tiny=tiny)])
    assert plan["partial"] == plan["missing"] == []
    assert set(plan["unused"]) == weights.keys() - set(plan["map"].values())


@pytest.mark.slow
def test_the_lines_of_the_docs_load_a_network_of_other_widths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wider = TEACHER | {"in_channels": 9, "use_linear_projection": True, "cross_attention_dim": 12}
    ours, theirs = (diffusers.UNet2DConditionModel.from_config(one) for one in (TEACHER, wider))
    diff = compare(*(trace(spec_of(one), Size()) for one in (TEACHER, wider)), trials=None, common=True)
    Path("map.json").write_text(json.dumps(as_json.weight_map(diff)))
    (lines,) = [block for block in DOCS.split("```python\n")[1:] if 'plan["map"]' in block]
    teacher = ours.state_dict()
    exec(lines.split("```")[0], {"torch": torch, "teacher": teacher, "network": theirs})
    made = theirs.state_dict()
    assert torch.equal(made["conv_in.weight"][:, :4], teacher["conv_in.weight"])
    assert not made["conv_in.weight"][:, 4:].any()
    key = "mid_block.attentions.0.proj_in.weight"
    assert torch.equal(made[key], teacher[key][:, :, 0, 0])


@pytest.mark.slow
@pytest.mark.parametrize("pruned", [BASE, WITHOUT_MID | LEVELS])
def test_hooks_on_the_paired_modules_see_tensors_that_can_be_compared(pruned: dict[str, Any]) -> None:
    ours, theirs = TEACHER, TEACHER | pruned
    diff = compare(*(trace(spec_of(one), Size()) for one in (ours, theirs)), trials=None, common=True)
    pairs = feature_pairs(diff)
    assert len(pairs) > 2
    seen: list[dict[str, Any]] = []
    for config, paths in (
        (ours, [one.teacher for one in pairs]),
        (theirs, [one.student for one in pairs]),
    ):
        shown: dict[str, Any] = {}
        with torch.no_grad(), torch.device("meta"):
            network = diffusers.UNet2DConditionModel.from_config(config).eval()
            for path in paths:
                network.get_submodule(path).register_forward_hook(hook(shown, path))
            network(torch.zeros(1, 4, 16, 16), 1, torch.zeros(1, 77, 8))
        seen.append(shown)
    for pair in pairs:
        assert seen[0][pair.teacher] == seen[1][pair.student] == pair.shape


def hook(shown: dict[str, Any], path: str) -> Callable[..., None]:
    def note(module: Any, given: Any, made: Any) -> None:
        shown[path] = tuple((made[0] if isinstance(made, tuple) else made).shape)

    return note


@pytest.mark.slow
def test_live_networks_are_compared_with_their_causes(tmp_path: Path) -> None:
    one = diffusers.UNet2DConditionModel.from_config(SMALL)
    other = diffusers.UNet2DConditionModel.from_config(SMALL | {"in_channels": 9, "cross_attention_dim": 32})
    diff = unetscope.diff(one, other, cache_folder=tmp_path)
    assert diff.groups is not None
    assert {group.fields: len(group.tensors) for group in diff.groups} == {
        ("cross_attention_dim",): 8,
        ("in_channels",): 1,
    }
    assert unetscope.diff(one, other, cache_folder=tmp_path) == diff
    assert unetscope.diff(one, SMALL, cache_folder=tmp_path).identical


def test_a_live_network_is_compared_with_a_preset(tmp_path: Path) -> None:
    with torch.device("meta"):
        mine = diffusers.UNet2DConditionModel.from_config(zoo.spec("sd15").config | {"in_channels": 5})
    diff = unetscope.diff("sd15", mine, cache_folder=tmp_path)
    (tensor,) = [change for change in diff.changes if change.kind == "tensor"]
    assert (tensor.path, tensor.cause) == ("conv_in.weight", ("in_channels",))
    assert diff.groups is not None
    (group,) = diff.groups
    assert group.params == diff.b.cost.params - diff.a.cost.params == 2_880
    assert group.alone is not None
    assert group.alone.macs == diff.b.cost.macs - diff.a.cost.macs


def test_a_network_altered_by_hand_is_compared_but_its_config_is_not_blamed(tmp_path: Path) -> None:
    altered = diffusers.UNet2DConditionModel.from_config(SMALL)
    altered.conv_in = torch.nn.Conv2d(4, 32, 1)
    diff = unetscope.diff(SMALL | {"cross_attention_dim": 32}, altered, cache_folder=tmp_path)
    assert diff.groups is None
    assert diff.unknown == "the config of UNet2DConditionModel does not describe it as it was traced"
    reshaped = [change.path for change in diff.changes if change.kind == "tensor"]
    assert "conv_in.weight" in reshaped
    assert len(reshaped) == 9
