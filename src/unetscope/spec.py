"""What to build: a validated config with its class, and the size asked for. No torch, no files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from unetscope.model import Facts

DTYPES = {"float32": 4, "float16": 2, "bfloat16": 2}
DEFAULT_DTYPE = "float32"


@dataclass(frozen=True, slots=True)
class Size:
    """The basis asked for. None means the network's own: native latent, usual number of tokens.

    `dtype` None is that of a live module's own weights, float32 for any other source. `latent` is
    height and width of the network's input; `pixels` those of the image, which the VAE factor turns
    into a latent. Only one of the two may be given.
    """

    latent: tuple[int, int] | None = None
    pixels: tuple[int, int] | None = None
    batch: int = 1
    tokens: int | None = None
    dtype: str | None = None


def usual(size: Size, facts: Facts) -> Size:
    """The size asked for; what it leaves open is as the model is used, where that is known."""
    latent = size.latent or (None if size.pixels else facts.latent)
    return replace(size, latent=latent, tokens=size.tokens or facts.tokens, dtype=size.dtype or DEFAULT_DTYPE)


@dataclass(frozen=True, slots=True)
class Spec:
    """A network to build. `id` names output files; `source` is what the user gave.

    `config` holds diffusers' own keys without `_class_name`; `warnings` are lines for the user.
    """

    id: str
    title: str
    source: str
    class_name: str
    config: dict[str, Any]
    facts: Facts = field(default_factory=Facts)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """One argument of a forward: `name` may have one dot for an entry of a dict argument,
    and a number behind it, `a.b[0]`, for one of a list in there.

    `dtype` is "float" (the basis' dtype), "long" or "bool"; a shape of () is a scalar tensor, None
    an argument that the forward asks for and this network leaves unused.
    """

    name: str
    shape: tuple[int, ...] | None
    dtype: str = "float"
