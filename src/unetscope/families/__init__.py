"""One entry per diffusers class: how to find it and what to feed it. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import ConfigError
from unetscope.families import unet2d, unet2d_condition
from unetscope.families.family import Family
from unetscope.model import Role, pixel_factor
from unetscope.spec import Size, Spec

FAMILIES: dict[str, Family] = {
    family.class_name: family for family in (unet2d_condition.FAMILY, unet2d.FAMILY)
}

_ROLES: dict[str, Role] = {
    "conv_in": "stem",
    "down_blocks": "down",
    "mid_block": "mid",
    "up_blocks": "up",
    "conv_norm_out": "head",
    "conv_act": "head",
    "conv_out": "head",
}


def role_of(path: str) -> Role:
    """The role of a top-level module: what is neither stage, stem nor head conditions them."""
    return _ROLES.get(path.partition(".")[0], "conditioning")


def latent_size(spec: Spec, config: Mapping[str, Any], size: Size) -> tuple[int, int]:
    """Height and width of the network's input for the size asked for.

    Raises ConfigError where a pixel size has no VAE factor or is not a multiple of it.
    """
    if size.latent:
        return size.latent
    if not size.pixels:
        return FAMILIES[spec.class_name].native(config)
    factor = pixel_factor(spec.facts, config.get("in_channels"))
    if not factor:
        raise ConfigError(
            f"the VAE factor of {spec.title} is not known, so pixels cannot be turned into a latent",
            hint="give the size of the input instead, --latent 64x64; if it is the image, say --pixels",
        )
    height, width = size.pixels
    if height % factor or width % factor:
        raise ConfigError(
            f"{height}x{width} pixels is not a multiple of the VAE factor {factor}",
            hint=f"the nearest size is {_nearest(height, factor)}x{_nearest(width, factor)}",
        )
    return height // factor, width // factor


def _nearest(pixels: int, factor: int) -> int:
    return max(factor, round(pixels / factor) * factor)
