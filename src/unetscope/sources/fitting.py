"""Whether an architecture at hand answers for a size, as it is or by its rules. Traces nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unetscope import invariants
from unetscope.families import latent_size
from unetscope.model import Architecture
from unetscope.spec import Size, Spec

if TYPE_CHECKING:  # rules are arithmetic on fractions, which a plain load has no need to import
    from unetscope.analysis.polynomials import Point


def answers(found: Architecture, size: Size) -> bool:
    """Whether an architecture was traced at the size asked for."""
    basis, height_width = found.basis, found.basis.input[1:]
    factor = found.facts.vae_factor
    pixels = tuple(side * factor for side in height_width) if factor else None
    return (
        size.batch == basis.batch
        and size.dtype == basis.dtype
        and size.tokens in (None, basis.tokens)
        and size.latent in (None, height_width)
        and size.pixels in (None, pixels)
    )


def describes(found: Architecture, spec: Spec) -> bool:
    """Whether an architecture is of the class and config of a spec, as far as its own config goes."""
    shared = found.config.keys() & spec.config.keys()
    alike = all(found.config[key] == spec.config[key] for key in shared)
    return found.class_name == spec.class_name and alike


def at_size(found: Architecture | None, size: Size) -> Architecture | None:
    """An architecture at the size asked for, if it was traced there or its rules reach it.

    Raises ConfigError for a size in pixels that no latent has.
    """
    if found is None or answers(found, size):
        return found
    if found.scaling is None or (size.batch, size.dtype) != (found.basis.batch, found.basis.dtype):
        return None
    from unetscope.analysis import resize

    resized = resize.at(found, point(found, size))
    # rules come from a file, and may give what no network has
    return None if resized is None or invariants.broken(resized) else resized


def point(found: Architecture, size: Size) -> Point:
    """The size asked for; what it leaves open is as in the architecture. Raises ConfigError as `at_size`."""
    from unetscope.analysis.polynomials import Point

    height, width = found.basis.input[-2:]
    if size.latent or size.pixels:
        spec = Spec(found.id, found.title, found.source, found.class_name, found.config, found.facts)
        height, width = latent_size(spec, found.config, size)
    own = found.basis.tokens
    return Point(height, width, own if own is None else size.tokens or own)
