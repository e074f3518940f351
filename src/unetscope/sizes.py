"""Sizes by named axes: those of one forward, those asked for, and how costs follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

Shape: TypeAlias = tuple[int, ...]
"""Sides of a tensor, the batch among them."""
Axes: TypeAlias = dict[str, int]
"""Sizes of a forward by the name of their axis: height, width, frames, tokens …; the batch is apart."""

IMAGE_RANK = 4
"""From this rank on a tensor is an image or a video: batch and channels, then sizes."""


def sides(axes: Axes) -> tuple[int, ...]:
    """Height and width among axes; empty where one is missing: audio, features."""
    return (axes["height"], axes["width"]) if {"height", "width"} <= axes.keys() else ()


def width_of(shape: Shape) -> int:
    """Channels of an image or a video, width of tokens; the batch stands first."""
    return shape[1] if len(shape) >= IMAGE_RANK else shape[-1]


@dataclass(frozen=True, slots=True)
class Basis:
    """The sizes at which counts hold: those of all axes, and `input`, the sample's shape without its batch
    (C, H, W for an image)."""

    batch: int
    input: Shape
    axes: Axes
    dtype: str

    @property
    def tokens(self) -> int | None:
        """Text tokens; None without text."""
        return self.axes.get("tokens")


@dataclass(frozen=True, slots=True)
class Size:
    """The basis asked for; axes that it does not name keep the network's own size.

    `axes` are names with sizes, sorted, so that equal sizes are equal keys; `Size.of` makes them. `pixels`
    is height and width of the image, from which the VAE factor gives those of the latent; a size holds
    pixels or a latent, not both. `dtype` None means that of a live module's own weights or of a saved
    trace, and float32 for any other source.
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
        """A size by names: `latent` is height and width of the network's input, `axes` are any axes (tokens,
        frames …); None leaves one as it is."""
        named = axes | (dict(zip(("height", "width"), latent, strict=True)) if latent else {})
        asked = sorted((name, size) for name, size in named.items() if size is not None)
        return cls(tuple(asked), pixels, batch, dtype)

    @classmethod
    def at(cls, basis: Basis) -> Size:
        """The size at which an architecture was traced."""
        return cls(tuple(sorted(basis.axes.items())), None, basis.batch, basis.dtype)

    def with_axes(self, axes: Axes) -> Size:
        """The size with other axes."""
        return replace(self, axes=tuple(sorted(axes.items())))

    @property
    def named(self) -> Axes:
        """The axes asked for, by name."""
        return dict(self.axes)


Asked: TypeAlias = Mapping[str, Any]
"""Some of the names that `Size.of` takes, with their values; None is as good as absent."""


def sized(asked: Size | Asked | None, start: Size | None) -> Size:
    """A whole size: `start`, or any Size, fills in what `asked` leaves open.

    A Size is whole by itself: it leaves the rest to the network.
    """
    if isinstance(asked, Size):
        return asked
    values = {name: value for name, value in (asked or {}).items() if value is not None}
    start, new = start or Size(), Size.of(**values)
    sides = ("height", "width") if new.pixels else ()
    rest = {axis: size for axis, size in start.axes if axis not in sides}
    pixels = new.pixels or (None if "latent" in values else start.pixels)
    whole = Size((), pixels, values.get("batch", start.batch), values.get("dtype", start.dtype))
    return whole.with_axes(rest | new.named)


@dataclass(frozen=True, slots=True)
class Term:
    """numerator / denominator × each axis of the scaling to its power."""

    numerator: int
    denominator: int
    powers: tuple[int, ...]


Polynomial: TypeAlias = tuple[Term, ...]
"""A count as a polynomial of the sizes: the sum of its terms, none of them zero."""


@dataclass(frozen=True, slots=True)
class AxisGrid:
    """The sizes of one axis at which rules hold: `offset` plus a multiple of `step`, at least `least`.

    An axis `tied` to another always has its size.
    """

    axis: str
    step: int
    least: int
    offset: int = 0
    tied: str = ""

    def has(self, size: int) -> bool:
        """Whether a size lies on the grid."""
        return size >= self.least and (size - self.offset) % self.step == 0


@dataclass(frozen=True, slots=True)
class Scaling:
    """How every number of an architecture, traced at batch 1, follows from the sizes of its axes.

    It holds for sizes on the grid of each axis; there MACs are also proportional to the batch. A site is an
    input, a node, a call (with its operation) or a skip, in this order; `sites` gives the row of each, and
    a row gives the rules of the site's numbers in order. Some networks run further operations, all free, at
    some sizes (they make a table of positions again); of these only calls that multiply have a rule, for
    their MACs, and every other row is empty. The powers of a term follow the order of `axes`.
    """

    grids: tuple[AxisGrid, ...]
    rules: tuple[Polynomial, ...]
    rows: tuple[tuple[int, ...], ...]
    sites: tuple[int, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of the rules, in order: those not tied to another."""
        return tuple(grid.axis for grid in self.grids if not grid.tied)
