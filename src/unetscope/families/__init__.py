"""The diffusers classes that we know: where each is defined, what its config may say, what its forward takes.

Needs no torch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from unetscope.calls import item
from unetscope.checkpoint import pixel_factor
from unetscope.errors import ConfigError
from unetscope.families import catalogue, keys
from unetscope.families.family import Family
from unetscope.families.recipe_family import family
from unetscope.families.recipes import recipes
from unetscope.families.unet import condition, plain
from unetscope.sizes import Axes, AxisGrid, Shape, Size
from unetscope.spec import ExampleInput, Spec

FAMILIES: dict[str, Family] = {
    condition.FAMILY.class_name: condition.FAMILY,
    plain.FAMILY.class_name: plain.FAMILY,
    **{name: family(name, recipe) for name, recipe in sorted(recipes().items())},
}


def check(class_name: str, config: Mapping[str, Any]) -> None:
    """Raise ConfigError, in one line, where a config cannot describe a network of its class."""
    FAMILIES[class_name].check(config)


def complete(class_name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with diffusers' defaults for missing keys, as far as we know them without diffusers."""
    known = FAMILIES[class_name].keys
    return dict(config) if known is None else keys.complete(known, config)


def keys_of(class_name: str) -> Collection[str]:
    """The config keys that a class reads, in diffusers' order; empty where we do not know them."""
    known, listed = FAMILIES[class_name].keys, catalogue.known().get(class_name)
    return known or (listed.keys if listed else ())


def reads(class_name: str, key: str) -> bool:
    """Whether a class reads a config key; a class whose keys we do not know may read any."""
    known = keys_of(class_name)
    return not known or key in known


def sizes(spec: Spec, config: Mapping[str, Any], size: Size) -> Axes:
    """The size of each axis of a forward: the size asked for, else the network's own.

    Axes that the network does not have are dropped. Raises ConfigError for a size in pixels where the VAE
    factor is unknown, the size is no multiple of it, or the network has no height.
    """
    axes, asked = FAMILIES[spec.class_name].axes(config), size.named
    if size.pixels and "height" not in asked:
        names = [axis.name for axis in axes]
        if "height" not in names:
            raise ConfigError(f"{spec.title} works on no image", hint=f"its axes are {', '.join(names)}")
        asked |= latent(spec, config, size.pixels)
    return {axis.name: asked.get(axis.name, axis.native) for axis in axes}


def examples(spec: Spec, config: Mapping[str, Any], size: Size) -> tuple[ExampleInput, ...]:
    """The arguments of a forward at the size asked for. Raises ConfigError as `sizes` does."""
    return FAMILIES[spec.class_name].inputs(config, sizes(spec, config, size), size.batch)


def grids(class_name: str, config: Mapping[str, Any]) -> tuple[AxisGrid, ...]:
    """For each axis the sizes at which costs may follow rules; empty for an unknown class or a bad config."""
    if class_name not in FAMILIES:
        return ()
    try:
        check(class_name, config)
        return tuple(axis.grid for axis in FAMILIES[class_name].axes(complete(class_name, config)))
    except ConfigError:
        return ()


def limits(class_name: str, config: Mapping[str, Any]) -> Axes:
    """The most that each axis may be where its network's positions end; empty for the many without."""
    if class_name not in FAMILIES:
        return {}
    try:
        check(class_name, config)
        axes = FAMILIES[class_name].axes(complete(class_name, config))
    except ConfigError:
        return {}
    return {axis.name: axis.most for axis in axes if axis.most}


def cell(class_name: str, config: Mapping[str, Any]) -> tuple[int, int] | None:
    """Height and width, in pixels, of one cell of the latent that an autoencoder makes; None for what makes
    none of an image. Raises ConfigError for a config that does not tell."""
    find = FAMILIES[class_name].cell if class_name in FAMILIES else None
    return find(complete(class_name, config)) if find else None


def following(class_name: str, config: Mapping[str, Any], axes: Axes) -> frozenset[int] | None:
    """The sides of the sample, counted without the batch, that grow with an axis; its others are channels.

    None for an unknown class, a bad config, or axes that are not those of its class.
    """
    if class_name not in FAMILIES:
        return None
    family = FAMILIES[class_name]
    try:
        check(class_name, config)
        config = complete(class_name, config)
        grids = [axis.grid for axis in family.axes(config)]
        if not {grid.axis for grid in grids} <= axes.keys():  # a saved basis may name others
            return None
        shape = _sample(family, config, axes)
        others = [_sample(family, config, _grown(grids, axes, grid)) for grid in grids if not grid.tied]
    except ConfigError:
        return None
    return frozenset(side for other in others for side in range(len(shape)) if other[side] != shape[side])


def _grown(grids: Sequence[AxisGrid], axes: Axes, grown: AxisGrid) -> Axes:
    """The sizes with one axis, and those tied to it, a step larger."""
    return axes | {
        grid.axis: axes[grown.axis] + grown.step for grid in grids if grown.axis in (grid.axis, grid.tied)
    }


def _sample(family: Family, config: Mapping[str, Any], axes: Axes) -> Shape:
    arguments = family.inputs(config, axes, 1)
    return next(
        (
            item(argument.name, argument.shape, 1)
            for argument in arguments
            if argument.role == "sample" and argument.shape is not None
        ),
        (),
    )


def latent(spec: Spec, config: Mapping[str, Any], pixels: tuple[int, int]) -> Axes:
    """Height and width of the input for an image. Raises ConfigError as `sizes` does; of a class that is not
    known `config` needs no more than its `in_channels`."""
    on_image = cell(spec.class_name, config) is not None
    factor = 1 if on_image else pixel_factor(spec.facts, config.get("in_channels"))
    if not factor:
        raise ConfigError(
            f"the VAE factor of {spec.title} is not known, so pixels cannot be turned into a latent",
            hint="give the size of the input instead, --latent 64x64; if it is the image, say --pixels",
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
