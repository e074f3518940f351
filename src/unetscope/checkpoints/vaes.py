"""AutoencoderKL: CompVis' names → those of diffusers, and the config that the tensors tell.

After diffusers' `convert_ldm_vae_checkpoint` (0.42): the decoder's levels are counted from the other end,
and attention's 1×1 convolutions are linear layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from unetscope.sizes import Shape

_LEVEL = re.compile(r"^(encoder\.down|decoder\.up)\.(\d{1,2})\.(block|downsample|upsample)\.(.+)$")
_MIDDLE = re.compile(r"^(encoder|decoder)\.mid\.(block|attn)_(\d)\.(.+)$")
_ATTENTION = {"norm": "group_norm", "q": "to_q", "k": "to_k", "v": "to_v", "proj_out": "to_out.0"}
_SAMPLERS = {"downsample": "downsamplers.0", "upsample": "upsamplers.0"}


def to_diffusers(names: Iterable[str]) -> dict[str, str]:
    """LDM name → diffusers name; one that both have alike is its own."""
    known = list(names)
    matches = (_LEVEL.match(name) for name in known)
    last = max((int(match[2]) for match in matches if match and match[1] == "decoder.up"), default=0)
    return {name: _moved(name, last) for name in known}


def _moved(name: str, last: int) -> str:
    if place := _LEVEL.match(name):
        side, level, part, rest = place[1], int(place[2]), place[3], place[4]
        down = side == "encoder.down"
        block = f"encoder.down_blocks.{level}" if down else f"decoder.up_blocks.{last - level}"
        inner = f"resnets.{_shortcut(rest)}" if part == "block" else f"{_SAMPLERS[part]}.{rest}"
        return f"{block}.{inner}"
    if place := _MIDDLE.match(name):
        side, kind, number, rest = place[1], place[2], int(place[3]) - 1, place[4]
        if kind == "block":
            return f"{side}.mid_block.resnets.{number}.{_shortcut(rest)}"
        part, _, end = rest.partition(".")
        return f"{side}.mid_block.attentions.{number}.{_ATTENTION.get(part, part)}.{end}"
    return name.replace(".norm_out.", ".conv_norm_out.")


def _shortcut(rest: str) -> str:
    return rest.replace("nin_shortcut.", "conv_shortcut.")


def from_diffusers(names: Iterable[str]) -> dict[str, str]:
    """Diffusers name → LDM name, the way back."""
    known = list(names)
    matches = (_BLOCK.match(name) for name in known)
    last = max((int(match[2]) for match in matches if match and match[1] == "decoder.up"), default=0)
    return {name: _moved_back(name, last) for name in known}


_BLOCK = re.compile(
    r"^(encoder\.down|decoder\.up)_blocks\.(\d{1,2})\.(resnets|downsamplers\.0|upsamplers\.0)\.(.+)$"
)
_MID = re.compile(r"^(encoder|decoder)\.mid_block\.(resnets|attentions)\.(\d)\.(.+)$")
_SAMPLERS_BACK = {new: old for old, new in _SAMPLERS.items()}
_ATTENTION_BACK = {new: old for old, new in _ATTENTION.items()}


def _moved_back(name: str, last: int) -> str:
    if place := _BLOCK.match(name):
        side, level, part, rest = place[1], int(place[2]), place[3], place[4]
        number = last - level if side == "decoder.up" else level
        inner = f"block.{_unshortcut(rest)}" if part == "resnets" else f"{_SAMPLERS_BACK[part]}.{rest}"
        return f"{side}.{number}.{inner}"
    if place := _MID.match(name):
        side, kind, number, rest = place[1], place[2], int(place[3]) + 1, place[4]
        if kind == "resnets":
            return f"{side}.mid.block_{number}.{_unshortcut(rest)}"
        part, _, end = rest.rpartition(".")
        return f"{side}.mid.attn_{number}.{_ATTENTION_BACK.get(part, part)}.{end}"
    return name.replace(".conv_norm_out.", ".norm_out.")


def _unshortcut(rest: str) -> str:
    return rest.replace("conv_shortcut.", "nin_shortcut.")


def convolved(name: str, shape: Shape) -> Shape:
    """A tensor's shape in LDM, where attention's linear layers are convolutions of one pixel."""
    return (*shape, 1, 1) if ".attentions." in name and len(shape) == 2 else shape


def linear(name: str, shape: Shape | None) -> Shape | None:
    """A tensor's shape in diffusers, where attention's convolutions are linear."""
    return shape[:2] if shape is not None and ".attentions." in name else shape


def config(names: Mapping[str, Shape | None]) -> dict[str, Any]:
    """The config fields that a VAE's tensors settle, under diffusers' names."""
    levels = 1 + max((int(match[1]) for name in names if (match := _DOWN.match(name))), default=-1)
    widths = [
        _side(names, f"encoder.down_blocks.{level}.resnets.0.conv1.weight", 0) for level in range(levels)
    ]
    layers = {name.split(".")[4] for name in names if name.startswith("encoder.down_blocks.0.resnets.")}
    if not widths or None in widths:
        return {}
    return {
        "in_channels": _side(names, "encoder.conv_in.weight", 1),
        "out_channels": _side(names, "decoder.conv_out.weight", 0),
        "latent_channels": _side(names, "decoder.conv_in.weight", 1),
        "block_out_channels": widths,
        "layers_per_block": len(layers),
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "use_quant_conv": "quant_conv.weight" in names,
        "use_post_quant_conv": "post_quant_conv.weight" in names,
        "mid_block_add_attention": "encoder.mid_block.attentions.0.to_q.weight" in names,
    }


_DOWN = re.compile(r"^encoder\.down_blocks\.(\d{1,2})\.")


def _side(names: Mapping[str, Shape | None], name: str, axis: int) -> int | None:
    shape = names.get(name)
    return shape[axis] if shape is not None and len(shape) > axis else None
