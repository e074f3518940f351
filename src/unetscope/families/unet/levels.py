"""What a config gives per level, as diffusers 0.42 hands it to the blocks, and the depths of transformers.

Expects complete and well-typed configs. No torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from unetscope.families.family import Config

Depth: TypeAlias = "int | list[int | None] | None"
"""Transformer blocks in each layer of a block: one number for all, or one per layer."""

PREFIX = "UNetRes"
"""What the oldest configs put before a block's name; diffusers drops it."""


class Reader(NamedTuple):
    """A block with transformers: its type, the depth it is given, and how many of its layers read one."""

    block: str
    depth: Depth
    layers: int


def per_level(value: object, levels: int) -> list[Any]:
    """A value given once or per level, as one entry per level."""
    return list(value) if isinstance(value, list | tuple) else [value] * levels


def depths(config: Config) -> tuple[list[Depth], list[Depth]]:
    """Transformer depths of the down blocks, and of the up blocks in their own order.

    A list may be longer than there are levels: down blocks read it from the front, the mid block its
    last entry, up blocks from the end.
    """
    down = per_level(config.get("transformer_layers_per_block", 0), len(config["down_block_types"]))
    up = config.get("reverse_transformer_layers_per_block")
    return down, down[::-1] if up is None else list(up)


def depth_readers(config: Config) -> Iterator[Reader]:
    """The blocks that read transformer depths: dual transformers are one deep, all others have none."""
    if config.get("dual_cross_attention"):
        return
    down, up = depths(config)
    layers = per_level(config["layers_per_block"], len(config["down_block_types"]))
    blocks = [*zip(config["down_block_types"], down, layers, strict=False)]
    blocks += [(config["mid_block_type"] or "", down[-1], 1)]
    blocks += [
        (name, depth, count + 1)
        for name, depth, count in zip(config["up_block_types"], up, layers[::-1], strict=False)
    ]
    for name, depth, count in blocks:
        block = name.removeprefix(PREFIX)
        if block in ("CrossAttnDownBlock2D", "UNetMidBlock2DCrossAttn", "CrossAttnUpBlock2D"):
            yield Reader(block, depth, count)
