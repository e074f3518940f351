"""What to build: a validated config with its class, and the size asked for. No torch, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from unetscope.model import Basis, Facts

DTYPES = {"float32": 4, "float16": 2, "bfloat16": 2}
DEFAULT_DTYPE = "float32"


@dataclass(frozen=True, slots=True)
class Size:
    """The basis asked for. None means the network's own: native latent, usual number of tokens.

    `latent` is height and width of the network's input; `pixels` those of the image, which the
    VAE factor turns into a latent. Only one of the two may be given.
    """

    latent: tuple[int, int] | None = None
    pixels: tuple[int, int] | None = None
    batch: int = 1
    tokens: int | None = None
    dtype: str = DEFAULT_DTYPE


Asked: TypeAlias = Mapping[str, Any]
"""Fields of a Size by name, where only some are asked for; None is as good as absent."""


def size_at(basis: Basis) -> Size:
    """The size that an architecture was traced at."""
    height, width = basis.input[-2:]
    return Size((height, width), None, basis.batch, basis.tokens, basis.dtype)


def sized(asked: Size | Asked | None, start: Size | None) -> Size:
    """A whole size: fields that are not asked for are those of `start`, else of any Size.

    A Size is whole by itself: what it leaves open is the network's own.
    """
    if isinstance(asked, Size):
        return asked
    given = {name: value for name, value in (asked or {}).items() if value is not None}
    start = start or Size()
    return replace(replace(start, latent=None) if "pixels" in given else start, **given)


def usual(size: Size, facts: Facts) -> Size:
    """The size asked for; what it leaves open is as the model is used, where that is known."""
    latent = size.latent or (None if size.pixels else facts.latent)
    return replace(size, latent=latent, tokens=size.tokens or facts.tokens)


@dataclass(frozen=True, slots=True)
class Spec:
    """A network to build. `id` names output files; `source` is what the user gave.

    `config` holds diffusers' own keys without `_class_name`; `warnings` are lines for the user. `size`
    is that of the saved architecture it comes from, None for any other source.
    """

    id: str
    title: str
    source: str
    class_name: str
    config: dict[str, Any]
    facts: Facts = field(default_factory=Facts)
    warnings: tuple[str, ...] = ()
    size: Size | None = None


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One argument of a forward: `name` may have one dot for an entry of a dict argument.

    `dtype` is "float" (the basis' dtype), "long" or "bool"; a shape of () is a scalar tensor, None
    an argument that the forward asks for and this network leaves unused.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str = "float"
