"""Whether an architecture at hand answers for a size, as it stands or by its rules. Traces nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from unetscope import invariants
from unetscope.errors import ConfigError
from unetscope.families import FAMILIES, latent, sizes
from unetscope.model import Architecture
from unetscope.sizes import Axes, Size
from unetscope.spec import Spec
from unetscope.words import basis as basis_words

SpecOrArchitecture = TypeVar("SpecOrArchitecture", bound=Spec | Architecture)


def with_pixels(network: SpecOrArchitecture, *, asked: bool) -> SpecOrArchitecture:
    """The same network, marked as working on pixels if that is `asked` for.

    Raises ConfigError for a network that is known to work on latents.
    """
    factor = network.facts.vae_factor
    if not asked or factor == 1:
        return network
    if factor or network.facts.vae:
        raise ConfigError(f"{network.title} works on latents of a VAE", hint="leave out --pixels")
    return replace(network, facts=replace(network.facts, vae_factor=1))


def answers(architecture: Architecture, size: Size) -> bool:
    """Whether an architecture was traced at the size asked for."""
    basis, image = architecture.basis, basis_words.pixels(architecture)
    return (
        size.batch == basis.batch
        and size.dtype in (None, basis.dtype)
        and basis.axes == basis.axes | size.named
        and size.pixels in (None, image)
    )


def describes(architecture: Architecture, spec: Spec) -> bool:
    """Whether an architecture has the class and config of a spec, as far as its own config goes."""
    shared = architecture.config.keys() & spec.config.keys()
    alike = all(architecture.config[key] == spec.config[key] for key in shared)
    return architecture.class_name == spec.class_name and alike and not architecture.part


def at_size(architecture: Architecture | None, size: Size) -> Architecture | None:
    """An architecture at the size asked for, if it was traced there or its rules reach it.

    Raises ConfigError for a size in pixels that no latent has.
    """
    if architecture is None or answers(architecture, size):
        return architecture
    same_type = size.dtype in (None, architecture.basis.dtype)
    if architecture.scaling is None or size.batch != architecture.basis.batch or not same_type:
        return None
    from unetscope.analysis.scaling import resize

    resized = resize.at(architecture, axes_of(architecture, size))
    # the rules come from a file, and may give what no network has
    return None if resized is None or invariants.broken(resized) else resized


def axes_of(architecture: Architecture, size: Size) -> Axes:
    """The sizes asked for, completed by those of the architecture; axes that it does not have are ignored.

    Raises ConfigError as `at_size` does.
    """
    asked = size.named
    if size.pixels:
        spec = Spec(
            architecture.id,
            architecture.title,
            architecture.source,
            architecture.class_name,
            architecture.config,
            architecture.facts,
        )
        if architecture.class_name in FAMILIES:
            known = sizes(spec, architecture.config, size)
            asked |= {side: known[side] for side in ("height", "width")}
        else:
            asked |= latent(spec, {"in_channels": architecture.basis.input[0]}, size.pixels)
    return {axis: asked.get(axis, own) for axis, own in architecture.basis.axes.items()}
