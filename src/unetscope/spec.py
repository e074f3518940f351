"""What to build: a validated config with its class, and the size asked for. No torch, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from unetscope.model import Axes, Basis, Facts, InputRole

DTYPES = {"float32": 4, "float16": 2, "bfloat16": 2}
DEFAULT_DTYPE = "float32"


@dataclass(frozen=True, slots=True)
class Size:
    """The basis asked for; an axis that is not named keeps the network's own size.

    `axes` are names with sizes, sorted, so that equal sizes are equal keys; `Size.of` makes them.
    `pixels` is height and width of the image, which the VAE factor turns into those of the latent; only
    one of the two may be given. `dtype` None is that of a live module's own weights or of a saved trace,
    float32 for any other source.
    """

    axes: tuple[tuple[str, int], ...] = ()
    pixels: tuple[int, int] | None = None
    batch: int = 1
    dtype: str | None = None

    @classmethod
    def of(
        cls,
        /,
        *,
        latent: tuple[int, int] | None = None,
        pixels: tuple[int, int] | None = None,
        batch: int = 1,
        dtype: str | None = None,
        **axes: int | None,
    ) -> Size:
        """A size by names: `latent` is height and width of the network's input, `axes` any axis (tokens,
        frames …), None one to leave as it is."""
        named = axes | (dict(zip(("height", "width"), latent, strict=True)) if latent else {})
        asked = sorted((name, size) for name, size in named.items() if size is not None)
        return cls(tuple(asked), pixels, batch, dtype)

    @classmethod
    def at(cls, basis: Basis) -> Size:
        """The size that an architecture was traced at."""
        return cls(tuple(sorted(basis.axes.items())), None, basis.batch, basis.dtype)

    def on(self, axes: Axes) -> Size:
        """The size with other axes."""
        return replace(self, axes=tuple(sorted(axes.items())))

    @property
    def named(self) -> Axes:
        """The axes asked for, by name."""
        return dict(self.axes)


Asked: TypeAlias = Mapping[str, Any]
"""A size by the names that `Size.of` takes, where only some are asked for; None is as good as absent."""


def sized(asked: Size | Asked | None, start: Size | None) -> Size:
    """A whole size: what is not asked for is as in `start`, else as in any Size.

    A Size is whole by itself: what it leaves open is the network's own.
    """
    if isinstance(asked, Size):
        return asked
    values = {name: value for name, value in (asked or {}).items() if value is not None}
    start, new = start or Size(), Size.of(**values)
    sides = ("height", "width") if new.pixels else ()
    kept = {axis: size for axis, size in start.axes if axis not in sides}
    pixels = new.pixels or (None if "latent" in values else start.pixels)
    whole = Size((), pixels, values.get("batch", start.batch), values.get("dtype", start.dtype))
    return whole.on(kept | new.named)


def usual(size: Size, facts: Facts) -> Size:
    """The size asked for; what it leaves open is as the model is used, where that is known."""
    known: Axes = {} if facts.tokens is None else {"tokens": facts.tokens}
    if facts.latent and not size.pixels:
        known |= dict(zip(("height", "width"), facts.latent, strict=True))
    return replace(size.on(known | size.named), dtype=size.dtype or DEFAULT_DTYPE)


@dataclass(frozen=True, slots=True)
class Spec:
    """A network to build. `id` names output files; `source` is what the user gave.

    `config` holds diffusers' own keys without `_class_name`; `warnings` are lines for the user. `weights` is
    the file of weights that lies beside the config, where there is one; `size` that of the saved
    architecture it comes from, None for any other source.
    """

    id: str
    title: str
    source: str
    class_name: str
    config: dict[str, Any]
    facts: Facts = field(default_factory=Facts)
    warnings: tuple[str, ...] = ()
    weights: Path | None = None
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One tensor of a forward's arguments, or one argument that is no tensor.

    `name` is a path: `added_cond_kwargs.time_ids` is an entry of a dict argument, `x[0]` of a list,
    `image_rotary_emb.0` of a tuple. `role` is what it means to the network. `dtype` is "float" (the basis'
    dtype), "long" or "bool"; a shape of () is a scalar tensor. A tensor has no values, but for one whose
    values the forward reads: `values` then stand along its last dimension (or one for all), alike in every
    other. A shape of None is no tensor but a Python `value`: None where the forward asks for an argument
    that this network leaves unused.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str = "float"
    role: InputRole = "option"
    values: tuple[int | float | bool, ...] = ()
    value: Any = None
