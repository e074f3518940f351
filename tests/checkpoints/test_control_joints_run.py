"""Where a ControlNet of a transformer joins it: by names, against what diffusers' own forward adds where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch

import unetscope
from support.files.checkpoint_files import written
from unetscope import api
from unetscope.checkpoint import ControlJoints

SD3 = {
    "sample_size": 8, "patch_size": 2, "in_channels": 4, "out_channels": 4, "attention_head_dim": 64,
    "num_attention_heads": 1, "joint_attention_dim": 24, "caption_projection_dim": 64,
    "pooled_projection_dim": 12, "pos_embed_max_size": 8,
}  # fmt: skip
QWEN = {
    "in_channels": 8, "out_channels": 2, "attention_head_dim": 16, "num_attention_heads": 2,
    "joint_attention_dim": 24, "axes_dims_rope": [4, 6, 6],
}  # fmt: skip
SANA = {
    "in_channels": 4, "out_channels": 4, "attention_head_dim": 32, "num_attention_heads": 2, "sample_size": 4,
    "num_cross_attention_heads": 2, "cross_attention_head_dim": 32, "cross_attention_dim": 64,
    "caption_channels": 16, "patch_size": 1,
}  # fmt: skip
HUNYUAN = {
    "sample_size": 8, "in_channels": 4, "patch_size": 2, "attention_head_dim": 8, "num_attention_heads": 2,
    "hidden_size": 16, "cross_attention_dim": 16, "cross_attention_dim_t5": 24, "pooled_projection_dim": 16,
}  # fmt: skip


def zeros(*sides: int) -> torch.Tensor:
    return torch.zeros(1, *sides)


FORWARDS: dict[str, tuple[str, dict[str, Any]]] = {
    "SD3Transformer2DModel": (
        "block_controlnet_hidden_states",
        {
            "hidden_states": zeros(4, 4, 4), "encoder_hidden_states": zeros(3, 24), "timestep": zeros(),
            "pooled_projections": zeros(12),
        },
    ),
    "QwenImageTransformer2DModel": (
        "controlnet_block_samples",
        {
            "hidden_states": zeros(4, 8), "encoder_hidden_states": zeros(3, 24), "timestep": zeros(),
            "encoder_hidden_states_mask": torch.ones(1, 3), "img_shapes": [[(1, 2, 2)]],
        },
    ),
    "SanaTransformer2DModel": (
        "controlnet_block_samples",
        {"hidden_states": zeros(4, 2, 2), "encoder_hidden_states": zeros(3, 16), "timestep": zeros()},
    ),
}  # fmt: skip
"""Class of a network: which argument takes a ControlNet's outputs, all others; the image has four places."""


def names_of(tmp_path: Path, class_name: str, config: dict[str, Any]) -> Path:
    """A file with the tensors of a network: names and shapes."""
    with torch.device("meta"):
        state = getattr(diffusers, class_name).from_config(config).state_dict()
    return written(tmp_path / "control.safetensors", {name: tuple(one.shape) for name, one in state.items()})


def zeroed(class_name: str, config: dict[str, Any]) -> torch.nn.Module:
    """A network that returns what it is given from every block, as all its weights are zero."""
    network = getattr(diffusers, class_name).from_config(config)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    return network.eval()


def told(tmp_path: Path, base: tuple[str, dict[str, Any]], control: tuple[str, dict[str, Any]]):
    """Joints as the names of the ControlNet's file tell them; the file is one of its class."""
    path = names_of(tmp_path, *control)
    assert api.identify(path).denoiser.class_name == control[0]
    found = api.overlay(path, {"_class_name": base[0], **base[1]}, fresh="uncached")
    assert isinstance(found, ControlJoints)
    assert all(joint.layer.startswith("controlnet_blocks.") for joint in found.joints)
    return [(joint.into, joint.target, int(joint.layer.rpartition(".")[2])) for joint in found.joints]


