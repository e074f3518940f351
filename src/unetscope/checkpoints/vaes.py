"""AutoencoderKL: CompVis' names → those of diffusers, and the config that the tensors tell.

After diffusers' `convert_ldm_vae_checkpoint` (0.42): the decoder's levels are counted from the other end,
and attention's 1×1 convolutions are linear layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from unetscope.sizes import Shape

_LEVELS = (
    ("encoder.down.#.block", "encoder.down_blocks.#.resnets"),
    ("encoder.down.#.downsample", "encoder.down_blocks.#.downsamplers.0"),
    ("decoder.up.#.block", "decoder.up_blocks.#.resnets"),
    ("decoder.up.#.upsample", "decoder.up_blocks.#.upsamplers.0"),
)
"""LDM name ↔ diffusers name of what stands in each level, # its number."""
_PARTS = (
    ("mid.block_1", "mid_block.resnets.0"),
    ("mid.block_2", "mid_block.resnets.1"),
    ("mid.attn_1.norm", "mid_block.attentions.0.group_norm"),
    ("mid.attn_1.q", "mid_block.attentions.0.to_q"),
    ("mid.attn_1.k", "mid_block.attentions.0.to_k"),
    ("mid.attn_1.v", "mid_block.attentions.0.to_v"),
    ("mid.attn_1.proj_out", "mid_block.attentions.0.to_out.0"),
    ("norm_out", "conv_norm_out"),
)
"""The same of what stands right below the encoder and the decoder."""
_SHORTCUT = ("nin_shortcut", "conv_shortcut")
"""The same of a residual block's own shortcut."""


def to_diffusers(names: Iterable[str]) -> dict[str, str]:
    """LDM name → diffusers name; one that both have alike is its own."""
    return _renamed(list(names), old=0, new=1)


def from_diffusers(names: Iterable[str]) -> dict[str, str]:
    """Diffusers name → LDM name, the way back."""
    return _renamed(list(names), old=1, new=0)


def _renamed(names: list[str], *, old: int, new: int) -> dict[str, str]:
    """Each name in the other scheme: one side of the tables is looked for, the other put in its place."""
    levels = [(_numbered(pair[old]), pair[new]) for pair in _LEVELS]
    places = {name: (place, to) for name in names for at, to in levels if (place := at.match(name))}
    last = max((int(place[1]) for place, to in places.values() if to.startswith("decoder")), default=0)
    parts = {
        f"{side}.{pair[old]}.": f"{side}.{pair[new]}." for side in ("encoder", "decoder") for pair in _PARTS
    }

    def moved(name: str) -> str:
        if name in places:
            place, to = places[name]
            number = last - int(place[1]) if to.startswith("decoder") else int(place[1])
            return f"{to.replace('#', str(number))}.{_with_shortcut(place[2])}"
        part = next((part for part in parts if name.startswith(part)), "")
        return parts[part] + _with_shortcut(name.removeprefix(part)) if part else name

    def _with_shortcut(rest: str) -> str:
        return rest.replace(f"{_SHORTCUT[old]}.", f"{_SHORTCUT[new]}.")

    return {name: moved(name) for name in names}


def _numbered(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(r"\#", r"(\d{1,2})") + r"\.(.+)")


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
