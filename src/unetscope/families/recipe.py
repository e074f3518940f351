"""What a forward takes, written as rows: each argument by expressions over the config and the axes.

An axis is a size that a user may choose (`height`, `frames`, `tokens` …), with a native value; a derived
axis follows from others (the image tokens of a packed latent). The files `recipes/*.json` hold one row a
class; `recipes.recipes()` reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import lcm, prod
from typing import Any, Literal, TypeAlias

import msgspec

from unetscope.calls import InputRole
from unetscope.errors import ConfigError
from unetscope.families.expressions import evaluate, names
from unetscope.families.family import Config
from unetscope.families.image_prompts import ImagePrompts
from unetscope.sizes import Axes
from unetscope.spec import ExampleInput
from unetscope.words.messages import listed

Space: TypeAlias = Literal["latent", "pixels", "audio", "features"]
"""What height, width or length of the sample count: latent cells, pixels, audio samples, anything else."""

POSITION = "position"
"""The name by which the expression of an element's value reads its index along the last dimension."""
MAX_ELEMENTS = 2**48
"""Elements of one argument: no memory holds more."""
MAX_VALUES = 2**20
"""Elements along the last dimension of a tensor whose values differ."""


class Argument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One argument of a forward; like that of an ExampleInput, its name may lead to an entry.

    `shape` gives a tuple of sizes, or one size; a list or tuple of such is a list or tuple of tensors, and
    None is no tensor. With a shape, `value` gives each element that the forward reads, over `position`;
    without one, it gives a plain Python value. The forward gets the argument only where `when` holds.
    """

    name: str
    role: InputRole
    shape: str = ""
    dtype: Literal["float", "long", "bool"] = "float"
    value: str = ""
    when: str = ""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The forward of one diffusers class.

    `module` is where diffusers defines it. `axes` give native sizes, and `derived` gives what follows from
    them; each expression may use the names before it, and batch. An axis must be a multiple of its stride,
    or the network would drop a part of the sample: `strides` hold those that are not the config's
    `patch_size`, and `offsets` what is added to the multiple (a causal video VAE takes 4k + 1 frames).
    Where levels round sizes, costs follow rules at multiples of `grids` only. `limits` are the most that an
    axis may be (a table of positions ends there). `square` demands equal height and width. `measures` maps a
    config key to the layers whose weights show its value, and the axis; `image_prompts` names the module and
    the argument of IP-Adapters.
    """

    module: str
    axes: dict[str, str]
    arguments: tuple[Argument, ...]
    space: Space = "latent"
    derived: dict[str, str] = {}
    strides: dict[str, str] = {}
    offsets: dict[str, str] = {}
    grids: dict[str, str] = {}
    limits: dict[str, str] = {}
    square: bool = False
    measures: dict[str, tuple[str, int]] = {}
    image_prompts: ImagePrompts | None = None


def native(recipe: Recipe, config: Config) -> dict[str, int]:
    """Native size of each axis, batch 1 among them. Raises ConfigError where the config gives none."""
    sizes: dict[str, int] = {"batch": 1}
    for name, expression in recipe.axes.items():
        sizes[name] = _size(name, evaluate(name, expression, {**config, **sizes}))
    return sizes


def strides(recipe: Recipe, config: Config) -> dict[str, int]:
    """The numbers that axes must be multiples of, those of 1 left out."""
    every = _patches(recipe, config)
    every |= {
        name: _size(name, evaluate(name, expression, config)) for name, expression in recipe.strides.items()
    }
    return {name: stride for name, stride in every.items() if stride > 1}


def grids(recipe: Recipe, config: Config) -> dict[str, int]:
    """The numbers at whose multiples costs follow rules, by axis, those of 1 left out."""
    coarse = {
        name: _size(name, evaluate(name, expression, config)) for name, expression in recipe.grids.items()
    }
    fine = strides(recipe, config)
    return fine | {name: lcm(size, fine.get(name, 1)) for name, size in coarse.items() if size > 1}


def offsets(recipe: Recipe, config: Config) -> dict[str, int]:
    """What each axis has beyond a multiple of its stride."""
    return {
        name: _size(name, evaluate(name, expression, config)) for name, expression in recipe.offsets.items()
    }


def limits(recipe: Recipe, config: Config) -> dict[str, int]:
    """The most that each axis may be; one whose expression gives None has no end."""
    most_by_axis = {name: evaluate(name, expression, config) for name, expression in recipe.limits.items()}
    return {name: _size(name, most) for name, most in most_by_axis.items() if most is not None}


def _patches(recipe: Recipe, config: Config) -> dict[str, int]:
    """Strides from the config's `patch_size`, which holds one side, or frames, height and width."""
    patch = config.get("patch_size")
    sides = list(patch) if isinstance(patch, list | tuple) else [patch, patch]
    named = zip(("width", "height", "frames"), reversed(sides), strict=False)
    return {name: side for name, side in named if name in recipe.axes and isinstance(side, int) and side > 0}


