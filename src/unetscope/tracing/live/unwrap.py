"""Finds the network in a live object: in a pipeline, behind a wrapper, of a subclass. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from unetscope.checkpoint import Facts
from unetscope.errors import TraceError
from unetscope.families import FAMILIES
from unetscope.paths import parent, within

_DENOISERS = ("unet", "transformer", "prior", "decoder")
"""Names that pipelines of diffusers give the network that runs at every step."""
_WRAPPERS = frozenset({"DataParallel", "DistributedDataParallel", "FullyShardedDataParallel"})
"""Classes of torch that hold the network as `module`."""


@dataclass(frozen=True, slots=True)
class LiveNetwork:
    """A network, its class in diffusers, what its pipeline knows of it, and notes for the user."""

    network: Any
    class_name: str
    facts: Facts
    notes: tuple[str, ...]


def unwrapped(source: Any) -> LiveNetwork:
    """The network in a pipeline, a wrapper or another module.

    Raises TraceError if there is none of a class that we know, or more than one.
    """
    facts, notes = Facts(), []
    if not hasattr(source, "named_modules"):
        name = _denoiser(source)
        facts = _facts(source)
        notes.append(f"the {name} of {type(source).__name__}; its other models are not counted")
        source = getattr(source, name)
    network = _inner(source)
    class_name = _family(network)
    if class_name is None:
        network, note = _only_one_inside(network)
        class_name = _family(network) or ""
        notes.append(note)
    notes += _subclass(network, class_name)
    return LiveNetwork(network, class_name, facts, tuple(notes))


def _denoiser(pipeline: Any) -> str:
    """The attribute in which a pipeline holds its denoiser. Raises TraceError if it has none."""
    for name in _DENOISERS:
        if hasattr(getattr(pipeline, name, None), "named_modules"):
            return name
    raise TraceError(
        f"a {type(pipeline).__name__} holds no denoiser that could be traced",
        hint=f"give the network itself; looked for: {', '.join(_DENOISERS)}",
    )


def _facts(pipeline: Any) -> Facts:
    """What a pipeline knows beside its network."""
    scheduler = getattr(pipeline, "scheduler", None)
    factor = getattr(pipeline, "vae_scale_factor", None) if getattr(pipeline, "vae", None) else None
    return Facts(
        vae_factor=factor if isinstance(factor, int) else None,
        scheduler=type(scheduler).__name__ if scheduler is not None else None,
        prediction_type=getattr(getattr(scheduler, "config", None), "prediction_type", None),
    )


def is_known(source: Any) -> bool:
    """Whether a live object is, wraps or holds networks of classes that we know."""
    if not hasattr(source, "named_modules"):
        return True
    return any(_family(module) for module in _inner(source).modules())


def _inner(module: Any) -> Any:
    """A module without the wrappers of torch.compile, data parallelism and peft."""
    while True:
        if hasattr(module, "_orig_mod"):
            module = module._orig_mod
        elif type(module).__name__ in _WRAPPERS:
            module = module.module
        elif type(module).__module__.startswith("peft.") and hasattr(module, "get_base_model"):
            module = module.get_base_model()
        else:
            return module


def _family(module: Any) -> str | None:
    """The class in diffusers of a module, or one from which that inherits; None if we know none."""
    bases = (base for base in type(module).__mro__ if base.__module__.startswith("diffusers."))
    return next((base.__name__ for base in bases if base.__name__ in FAMILIES), None)


def _only_one_inside(module: Any) -> tuple[Any, str]:
    """The one network inside a module of a class that we know, and a note on it."""
    known = {path: inner for path, inner in module.named_modules() if _family(inner)}
    outermost = [(path, inner) for path, inner in known.items() if within(parent(path), known) is None]
    name = type(module).__name__
    if len(outermost) == 1:
        path, network = outermost[0]
        return network, f"the {_family(network)} at {path} in {name}; what stands around it is not counted"
    if outermost:
        paths = ", ".join(path for path, _ in outermost[:3])
        raise TraceError(f"{name} holds {len(outermost)} networks", hint=f"give one of them: {paths}")
    raise TraceError(f"{name} is not supported", hint=f"supported are {len(FAMILIES)} classes of diffusers")


def _subclass(network: Any, class_name: str) -> Iterator[str]:
    """A note on a network of a subclass, and on a forward of its own."""
    kind: Any = type(network)
    if kind.__name__ == class_name:
        return
    family = next(base for base in kind.__mro__ if base.__name__ == class_name)
    own = "; its own forward is counted as it runs" if kind.forward is not family.forward else ""
    yield f"{kind.__name__}, a subclass of {class_name}{own}"
