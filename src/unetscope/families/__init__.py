"""One entry per diffusers class: how to find it and what to feed it. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import ConfigError
from unetscope.families import unet2d, unet2d_condition
from unetscope.families.family import Family
from unetscope.families.roles import UNET
from unetscope.model import Axes, Grid, Role
from unetscope.spec import ExampleInput, Size, Spec

FAMILIES: dict[str, Family] = {
    family.class_name: family for family in (unet2d_condition.FAMILY, unet2d.FAMILY)
}


def role_of(path: str) -> Role:
    """The role of a top-level module of a UNet."""
    return UNET.get(path.partition(".")[0], "conditioning")


def sizes(spec: Spec, config: Mapping[str, Any], size: Size) -> Axes:
    """The size of each axis of a forward: as asked for, else the network's own.

    An axis that the network does not have is left out. Raises ConfigError where a pixel size has no
    VAE factor or is not a multiple of it.
    """
    asked = size.named
    if size.pixels and "height" not in asked:
        asked |= _latent(spec, size.pixels)
    return {axis.name: asked.get(axis.name, axis.native) for axis in FAMILIES[spec.class_name].axes(config)}


def examples(spec: Spec, config: Mapping[str, Any], size: Size) -> tuple[ExampleInput, ...]:
    """The arguments of a forward at the size asked for. Raises ConfigError as `sizes` does."""
    return FAMILIES[spec.class_name].inputs(config, sizes(spec, config, size), size.batch)


def grids(class_name: str, config: Mapping[str, Any]) -> tuple[Grid, ...]:
    """The sizes of each axis at which costs may follow rules; none for a class of no family."""
    family = FAMILIES.get(class_name)
    return tuple(axis.grid for axis in family.axes(config)) if family else ()


def _latent(spec: Spec, pixels: tuple[int, int]) -> Axes:
    factor = spec.facts.vae_factor
    if not factor:
        raise ConfigError(
            f"the VAE factor of {spec.title} is not known, so pixels cannot be turned into a latent",
            hint="give the size of the latent instead: --latent 64x64",
        )
    height, width = pixels
    if height % factor or width % factor:
        raise ConfigError(
            f"{height}x{width} pixels is not a multiple of the VAE factor {factor}",
            hint=f"the nearest size is {_nearest(height, factor)}x{_nearest(width, factor)}",
        )
    return {"height": height // factor, "width": width // factor}


def _nearest(pixels: int, factor: int) -> int:
    return max(factor, round(pixels / factor) * factor)
