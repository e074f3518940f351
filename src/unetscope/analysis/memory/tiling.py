"""A VAE that runs in tiles, as diffusers' `enable_tiling` has it: which tiles, and the bytes they take.

Tiles overlap; each is decoded (or encoded) by itself, all results are kept, blended in place and joined,
first to rows, then to the image (or the latent).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, TypeAlias

from unetscope.errors import ConfigError
from unetscope.families.module_names import half_of
from unetscope.model import Architecture

TileSize: TypeAlias = tuple[int, int]
"""Height and width in pixels."""
_QUARTERS = frozenset({"AutoencoderKL", "AutoencoderKLFlux2", "AutoencoderKLHunyuanImage"})
"""Classes whose tiles have the side they were trained at and overlap by a quarter (tile_overlap_factor)."""
_FIXED = {
    "AutoencoderDC": (512, 448),
    "AutoencoderKLQwenImage": (256, 192),
    "AutoencoderKLWan": (256, 192),
}
"""Sides and strides of the tiles of other classes, in pixels: tile_sample_min_width and
tile_sample_stride_width in diffusers 0.42."""


def tiles(vae: Architecture) -> list[TileSize]:
    """Heights and widths in pixels of the tiles of an image of the VAE's size, in order.

    One where the image is no larger than a tile. Raises ConfigError for a class of which no tiling is known.
    """
    height, width = vae.basis.axes["height"], vae.basis.axes["width"]
    factor = _factor(vae, height)
    tile, stride = _tile(vae, factor)
    if max(height, width) // factor <= tile:
        return [(height, width)]
    rows, columns = (list(_sides(side // factor, tile, stride)) for side in (height, width))
    return [(high * factor, wide * factor) for high, wide in product(rows, columns)]


def tiled_peak(decoded: Iterable[tuple[int, int]], image: int) -> int:
    """The most bytes alive, of the peak and the result of each tile in order and of the whole image."""
    kept_rows = most = 0
    for peak, tile in decoded:
        most = max(most, kept_rows + peak, kept_rows + 2 * tile)
        kept_rows += tile
    return max(most, kept_rows + 2 * image)  # rows beside the tiles, then the image beside both


def _factor(vae: Architecture, height: int) -> int:
    """Pixels of the image for one cell of the latent, along a side."""
    encoded = next((node.output for node in vae.nodes if half_of(node.path) == "encoder"), None)
    if not encoded:
        raise _unknown(vae)
    return height // encoded[-2]


def _tile(vae: Architecture, factor: int) -> tuple[int, int]:
    """Side and stride of a tile in cells of the latent."""
    if vae.class_name in _QUARTERS:
        side: Any = vae.config["sample_size"]
        whole = int(side[0] if isinstance(side, list | tuple) else side) // factor
        return whole, int(whole * 0.75)
    if vae.class_name not in _FIXED:
        raise _unknown(vae)
    whole, stride = _FIXED[vae.class_name]
    return whole // factor, stride // factor


def _unknown(vae: Architecture) -> ConfigError:
    return ConfigError(f"no tiling is known for {vae.class_name}", hint="leave out --tiling")


def _sides(side: int, tile: int, stride: int) -> Iterable[int]:
    """Tiles along a side; the last ones take what is left."""
    return (min(tile, side - start) for start in range(0, side, stride))
