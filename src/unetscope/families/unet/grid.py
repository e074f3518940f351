"""Which heights and widths a UNet takes, from its config alone: how each level halves a side, and whether
the up block restores it. Needs no torch.

Where a size is no multiple of 2 to the number of halvings, a text-conditional UNet tells its plain up
blocks the size to restore; every other up block only doubles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.families.family import Axis, Config
from unetscope.families.unet.level import UNetBlock, UNetLevel, is_conditional, levels
from unetscope.sizes import Axes

DEFAULT_SIDE = 64
"""Latent side where a config names no sample_size: that of a 512-pixel Stable Diffusion."""
_PADDED = frozenset({"DownBlock2D", "CrossAttnDownBlock2D"})
"""Blocks that halve by a convolution with `downsample_padding`; so does AttnDownBlock2D, unless the config
makes it use a residual block."""
_TOLD = frozenset({"UpBlock2D", "CrossAttnUpBlock2D"})
"""Blocks that pass the size to restore to their upsampler."""


def sides(config: Config) -> tuple[Axis, Axis]:
    """Height and width: native sizes from the config's `sample_size`, in steps of what all levels halve.

    From two steps on: with one, the coarsest map is a single cell, and PyTorch takes other paths.
    """
    height, width = _native(config)
    step = _whole(levels(config))
    return Axis("height", height, step), Axis("width", width, step)


def _native(config: Config) -> tuple[int, int]:
    """Height and width from `sample_size`: an integer, a pair, or missing."""
    sample_size = config.get("sample_size")
    if sample_size is None:
        return DEFAULT_SIDE, DEFAULT_SIDE
    if isinstance(sample_size, int):
        return sample_size, sample_size
    height, width = sample_size
    return height, width


def advice(config: Config, axes: Axes) -> tuple[str, Axes | None]:
    """The answer to a refused size: words that lead up to another size, and that size, still to be tried.

    It is the nearest size that keeps the rule, or twice the size if that already keeps it: a coarsest level
    of a single point has nothing to normalise. None where no size keeps the rule.
    """
    latent = axes["height"], axes["width"]
    all_levels = levels(config)
    if all(takes(config, all_levels, side) for side in latent):
        return "it takes", {"height": 2 * latent[0], "width": 2 * latent[1]}
    height, width = (_nearest(config, all_levels, side) for side in latent)
    if height is None or width is None:
        return "no height or width fits this network: see downsample_padding and conv_in_kernel", None
    number = _divisor(config, all_levels)
    rule = f"it takes heights and widths divisible by {number}; " if number else ""
    return f"{rule}the nearest size is", {"height": height, "width": width}


def takes(config: Config, levels: Sequence[UNetLevel], side: int) -> bool:
    """Whether every halving of a side is undone on the way up.

    K blocks pad by reflection: a side of 1 is too short for that.
    """
    sides = list(_sides(config, levels, side))
    tells_size = is_conditional(config) and side % _whole(levels) != 0
    last = sides[0] - (1 - config.get("conv_out_kernel", 3) % 2)
    return min(*sides, last) > 0 and all(
        (tells_size and level.up.type in _TOLD)
        or (fine == 2 * coarse and (coarse > 1 or not level.up.type.startswith("K")))
        for level, fine, coarse in zip(levels[1:], sides, sides[1:], strict=False)
    )


def _divisor(config: Config, levels: Sequence[UNetLevel]) -> int | None:
    """The smallest power of two whose multiples fit, apart from the very smallest sizes; None if there is
    none."""
    whole = _whole(levels)
    for number in (2**power for power in range(whole.bit_length())):
        if all(takes(config, levels, side) for side in range(2 * whole, 4 * whole + 1, number)):
            return int(number)
    return None


def _nearest(config: Config, levels: Sequence[UNetLevel], side: int) -> int | None:
    """The side closest to a refused one; the larger of two equally close."""
    for distance in range(2 * _whole(levels) + 1):
        for candidate in (side + distance, side - distance):
            if candidate > 0 and takes(config, levels, candidate):
                return candidate
    return None


def _whole(levels: Sequence[UNetLevel]) -> int:
    """The number by which all levels together divide a side."""
    return int(2 ** (len(levels) - 1))


def _sides(config: Config, levels: Sequence[UNetLevel], side: int) -> Iterator[int]:
    """The side at each level; an even kernel before the first shortens it by one."""
    side -= 1 - config.get("conv_in_kernel", 3) % 2
    yield side
    for level in levels[:-1]:
        side = _halved(level.down, config, side)
        yield side


def _halved(block: UNetBlock, config: Config, side: int) -> int:
    padding = config.get("downsample_padding", 1)
    attended = block.type == "AttnDownBlock2D" and config.get("downsample_type", "conv") == "conv"
    if padding and (block.type in _PADDED or attended):
        return int(side + 2 * padding - 3) // 2 + 1
    return side // 2
