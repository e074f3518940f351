"""The config of a UNet from its tensors, under diffusers' names: what they settle, and nothing else.

Head counts leave no trace in shapes, nor do sizes, activations, schedulers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unetscope.checkpoints.names.naming import Names

_PLACE = re.compile(r"^(down_blocks|up_blocks)\.(\d{1,2})\.(\w+)\.(\d{1,2})\.(.+)$")
_DEPTH = re.compile(r"^transformer_blocks\.(\d{1,3})\.")
_OF_OLD = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
_OLD = re.compile(r"(attentions\.\d+\.)(query|key|value|proj_attn)(\.(?:weight|bias))$")


@dataclass(slots=True)
class _Block:
    """What stands in one block: depths of its transformers by their place, its resnets, other parts."""

    resnets: set[int] = field(default_factory=set)
    depths: dict[int, int] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)


def modern(names: Names) -> dict[str, Any]:
    """Tensors with attention under its names of today: before diffusers 0.17 it had others."""
    return {_OLD.sub(lambda m: f"{m[1]}{_OF_OLD[m[2]]}{m[3]}", name): shape for name, shape in names.items()}


def config(names: Names) -> dict[str, Any]:
    """The config fields that the tensors settle; one whose shape is not known is left out."""
    down, up, mid = _blocks(names, "down_blocks"), _blocks(names, "up_blocks"), _middle(names)
    fields: dict[str, Any] = {
        "in_channels": _side(names, "conv_in.weight", 1),
        "out_channels": _side(names, "conv_out.weight", 0),
        "block_out_channels": _widths(names, len(down)),
        "cross_attention_dim": _context(names),
        "layers_per_block": _alike([len(block.resnets) for block in down]),
        "down_block_types": [_kind(block, "Down") for block in down],
        **({"up_block_types": _up_types(down, up)} if up else {}),
        **_depths(down, up, mid),
        **_embeddings(names),
    }
    if up:
        fields["mid_block_type"] = _mid_type(mid)
    flat = _rank(names, ".proj_in.weight")
    if flat:
        fields["use_linear_projection"] = flat == 2
    fields |= _unusual(names, fields["block_out_channels"] or [], fields["cross_attention_dim"])
    return {key: value for key, value in fields.items() if value is not None or key in _MAY_BE_NONE}


def _unusual(names: Names, widths: list[int], context: int | None) -> dict[str, Any]:
    """Fields that few UNets set, where the tensors say so.

    Resnets that time scales and shifts have twice the rows (DeepFloyd IF, Kandinsky); in the x4 upscaler the
    first attention of a block reads the text too.
    """
    fields: dict[str, Any] = {}
    rows = _side(names, "down_blocks.0.resnets.0.time_emb_proj.weight", 0)
    if rows is not None and widths and rows == 2 * widths[0]:
        fields["resnet_time_scale_shift"] = "scale_shift"
    reads = [
        _side(names, f"down_blocks.{level}.attentions.0.transformer_blocks.0.attn1.to_k.weight", 1)
        for level in range(len(widths))
    ]
    crossed = [
        read is not None and read == context and read != width
        for read, width in zip(reads, widths, strict=True)
    ]
    if any(crossed):
        fields["only_cross_attention"] = crossed
    return fields


_MAY_BE_NONE = (
    "mid_block_type",
    "addition_embed_type",
    "encoder_hid_dim_type",
    "encoder_hid_dim",
    "projection_class_embeddings_input_dim",
    "num_class_embeds",
    "time_cond_proj_dim",
)
"""Fields whose None says that there is no such part, as names tell."""


def is_unconditional(names: Names) -> bool:
    """Whether nothing in a UNet attends to a text or an image: diffusers' UNet2DModel."""
    return not any("transformer_blocks" in name or ".add_k_proj." in name for name in names)


def _blocks(names: Names, side: str) -> list[_Block]:
    blocks: dict[int, _Block] = {}
    for name in names:
        place = _PLACE.match(name)
        if place is None or place[1] != side:
            continue
        block = blocks.setdefault(int(place[2]), _Block())
        _note(block, place[3], int(place[4]), place[5])
    return [blocks[number] for number in sorted(blocks)]


def _note(block: _Block, part: str, number: int, rest: str) -> None:
    if part == "resnets":
        block.resnets.add(number)
    elif part == "attentions":
        depth = _DEPTH.match(rest)
        block.depths[number] = max(block.depths.get(number, 0), int(depth[1]) + 1 if depth else 0)
        block.kinds |= {word for word in ("add_k_proj", "attn2") if f"{word}." in rest}
    elif rest.startswith("conv1."):
        block.kinds.add("resnet sampler")


