"""What a recording makes of operations that no network of ours has: foreign attention, changing weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.command_line import traced_here
from support.networks import SMALL
from support.traces import spec_of
from unetscope.calls import Call, Operation
from unetscope.sizes import Size
from unetscope.tracing import trace
from unetscope.tracing.describe.matmuls import attention_found
from unetscope.tracing.record import recording
from unetscope.tracing.record.in_progress import Recording, storage_key


def recorded(network: Any, *inputs: Any) -> tuple[list[tuple[Call, Operation]], Recording]:
    """The calls of a module's forward with their operations, and the recording they come from."""
    tensors = (*network.parameters(), *network.buffers())
    record = Recording({storage_key(one): one.untyped_storage() for one in tensors})
    for index, one in enumerate(inputs):
        record.writer[storage_key(one)] = ~index
    with recording(record):
        network(*inputs)
    operations, calls = attention_found(tuple(record.operations), record.calls)
    return [(call, operations[call.operation]) for call in calls], record


def macs(found: list[tuple[Call, Operation]]) -> dict[str, int]:
    """MACs by class, classes without any left out."""
    summed: dict[str, int] = {}
    for _, operation in found:
        if operation.macs:
            summed[operation.op_class] = summed.get(operation.op_class, 0) + operation.macs
    return summed


def meta(*shape: int) -> Any:
    import torch

    return torch.zeros(shape, device="meta")


def test_attention_inside_torchs_own_multi_head_function_is_taken_whole() -> None:
    import torch

    with torch.device("meta"):
        network = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True).eval()
    found, record = recorded(network, meta(2, 10, 32))
    names = [operation.name for _, operation in found]
    assert names.count("scaled_dot_product_attention") == 1
    assert "_safe_softmax" not in names
    assert macs(found) == {"linear": 2 * 10 * 32 * (4 * 32 + 2 * 64), "attention": 2 * 2 * 10 * 10 * 32}
    assert record.uncounted == set()


def test_attention_that_returns_its_weights_is_attention() -> None:
    import torch

    class Weighing(torch.nn.MultiheadAttention):
        def forward(self, x: Any) -> Any:
            return super().forward(x, x, x, need_weights=True)

    with torch.device("meta"):
        network = Weighing(32, 4, batch_first=True).eval()
    found, _ = recorded(network, meta(2, 10, 32))
    assert macs(found) == {"linear": 2 * 10 * 32 * 4 * 32, "attention": 2 * 2 * 10 * 10 * 32}


@pytest.mark.parametrize("scaled", ["before", "between", "masked", "cast", "not at all"])
def test_two_matmuls_beside_a_softmax_are_attention_whatever_their_module_is_called(scaled: str) -> None:
    import torch

    class Foreign(torch.nn.Module):
        def forward(self, q: Any, k: Any, v: Any) -> Any:
            if scaled == "before":
                q = q * 0.5
            scores = torch.einsum("bnd,bmd->bnm", q, k)
            if scaled == "between":
                scores = scores * 0.5 - scores.amax(-1, keepdim=True)
            if scaled == "masked":
                scores = scores.masked_fill(torch.ones(4, 6, dtype=torch.bool, device="meta"), -1e9)
            if scaled == "cast":
                scores = scores.double()
            weights = scores.softmax(-1)
            return torch.einsum("bnm,bmd->bnd", weights.to(v.dtype), v)

    found, _ = recorded(Foreign(), meta(2, 4, 8), meta(2, 6, 8), meta(2, 6, 8))
    assert macs(found) == {"attention": 2 * 2 * 4 * 6 * 8}


def test_a_matmul_of_activations_far_from_any_softmax_is_other() -> None:
    import torch

    class Mixed(torch.nn.Module):
        def forward(self, q: Any, k: Any) -> Any:
            plain = torch.bmm(q, k.mT)
            scores = torch.bmm(q, k.mT)
            return torch.bmm(plain, k) + torch.bmm(scores.softmax(-1), k)

    found, _ = recorded(Mixed(), meta(2, 4, 8), meta(2, 4, 8))
    assert macs(found) == {"other": 2 * 2 * 4 * 4 * 8, "attention": 2 * 2 * 4 * 4 * 8}
    classes = [operation.op_class for _, operation in found if operation.name == "bmm"]
    assert classes == ["other", "attention", "other", "attention"]


