"""Whether an architecture at hand answers for a size, as it is or by its rules. Traces nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from unetscope.errors import ConfigError
from unetscope.families import latent_size
from unetscope.model import Architecture
from unetscope.spec import Size, Spec
from unetscope.words import basis as basis_words

if TYPE_CHECKING:  # rules are arithmetic on fractions, which a plain load has no need to import
    from unetscope.analysis.polynomials import Point

Known = TypeVar("Known", bound=Spec | Architecture)


def with_pixels(found: Known, *, asked: bool) -> Known:
    """The same network, on pixels where that is `asked` for.

    Raises ConfigError where it is known to work on latents.
    """
    factor = found.facts.vae_factor
    if not asked or factor == 1:
        return found
    if factor or found.facts.vae:
        raise ConfigError(f"{found.title} works on latents of a VAE", hint="leave out --pixels")
    return replace(found, facts=replace(found.facts, vae_factor=1))


def answers(found: Architecture, size: Size) -> bool:
    """Whether an architecture was traced at the size asked for."""
    basis, height_width = found.basis, found.basis.input[1:]
    pixels = basis_words.pixels(found)
    return (
        size.batch == basis.batch
        and size.dtype == basis.dtype
        and size.tokens in (None, basis.tokens)
        and size.latent in (None, height_width)
        and size.pixels in (None, pixels)
    )


def at_size(found: Architecture | None, size: Size) -> Architecture | None:
    """An architecture at the size asked for, if it was traced there or its rules reach it.

    Raises ConfigError for a size in pixels that no latent has.
    """
    if found is None or answers(found, size):
        return found
    if found.scaling is None or (size.batch, size.dtype) != (found.basis.batch, found.basis.dtype):
        return None
    from unetscope.analysis import resize

    return resize.at(found, point(found, size))


def point(found: Architecture, size: Size) -> Point:
    """The size asked for; what it leaves open is as in the architecture. Raises ConfigError as `at_size`."""
    from unetscope.analysis.polynomials import Point

    height, width = found.basis.input[-2:]
    if size.latent or size.pixels:
        spec = Spec(found.id, found.title, found.source, found.class_name, found.config, found.facts)
        height, width = latent_size(spec, found.config, size)
    own = found.basis.tokens
    return Point(height, width, own if own is None else size.tokens or own)
