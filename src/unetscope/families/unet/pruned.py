"""The config of a UNet that lost levels, layers or attention, as far as diffusers' keys can say it. No torch.

The opposite of `level`: from what each level holds to the lists that say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from unetscope.families.family import Config

PER_LEVEL_UP = ("up_block_types", "reverse_transformer_layers_per_block")
"""Lists whose entries stand from the coarsest level on."""


@dataclass(frozen=True, slots=True)
class LevelLeft:
    """What is left of one level: its index in the teacher, the layers of its down block, and the depth of
    each layer's attention there and in its up block, None for a layer without."""

    index: int
    layers: int
    down: tuple[int | None, ...]
    up: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class MidLeft:
    """What is left of the mid block: all its parts with attention of a depth, one residual block, nothing."""

    kind: Literal["whole", "plain", "none"]
    depth: int = 1


def config(config: Config, left: Sequence[LevelLeft], mid: MidLeft) -> dict[str, Any]:
    """The config that comes nearest to what is left of a network; whether it says it all, others see.

    Keys that nothing changes stay as they were, those that the config leaves out among them.
    """
    count = len(config["down_block_types"])
    changed = {key: _kept(key, value, left, count) for key, value in config.items()}
    for level, at in zip(left, range(len(left)), strict=True):
        for key, depths, place in (
            ("down_block_types", level.down, at),
            ("up_block_types", level.up, len(left) - 1 - at),
        ):
            if all(depth is None for depth in depths):
                changed[key][place] = without_attention(changed[key][place])
    changed["layers_per_block"] = _one_or_list([level.layers for level in left])
    if mid.kind != "whole":
        changed["mid_block_type"] = None if mid.kind == "none" else "UNetMidBlock2D"
    if any("CrossAttn" in name for name in (*config["down_block_types"], *config["up_block_types"])):
        changed |= _depths(changed, left, mid)
    return changed


def without_attention(name: str) -> str:
    """The class of a block that is the same but for its attention."""
    if "SimpleCrossAttn" in name:
        sampler = "Downsample" if "Down" in name else "Upsample"
        return f"Resnet{sampler}Block2D"
    return name.replace("CrossAttn", "").replace("Attn", "")


def _kept(key: str, value: Any, left: Sequence[LevelLeft], count: int) -> Any:
    """A value with the entries of the levels that are left, where it has one a level."""
    if not isinstance(value, list | tuple) or len(value) != count or key == "sample_size":
        return value
    indices = [level.index for level in left]
    if key in PER_LEVEL_UP:
        return [value[count - 1 - index] for index in reversed(indices)]
    return [value[index] for index in indices]


def _depths(config: Config, left: Sequence[LevelLeft], mid: MidLeft) -> dict[str, Any]:
    """How many layers each attention has: of down blocks and the mid block, and of up blocks if they differ.

    A level without attention keeps its number; the mid block reads the last, in a list the first of it.
    """
    before = config.get("transformer_layers_per_block", 1)
    old = list(before) if isinstance(before, list | tuple) else [before] * len(left)
    downs = [_entry(level.down, spare) for level, spare in zip(left, old, strict=True)]
    if mid.kind == "whole" and all(depth is None for depth in left[-1].down):
        downs[-1] = mid.depth
    ups = [
        _entry(level.up, spare if isinstance(spare, int) else 1)
        for level, spare in zip(left, downs, strict=True)
    ]
    depths: dict[str, Any] = {}
    if downs != old:
        depths["transformer_layers_per_block"] = _one_or_list(downs)
    mirrored = all(isinstance(down, int) for down in downs) and downs == ups
    if not mirrored or config.get("reverse_transformer_layers_per_block"):
        depths["reverse_transformer_layers_per_block"] = None if mirrored else ups[::-1]
    return depths


def _entry(depths: tuple[int | None, ...], spare: Any) -> Any:
    """One number for a block whose attention is as deep everywhere, else one a layer."""
    known = [depth for depth in depths if depth is not None]
    if not known:
        return spare
    return known[0] if len(set(known)) == 1 else known


def _one_or_list(values: list[Any]) -> Any:
    return values[0] if all(value == values[0] for value in values) and isinstance(values[0], int) else values