def image_of(given: Any) -> torch.Tensor:
    """Of what a block returns the part of the image: the last where it is a pair."""
    return given[-1] if isinstance(given, tuple) else given


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("base", "control", "blocks", "outputs", "more"),
    [
        ("SD3Transformer2DModel", "SD3ControlNetModel", 5, 2, {}),
        ("SD3Transformer2DModel", "SD3ControlNetModel", 6, 3, {}),
        ("SD3Transformer2DModel", "SD3ControlNetModel", 5, 5,
         {"joint_attention_dim": None, "use_pos_embed": False}),
        ("QwenImageTransformer2DModel", "QwenImageControlNetModel", 5, 2, {}),
        ("QwenImageTransformer2DModel", "QwenImageControlNetModel", 4, 4, {"extra_condition_channels": 4}),
        ("SanaTransformer2DModel", "SanaControlNetModel", 4, 2, {}),
    ],
)  # fmt: skip
def test_blocks_get_the_output_that_diffusers_adds_to_them(
    tmp_path: Path, base: str, control: str, blocks: int, outputs: int, more: dict[str, Any]
) -> None:
    """What a block is given beside what the one before it returned is what was added."""
    config = {"SD3": SD3, "Qwen": QWEN, "Sana": SANA}[base.partition("Image")[0].partition("Transformer")[0]]
    network = zeroed(base, {**config, "num_layers": blocks})
    returned: list[torch.Tensor] = []
    following: list[torch.Tensor] = []
    for at, block in enumerate(network.transformer_blocks):
        block.register_forward_hook(lambda _, __, out: returned.append(image_of(out)))
        if at:
            block.register_forward_pre_hook(
                lambda _, args, named: following.append(args[0] if args else named["hidden_states"]),
                with_kwargs=True,
            )
    network.norm_out.register_forward_pre_hook(lambda _, args: following.append(args[0]))
    argument, arguments = FORWARDS[base]
    width = config["attention_head_dim"] * config["num_attention_heads"]
    added = [torch.full((1, 4, width), at + 1.0) for at in range(outputs)]
    with torch.no_grad():
        network(**arguments, **{argument: added})
    at_each = [round(float((b - a).mean())) - 1 for a, b in zip(returned, following, strict=True)]
    expected = [(f"transformer_blocks.{at}", "", one) for at, one in enumerate(at_each) if one >= 0]
    assert expected
    assert expected == told(
        tmp_path,
        (base, {**config, "num_layers": blocks}),
        (control, {**config, "num_layers": outputs, **more}),
    )


@pytest.mark.parametrize(
    ("class_name", "config", "title"),
    [
        ("CosmosControlNetModel", {"model_channels": 32, "num_attention_heads": 2, "attention_head_dim": 16,
                                   "n_controlnet_blocks": 2}, "Cosmos ControlNet"),
        ("QwenImageControlNetModel", {**QWEN, "num_layers": 2}, "Qwen-Image ControlNet"),
        ("FluxControlNetModel", {"num_layers": 1, "num_single_layers": 1}, "FLUX.1 ControlNet"),
        ("SD3ControlNetModel", {**SD3, "num_layers": 2, "joint_attention_dim": None, "use_pos_embed": False},
         "SD3.5 Large ControlNet"),
        ("SanaControlNetModel", {**SANA, "num_layers": 2}, "Sana ControlNet"),
        ("HunyuanDiT2DControlNetModel", {**HUNYUAN, "transformer_num_layers": 6}, "Hunyuan-DiT ControlNet"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_a_controlnet_is_not_taken_for_its_base_nor_for_that_of_another(
    tmp_path: Path, class_name: str, config: dict[str, Any], title: str
) -> None:
    found = api.identify(names_of(tmp_path, class_name, config)).denoiser
    assert (found.title, found.kind) == (title, "ControlNet")


@pytest.mark.filterwarnings("ignore")
def test_a_picture_shows_each_output_over_its_blocks_and_says_which(tmp_path: Path) -> None:
    config = {
        "num_layers": 19,
        "num_attention_heads": 38,
        "joint_attention_dim": None,
        "use_pos_embed": False,
    }
    path = names_of(tmp_path, "SD3ControlNetModel", config)
    drawn = unetscope.draw("sd35-large", overlay=path).text
    assert re.findall(r">(\d+)</text></g>", drawn)[-18:] == [str(at) for at in range(18)]
    assert "19 outputs to blocks 0–36" in drawn
    assert "transformer_blocks.20–21 + controlnet_blocks.10, 2432 channels" in drawn
    path = names_of(tmp_path, "SanaControlNetModel", {"num_layers": 7})
    drawn = unetscope.draw("sana-1600m-1024", overlay=path).text
    assert "7 outputs to blocks 1–7" in drawn
    assert "outlined" not in drawn
