"""Families of classes that need no code: one row of `recipes/` describes each."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from unetscope.families import recipe as recipes
from unetscope.families.family import Axis, Config, Family
from unetscope.families.recipe import Recipe
from unetscope.families.recipes import MORE
from unetscope.families.roles import CONVENTIONAL
from unetscope.sizes import Axes
from unetscope.spec import ExampleInput


def family(class_name: str, recipe: Recipe) -> Family:
    """The family of a class from its row; the class's own signature gives its keys when it is built."""
    return Family(
        class_name,
        recipe.module,
        keys=None,
        check=_unchecked,
        axes=partial(_axes, recipe),
        inputs=partial(_inputs, class_name, recipe),
        roles=CONVENTIONAL,
        advice=partial(_advice, recipe),
        measures=recipe.measures,
        image_prompts=recipe.image_prompts,
        cell=partial(_cell, recipe) if recipe.space == "pixels" else None,
    )


def _unchecked(config: Config) -> None:
    """We know nothing of a config before we have its class."""


def _axes(recipe: Recipe, config: Config) -> tuple[Axis, ...]:
    grids, offsets = recipes.grids(recipe, config), recipes.offsets(recipe, config)
    native, limits = recipes.native(recipe, config), recipes.limits(recipe, config)
    all_axes = (
        Axis(name, size, grids.get(name, 1), offset=offsets.get(name, 0), most=limits.get(name, 0))
        for name, size in native.items()
        if name != "batch"
    )
    if not recipe.square:
        return tuple(all_axes)
    return tuple(replace(axis, tied="height") if axis.name == "width" else axis for axis in all_axes)


def _inputs(
    class_name: str, recipe: Recipe, config: Config, axes: Axes, batch: int
) -> tuple[ExampleInput, ...]:
    recipes.refuse_unfit(recipe, config, axes)
    return recipes.arguments(recipe, config, axes | {"batch": batch}, more=MORE.get(class_name))


def _cell(recipe: Recipe, config: Config) -> tuple[int, int]:
    """The grid of an autoencoder's image is its latent's."""
    steps = recipes.grids(recipe, config)
    return steps.get("height", 1), steps.get("width", 1)


def _advice(recipe: Recipe, config: Config, axes: Axes) -> tuple[str, Axes | None]:
    """The nearest size on the grid, for a size off it: there the levels of a network round differently."""
    sides = {
        name: step for name, step in recipes.grids(recipe, config).items() if name in ("height", "width")
    }
    near = {name: max(step, round(axes[name] / step) * step) for name, step in sides.items()}
    if all(axes[name] == size for name, size in near.items()):
        return "keys of the config may not go together: compare it with one that its pipeline ships", None
    return "the nearest size on its grid is", {
        side: near.get(side, axes[side]) for side in ("height", "width")
    }