def refuse_unfit(recipe: Recipe, config: Config, axes: Axes) -> None:
    """Raise ConfigError, with the nearest size that fits, for an axis that is no multiple of its stride or
    is beyond its limit, and for a height other than the width of a square."""
    if recipe.square and axes["height"] != axes["width"]:
        raise ConfigError(
            f"height {axes['height']} is not width {axes['width']}, and this class takes squares alone",
            hint=f"for example {axes['height']}x{axes['height']}",
        )
    for name, most in limits(recipe, config).items():
        if axes[name] > most:
            words = f"{name} {axes[name]} is more than {most}, where the positions of this network end"
            axes_named = " and ".join(sorted(names(recipe.limits[name])))
            raise ConfigError(words, hint=f"{axes_named} of its config say so")
    over = offsets(recipe, config)
    for name, stride in strides(recipe, config).items():
        _refuse_between(name, axes[name], stride, over.get(name, 0), recipe.strides.get(name, "patch_size"))


def _refuse_between(name: str, size: int, stride: int, offset: int, why: str) -> None:
    """Raise ConfigError for a size that is not `offset` beyond a multiple of the stride."""
    if size >= offset and (size - offset) % stride == 0:
        return
    nearest = max(0 if offset else 1, round((size - offset) / stride)) * stride + offset
    form = f"{offset} more than a multiple" if offset else "a multiple"
    by = f" ({why})" if names(why) else ""
    raise ConfigError(f"{name} {size} is not {form} of {stride}{by}", hint=f"the nearest is {nearest}")


def depends(recipe: Recipe, argument: Argument) -> frozenset[str]:
    """The axes on which an argument's shape or value depends, batch among them; derived axes are resolved."""
    axes: set[str] = set()
    waiting = [argument.shape, argument.value, argument.when]
    while waiting:
        for name in names(waiting.pop() or "0"):
            if name in recipe.derived:
                waiting.append(recipe.derived[name])
            elif name in recipe.axes or name == "batch":
                axes.add(name)
    return frozenset(axes)


def arguments(
    recipe: Recipe, config: Config, axes: Axes, *, more: Callable[[Config], Config] | None = None
) -> tuple[ExampleInput, ...]:
    """The arguments of a forward.

    `config` is complete; `axes` holds a size for every axis and for batch. `more` computes further names
    that the expressions of a class use. Raises ConfigError, which names the argument and the expression.
    """
    known: dict[str, Any] = {**config, **(more(config) if more else {}), **axes}
    for name, expression in recipe.derived.items():
        known[name] = evaluate(name, expression, known)
    return tuple(
        example
        for argument in recipe.arguments
        if _given(argument, known)
        for example in _made(argument, known)
    )


def _given(argument: Argument, known: Config) -> bool:
    """Whether an argument's condition holds; it fails where this version lacks a field that it reads."""
    return not argument.when or (
        names(argument.when) <= known.keys() and bool(evaluate(argument.name, argument.when, known))
    )


def _made(argument: Argument, known: Config) -> Iterator[ExampleInput]:
    """The tensors of an argument, or its plain value."""
    if not argument.shape:
        yield ExampleInput(
            argument.name, None, role=argument.role, value=evaluate(argument.name, argument.value, known)
        )
        return
    for path, shape in _leaves(argument.name, evaluate(argument.name, argument.shape, known)):
        if shape is None:
            yield ExampleInput(path, None, role=argument.role)
        else:
            yield ExampleInput(
                path, _checked(path, shape), argument.dtype, argument.role, _values(argument, shape, known)
            )


def _leaves(path: str, shape: Any) -> Iterator[tuple[str, tuple[Any, ...] | None]]:
    """Shapes in a nested list of them, each with its path."""
    if shape is None or isinstance(shape, int):
        yield path, None if shape is None else (shape,)
    elif isinstance(shape, tuple) and not any(isinstance(side, list | tuple) for side in shape):
        yield path, shape
    elif isinstance(shape, list | tuple):
        for index, inner in enumerate(shape):
            step = f"[{index}]" if isinstance(shape, list) else f".{index}"
            yield from _leaves(path + step, inner)
    else:
        raise ConfigError(
            f"{path} has no shape", hint="the class or its config is not as this version knows it"
        )


def _checked(path: str, shape: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape of whole numbers that a tensor can have."""
    sizes = tuple(_size(path, size) for size in shape)
    if prod(sizes) > MAX_ELEMENTS:
        words = f"{path} would have {'×'.join(map(str, sizes))} elements"
        raise ConfigError(words, hint="see the keys that give widths and sizes")
    return sizes


def _size(name: str, value: Any) -> int:
    """A size, at least 1. Raises ConfigError for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    words = f"{name} comes out as {listed([str(value)])}, where a size is needed"
    raise ConfigError(words, hint="see the keys that give widths, heads and patches")


def _values(argument: Argument, shape: tuple[int, ...], known: Config) -> tuple[Any, ...]:
    """The values of a tensor along its last dimension; one for all where they do not differ."""
    if not argument.value:
        return ()
    if POSITION not in names(argument.value):
        return (evaluate(argument.name, argument.value, known),)
    if shape[-1] > MAX_VALUES:
        words = f"{argument.name} would have {shape[-1]} values of its own, more than {MAX_VALUES}"
        raise ConfigError(words, hint="ask for a smaller size")
    if argument.value == POSITION:
        return tuple(range(shape[-1]))
    return tuple(evaluate(argument.name, argument.value, {**known, POSITION: at}) for at in range(shape[-1]))
