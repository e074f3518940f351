"""Whether an architecture at hand answers for a size, as it is or by its rules. Traces nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from unetscope import invariants
from unetscope.errors import ConfigError
from unetscope.families import sizes
from unetscope.model import Architecture, Axes
from unetscope.spec import Size, Spec
from unetscope.words import basis as basis_words

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
    basis, image = found.basis, basis_words.pixels(found)
    return (
        size.batch == basis.batch
        and size.dtype in (None, basis.dtype)
        and basis.axes == basis.axes | size.named
        and size.pixels in (None, image)
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
    same_type = size.dtype in (None, found.basis.dtype)
    if found.scaling is None or size.batch != found.basis.batch or not same_type:
        return None
    from unetscope.analysis.scaling import resize

    resized = resize.at(found, axes_of(found, size))
    # rules come from a file, and may give what no network has
    return None if resized is None or invariants.broken(resized) else resized


def axes_of(found: Architecture, size: Size) -> Axes:
    """The sizes asked for; what they leave open is as in the architecture, whose axes alone count.

    Raises ConfigError as `at_size` does.
    """
    asked = size.named
    if size.pixels:
        spec = Spec(found.id, found.title, found.source, found.class_name, found.config, found.facts)
        given = sizes(spec, found.config, size)
        asked |= {side: given[side] for side in ("height", "width")}
    return {axis: asked.get(axis, own) for axis, own in found.basis.axes.items()}
