"""Diffs of transformers and autoencoders: they align by their stages, and have their causes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

import unetscope
from support.mirroring import assert_mirrors
from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.analysis.diff.renames import renames
from unetscope.difference import Diff
from unetscope.layout.diff import lay_out
from unetscope.layout.diff.pairs import columns
from unetscope.layout.scene import Text, flat
from unetscope.render.diff.as_text import diff as told
from unetscope.words.diff import verdict

DIT: dict[str, Any] = {
    "_class_name": "DiTTransformer2DModel",
    "num_attention_heads": 2,
    "attention_head_dim": 8,
    "num_layers": 4,
    "sample_size": 16,
    "norm_num_groups": 4,
}
FLUX: dict[str, Any] = {
    "_class_name": "FluxTransformer2DModel",
    "num_layers": 3,
    "num_single_layers": 4,
    "num_attention_heads": 2,
    "attention_head_dim": 16,
    "axes_dims_rope": [4, 6, 6],
    "joint_attention_dim": 32,
    "pooled_projection_dim": 16,
}
VAE: dict[str, Any] = {
    "_class_name": "AutoencoderKL",
    "down_block_types": ["DownEncoderBlock2D"] * 3,
    "up_block_types": ["UpDecoderBlock2D"] * 3,
    "block_out_channels": [8, 16, 16],
    "layers_per_block": 2,
    "norm_num_groups": 4,
    "sample_size": 32,
}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    # what is changed in which network, and the verdict
    "dit": (DIT, {"num_layers": 3}, "blocks removed"),
    "double": (FLUX, {"num_layers": 2}, "blocks removed"),
    "single": (FLUX, {"num_single_layers": 2}, "blocks removed"),
    "both": (FLUX, {"num_layers": 1, "num_single_layers": 2}, "blocks removed"),
    "wider": (FLUX, {"in_channels": 384, "out_channels": 64}, "same blocks, wider input"),
    "text": (FLUX, {"joint_attention_dim": 48}, "same blocks, different conditioning"),
    "resnets": (VAE, {"layers_per_block": 1}, "blocks removed"),
    "latent": (VAE, {"latent_channels": 16}, "same blocks, other widths"),
}


@cache
def diff(name: str) -> Diff:
    base, changed, _ = CHANGES[name]
    return unetscope.diff(base, base | changed)


@cache
def back(name: str) -> Diff:
    base, changed, _ = CHANGES[name]
    return unetscope.diff(base | changed, base)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNETSCOPE_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_a_diff_of_any_network_has_its_verdict_and_its_mirror(name: str) -> None:
    assert verdict(diff(name).verdict) == CHANGES[name][2]
    assert_mirrors(diff(name), back(name))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_parameters_of_all_causes_add_up_and_stages_hold_every_tensor_that_differs(name: str) -> None:
    given = diff(name)
    assert given.groups is not None
    assert sum(group.params for group in given.groups) == given.b.cost.params - given.a.cost.params
    assert sum(one.tensors for one in given.stages) == sum(one.kind == "tensor" for one in given.changes)


@pytest.mark.parametrize(
    ("name", "removed"),
    [
        ("dit", {("num_layers",): ("transformer_blocks.3",)}),
        ("double", {("num_layers",): ("transformer_blocks.2",)}),
        ("single", {("num_single_layers",): tuple(f"single_transformer_blocks.{i}" for i in (2, 3))}),
        (
            "both",
            {
                ("num_layers",): tuple(f"transformer_blocks.{i}" for i in (1, 2)),
                ("num_single_layers",): tuple(f"single_transformer_blocks.{i}" for i in (2, 3)),
            },
        ),
        (
            "resnets",
            {
                ("layers_per_block",): (
                    *(f"encoder.down_blocks.{i}.resnets.1" for i in range(3)),
                    *(f"decoder.up_blocks.{i}.resnets.1" for i in range(3)),
                )
            },
        ),
    ],
)
def test_blocks_of_a_stack_go_with_the_field_that_takes_them(
    name: str, removed: dict[tuple[str, ...], tuple[str, ...]]
) -> None:
    groups = diff(name).groups
    assert groups is not None
    assert {group.fields: group.removed for group in groups} == removed
    assert not any(group.added for group in groups)


def test_the_first_layer_of_a_packed_network_takes_the_width_of_its_tokens() -> None:
    (change,) = [one for one in diff("wider").changes if one.kind == "conditioning"]
    assert change.before is not None
    assert change.after is not None
    assert (change.path, change.before.shape, change.after.shape) == ("hidden_states", (64,), (384,))
    shown = {one.content for one in flat(lay_out(diff("wider")).items) if isinstance(one, Text)}
    assert {"x_embedder", "(32, 64)", "(32, 384)"} <= shown


@pytest.mark.parametrize(
    ("name", "teacher", "student"),
    [
        ("dit", ["transformer_blocks.3"], ["transformer_blocks.2"]),
        (
            "double",
            ["transformer_blocks.2", *(f"single_transformer_blocks.{i}" for i in range(4))],
            ["transformer_blocks.1", *(f"single_transformer_blocks.{i}" for i in range(4))],
        ),
        (
            "resnets",
            [f"{path}.{i}" for path in ("encoder.down_blocks", "decoder.up_blocks") for i in range(3)],
            [f"{path}.{i}" for path in ("encoder.down_blocks", "decoder.up_blocks") for i in range(3)],
        ),
    ],
)
def test_stacks_compare_at_their_end_and_equal_ones_at_every_block(
    name: str, teacher: list[str], student: list[str]
) -> None:
    found = feature_pairs(diff(name))
    assert [one.teacher for one in found] == teacher
    assert [one.student for one in found] == student


def test_renamed_keys_of_a_decoder_have_one_letter_for_its_stages() -> None:
    (row,) = renames(diff("resnets"))
    assert (row.target, row.source) == ("decoder.up_blocks.i.resnets.1", "decoder.up_blocks.i.resnets.2")
    assert row.indices == (0, 1, 2)
    loads = diff("resnets").transfer.loads
    for target, source in row.pairs():
        assert loads[f"{target}.conv1.weight"] == f"{source}.conv1.weight"


def test_blocks_of_one_stack_are_told_in_one_line() -> None:
    lines = [line.strip() for line in told(diff("both"), width=100).splitlines()]
    assert "− removed transformer_blocks.1–2" in lines
    assert "− removed single_transformer_blocks.2–3" in lines


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("dit", [("kept", 3), ("removed", 1)]),
        ("double", [("kept", 2), ("removed", 1), ("kept", 4)]),
        ("both", [("kept", 1), ("removed", 2), ("kept", 2), ("removed", 2)]),
    ],
)
def test_a_run_of_equal_blocks_is_split_where_blocks_went(name: str, runs: list[tuple[str, int]]) -> None:
    found = [
        (state, max(1, slot.drawn.repeat)) for slot in columns(diff(name)).slots for state in slot.states
    ]
    assert found == runs


def test_stacks_of_other_names_align_in_order(tmp_path: Path) -> None:
    """Two classes: the one stack of each, whatever it is called."""
    wan = {
        "_class_name": "WanTransformer3DModel",
        "num_layers": 2,
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "ffn_dim": 32,
        "text_dim": 16,
    }
    given = unetscope.diff(DIT, wan, causes=False, cache_folder=tmp_path)
    pairs = {(one.pair.before, one.pair.after) for one in given.stages}
    assert ("transformer_blocks", "blocks") in pairs


@pytest.mark.parametrize(
    ("config", "layer", "swapped", "key", "size"),
    [
        (DIT | {"in_channels": 4}, "pos_embed.proj", lambda nn: nn.Conv2d(9, 16, 2, 2), "in_channels", 9),
        (FLUX | {"in_channels": 64}, "x_embedder", lambda nn: nn.Linear(128, 32), "in_channels", 128),
    ],
)
def test_a_first_layer_put_in_by_hand_is_called_with_what_it_takes(
    config: dict[str, Any], layer: str, swapped: Any, key: str, size: int
) -> None:
    import diffusers
    import torch

    with torch.device("meta"):
        network = getattr(diffusers, config["_class_name"]).from_config(config)
        above, _, name = layer.rpartition(".")
        setattr(network.get_submodule(above), name, swapped(torch.nn))
    traced = unetscope.load(network)
    assert traced.config[key] == size
    assert f"config says {key}={config[key]}, the module has {size}: the module is counted" in traced.notes


class Halves(torch.nn.Module):
    """A U-Net of one level, its middle as deep as asked."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.first, self.pool = torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.MaxPool2d(2)
        self.inside = torch.nn.Sequential(*(torch.nn.Conv2d(4, 4, 3, padding=1) for _ in range(depth)))
        self.rise = torch.nn.ConvTranspose2d(4, 4, 2, 2)
        self.last = torch.nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> Any:
        skip = self.first(x)
        return self.last(torch.cat([skip, self.rise(self.inside(self.pool(skip)))], 1))


def test_stages_that_were_observed_align_and_show_the_blocks_that_stay() -> None:
    shallow, deep = (unetscope.load(Halves(depth), inputs=(1, 1, 16, 16)) for depth in (1, 2))
    pairs = columns(unetscope.diff(shallow, deep))
    assert [pair.before is not None and pair.after is not None for pair in pairs.stages] == [True] * 3
    states = [state for slot in pairs.slots for state in slot.states]
    assert states == ["kept", "kept", "changed", "kept", "kept", "kept"]
    assert all(tensor.place == tensor.name for tensor in unetscope.load("sd15").tensors)