def test_no_operation_vanishes_where_a_module_replaces_its_weights_as_it_runs() -> None:
    import torch

    class Casting(torch.nn.Conv2d):
        def forward(self, x: Any) -> Any:
            self.weight.data = self.weight.data.to(torch.float64)
            self.weight.data = self.weight.data.to(torch.float32)
            return super().forward(x)

    network = torch.nn.Sequential(*(Casting(8, 8, 3, padding=1) for _ in range(40))).eval()
    found, _ = recorded(network, torch.zeros(1, 8, 8, 8))
    assert macs(found) == {"conv": 40 * 8 * 8 * 9 * 64}


def test_a_matmul_with_a_weight_that_is_computed_is_linear() -> None:
    import torch
    from torch.nn.utils import parametrizations

    network = parametrizations.weight_norm(torch.nn.Linear(8, 4)).to("meta")
    found, record = recorded(network, meta(3, 8))
    assert (macs(found), record.uncounted) == ({"linear": 3 * 8 * 4}, set())


def test_what_the_convention_leaves_out_is_not_reported_as_uncounted() -> None:
    import torch
    from torch import nn

    class Free(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(
                [nn.MaxPool2d(2), nn.PReLU(), nn.AdaptiveAvgPool2d(3), nn.AvgPool2d(2)]
            )

        def forward(self, x: Any, volume: Any) -> Any:
            found = [layer(x) for layer in self.layers]
            found += [nn.functional.max_pool3d(volume, 2), nn.functional.adaptive_avg_pool3d(volume, 2)]
            return found, torch.linalg.vector_norm(x, dim=1), torch.empty_like(x).uniform_()

    with torch.device("meta"):
        network = Free()
    _, record = recorded(network, meta(1, 4, 8, 8), meta(1, 4, 8, 8, 8))
    assert record.uncounted == set()


UPSCALER = {
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [32, 32, 64, 64],
    "down_block_types": ["KDownBlock2D", *["KCrossAttnDownBlock2D"] * 3],
    "up_block_types": [*["KCrossAttnUpBlock2D"] * 3, "KUpBlock2D"],
    "mid_block_type": None,
    "norm_num_groups": None,
    "time_embedding_type": "fourier",
    "timestep_post_act": "gelu",
    "time_cond_proj_dim": 12,
    "resnet_time_scale_shift": "scale_shift",
    "conv_in_kernel": 1,
    "conv_out_kernel": 1,
    "act_fn": "gelu",
    "layers_per_block": 2,
    "cross_attention_dim": 24,
    "attention_head_dim": 16,
    "sample_size": 16,
}
"""A small network of K blocks, whose resampling kernels are buffers that no state dict has."""


@pytest.mark.parametrize("config", [SMALL, UPSCALER])
def test_tensors_are_those_of_the_state_dict_and_no_others(config: dict[str, Any]) -> None:
    from diffusers import UNet2DConditionModel

    network = UNet2DConditionModel.from_config(config)
    found = trace(spec_of(config), Size())
    state = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert {tensor.name: tensor.shape for tensor in found.tensors} == state
    if config is UPSCALER:
        assert len(list(network.buffers())) > len([one for one in found.tensors if one.role == "buffer"])


def test_the_map_of_a_diff_loads_as_the_readme_says(tmp_path: Path) -> None:
    import torch
    from diffusers import UNet2DConditionModel

    student = UPSCALER | {"in_channels": 5}
    for name, config in (("a", UPSCALER), ("b", student)):
        (tmp_path / f"{name}.json").write_text(json.dumps(config))
    found = tmp_path / "map.json"
    made = traced_here(
        "diff", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--map-out", str(found),
        UNETSCOPE_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    plan = json.loads(found.read_text())
    teacher = UNet2DConditionModel.from_config(UPSCALER).state_dict()
    given = {target: teacher[source] for target, source in plan["map"].items()}
    given |= {one["target"]: torch.zeros(one["to"]) for one in plan["partial"]}
    UNet2DConditionModel.from_config(student).load_state_dict(given, strict=not plan["missing"])