def _middle(names: Names) -> _Block | None:
    rests = [name.split(".", 3)[1:] for name in names if name.startswith("mid_block.")]
    if not rests:
        return None
    block = _Block()
    for part, number, rest in (parts for parts in rests if len(parts) == 3 and parts[1].isdigit()):
        _note(block, part, int(number[:3]), rest)
    return block


def _kind(block: _Block, side: str) -> str:
    if "add_k_proj" in block.kinds:
        return f"SimpleCrossAttn{side}Block2D"
    if any(block.depths.values()):
        return f"CrossAttn{side}Block2D"
    if block.depths:
        return f"Attn{side}Block2D"
    if "resnet sampler" in block.kinds:
        return "ResnetDownsampleBlock2D" if side == "Down" else "ResnetUpsampleBlock2D"
    return f"{side}Block2D"


def _up_types(down: list[_Block], up: list[_Block]) -> list[str]:
    """The types of the up blocks. The last has no sampler that would show its kind: it is that of the first
    down block."""
    types = [_kind(block, "Up") for block in up]
    if types[-1] == "UpBlock2D" and _kind(down[0], "Down") == "ResnetDownsampleBlock2D":
        types[-1] = "ResnetUpsampleBlock2D"
    return types


def _mid_type(mid: _Block | None) -> str | None:
    if mid is None:
        return None
    if "add_k_proj" in mid.kinds:
        return "UNetMidBlock2DSimpleCrossAttn"
    return "UNetMidBlock2DCrossAttn" if any(mid.depths.values()) else "UNetMidBlock2D"


def _depths(down: list[_Block], up: list[_Block], mid: _Block | None) -> dict[str, Any]:
    """transformer_layers_per_block, and its reverse if the up blocks do not mirror the down blocks."""
    if not any(any(block.depths.values()) for block in [*down, *up]):
        return {}
    there = [_alike(list(block.depths.values())) or 1 for block in down]
    _last_from_middle(there, down, mid)
    back = [_alike(list(block.depths.values())) or 1 for block in up]
    mirrored = len(back) == len(there) and all(
        not block.depths or depth == other
        for block, depth, other in zip(up, back, reversed(there), strict=True)
    )
    fields: dict[str, Any] = {"transformer_layers_per_block": _alike(there)}
    if up and not mirrored:
        fields["reverse_transformer_layers_per_block"] = back
    return fields


def _last_from_middle(there: list[Any], down: list[_Block], mid: _Block | None) -> None:
    """The last level's depth is that of the middle where the level itself has no transformer."""
    if mid is not None and any(mid.depths.values()) and there and not down[-1].depths:
        there[-1] = max(mid.depths.values())


def _alike(values: list[Any]) -> Any:
    """One value for all where they are the same; a block without transformers agrees with any."""
    if not values:
        return None
    return values[0] if all(value == values[0] for value in values) else values


def _embeddings(names: Names) -> dict[str, Any]:
    """Fields about what conditions the network beside time and context; None says that it is not there."""
    pooled, hidden = "add_embedding.linear_1.weight", "encoder_hid_proj.weight"
    images, seen = "add_embedding.image_proj.weight", "encoder_hid_proj.image_embeds.weight"
    text_time, image_proj = pooled in names, seen in names
    sides = {
        "projection_class_embeddings_input_dim": (pooled, 1),
        "num_class_embeds": ("class_embedding.weight", 0),
        "time_cond_proj_dim": ("time_embedding.cond_proj.weight", 1),
        "encoder_hid_dim": (seen if image_proj else hidden, 1),
    }
    measured = {key: _side(names, name, axis) for key, (name, axis) in sides.items()}
    known = {key: side for key, side in measured.items() if side is not None or sides[key][0] not in names}
    return {
        "addition_embed_type": "text_time" if text_time else "image" if images in names else None,
        "encoder_hid_dim_type": "image_proj" if image_proj else "text_proj" if hidden in names else None,
        **known,
    }


def _widths(names: Names, levels: int) -> list[int] | None:
    sides = [_side(names, f"down_blocks.{level}.resnets.0.conv1.weight", 0) for level in range(levels)]
    return None if None in sides or not sides else [side for side in sides if side is not None]


def _context(names: Names) -> int | None:
    """Width of what the cross-attention reads."""
    for ending in (".attn2.to_k.weight", ".add_k_proj.weight"):
        for name, shape in names.items():
            if name.endswith(ending) and shape:
                return shape[-1]
    return None


def _rank(names: Names, ending: str) -> int:
    return next((len(shape) for name, shape in names.items() if name.endswith(ending) and shape), 0)


def _side(names: Mapping[str, Any], name: str, axis: int) -> int | None:
    shape = names.get(name)
    return shape[axis] if shape is not None and len(shape) > axis else None
