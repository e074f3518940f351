"""A UNet's config as one record a level, as diffusers 0.42 hands it to the blocks. No torch.

The lists of a config are read here and nowhere else, whether they stand once or per level, from the finest
level on or from the coarsest. Expects a complete config whose lists have the right lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unetscope.families.family import Config

Depth: TypeAlias = "int | list[int | None] | None"
"""Transformer blocks in each layer of a block: one number for all, or one per layer."""

_PREFIX = "UNetRes"
"""What the oldest configs put before a block's name; diffusers drops it."""
_TRANSFORMED = frozenset({"CrossAttnDownBlock2D", "UNetMidBlock2DCrossAttn", "CrossAttnUpBlock2D"})
"""Blocks of transformers: they alone read depths, and take `attention_head_dim` for a number of heads."""


@dataclass(frozen=True, slots=True)
class UNetBlock:
    """A down, mid or up block, by its class in diffusers and what that is given.

    `layers` are residual blocks, each followed by attention where the block `attends` (skip up blocks attend
    once); a mid block has one more residual block in front. `head` is its entry of `attention_head_dim`. A
    block `resamples` unless it is the last on its way.
    """

    way: Literal["down", "mid", "up"]
    type: str
    channels: int
    layers: int
    depth: Depth
    head: int | None
    attends: bool
    resamples: bool

    @property
    def has_transformers(self) -> bool:
        """Whether its attention lies in transformers."""
        return self.type in _TRANSFORMED


@dataclass(frozen=True, slots=True)
class UNetLevel:
    """One resolution: the finest has index 0, the coarsest holds the mid block, where there is one.

    `context` is the width of what its blocks cross-attend to; None where they have no such width.
    """

    index: int
    channels: int
    context: int | None
    down: UNetBlock
    up: UNetBlock
    mid: UNetBlock | None = None

    @property
    def blocks(self) -> tuple[UNetBlock, ...]:
        """The blocks that work at this resolution."""
        return (self.down, self.up, self.mid) if self.mid else (self.down, self.up)

    @property
    def crosses(self) -> bool:
        """Whether a block has cross-attention; without a width a mid block of transformers has none."""
        return any(
            "CrossAttn" in block.type
            for block in self.blocks
            if not (block is self.mid and block.has_transformers and self.context is None)
        )


def levels(config: Config) -> tuple[UNetLevel, ...]:
    """The levels of a config, from the finest on."""
    count = len(config["down_block_types"])
    channels = config["block_out_channels"]
    contexts = _per_level(config.get("cross_attention_dim"), count)
    downs, ups, mid = _downs(config), _ups(config), _mid(config)
    return tuple(
        UNetLevel(
            index,
            channels[index],
            contexts[index],
            downs[index],
            ups[-1 - index],
            mid if index == count - 1 else None,
        )
        for index in range(count)
    )


def blocks(levels: Sequence[UNetLevel]) -> Iterator[UNetBlock]:
    """All blocks in the order they run."""
    yield from (level.down for level in levels)
    yield from (level.mid for level in levels if level.mid)
    yield from (level.up for level in reversed(levels))


def is_conditional(config: Config) -> bool:
    """Whether a complete config is one of UNet2DConditionModel; UNet2DModel knows no context."""
    return "cross_attention_dim" in config


def time_width(config: Config) -> int:
    """Width of the time embedding: a number of values a channel of the finest level, unless it is given.

    Four values; two of UNet2DConditionModel's Fourier features.
    """
    fourier = is_conditional(config) and config["time_embedding_type"] == "fourier"
    return int(config.get("time_embedding_dim") or config["block_out_channels"][0] * (2 if fourier else 4))


def _per_level(value: object, count: int) -> list[Any]:
    """A value given once or per level, as one entry per level."""
    return list(value) if isinstance(value, list | tuple) else [value] * count


def _downs(config: Config) -> list[UNetBlock]:
    """The down blocks, finest first. Where there are more depths than levels, they read the first."""
    types = [name.removeprefix(_PREFIX) for name in config["down_block_types"]]
    count = len(types)
    layers = _per_level(config["layers_per_block"], count)
    heads = _per_level(config["attention_head_dim"], count)
    return [
        UNetBlock(
            "down",
            type,
            config["block_out_channels"][index],
            layers[index],
            _depths(config)[index],
            heads[index],
            attends="Attn" in type,
            resamples=index < count - 1,
        )
        for index, type in enumerate(types)
    ]


def _ups(config: Config) -> list[UNetBlock]:
    """The up blocks, coarsest first: they have the layers of their level, plus one, except for K blocks.

    Depths come from a list of their own, or from the end of the other list. Numbers of heads are those of the
    level; diffusers hands out widths of heads from the finest level on, to the coarsest block first.
    """
    types = [name.removeprefix(_PREFIX) for name in config["up_block_types"]]
    count = len(types)
    channels = config["block_out_channels"][::-1]
    layers = _per_level(config["layers_per_block"], count)[::-1]
    heads = _per_level(config["attention_head_dim"], count)
    depths = config.get("reverse_transformer_layers_per_block") or _depths(config)[::-1]
    return [
        UNetBlock(
            "up",
            type,
            channels[index],
            layers[index] + (not type.startswith("K")),
            depths[index],
            heads[-1 - index] if type in _TRANSFORMED else heads[index],
            attends="Attn" in type,
            resamples=index < count - 1,
        )
        for index, type in enumerate(types)
    ]


def _mid(config: Config) -> UNetBlock | None:
    """The mid block, which reads the last entry of every list; None where there is none.

    UNet2DConditionModel makes its plain one a single residual block.
    """
    type, count = config["mid_block_type"], len(config["down_block_types"])
    if not type:
        return None
    return UNetBlock(
        "mid",
        type,
        config["block_out_channels"][-1],
        0 if is_conditional(config) and type == "UNetMidBlock2D" else 1,
        _depths(config)[-1],
        _per_level(config["attention_head_dim"], count)[-1],
        attends=type != "UNetMidBlock2D" or bool(config.get("add_attention")),
        resamples=False,
    )


def _depths(config: Config) -> list[Depth]:
    return _per_level(config.get("transformer_layers_per_block", 0), len(config["down_block_types"]))
