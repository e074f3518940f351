"""What stands beside the figures of a network: parameters that did not run, config keys that are not read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unetscope.model import Architecture
from unetscope.paths import parent
from unetscope.words.messages import listed


@dataclass(frozen=True, slots=True)
class Idle:
    """What did not run: parameters, and the last names of the outermost modules that own them."""

    params: int = 0
    modules: tuple[str, ...] = ()


def idle(architecture: Architecture) -> Idle:
    """The parameters of all modules that no call of the forward lies in; nothing for most networks."""
    run = architecture.first_call
    unrun = [node for node in architecture.nodes if node.path not in run]
    outermost = [node.path for node in unrun if parent(node.path) in run]
    names = {path.rpartition(".")[2] for path in outermost if architecture.costs[path].params}
    return Idle(sum(node.own.params for node in unrun), tuple(sorted(names)))


_TRAINING = frozenset(
    {
        "decay",
        "inv_gamma",
        "min_decay",
        "optimization_step",
        "power",
        "update_after_step",
        "use_ema_warmup",
        "ema_power",
    }
)
"""What diffusers' EMAModel writes into the config of the network that it averages."""
_EMPTY: tuple[Any, ...] = (None, False, 0, [], {}, "")
"""Values that say of an unknown key that what it would do is not done."""


def unread(architecture: Architecture) -> dict[str, Any]:
    """Unread keys with their values; those that are empty, or tell of training alone, left out."""
    values = {key: architecture.facts.unread.get(key) for key in architecture.ignored_keys}
    return {
        key: value
        for key, value in values.items()
        if key not in _TRAINING and not (key in architecture.facts.unread and value in _EMPTY)
    }


def remarks(architecture: Architecture, *, limit: int = 6) -> tuple[str, ...]:
    """What stands beside every figure of a network: unread keys of its config, notes of what was traced."""
    words = not_read(architecture, limit=limit)
    return (*([words] if words else []), *architecture.notes)


def data(architecture: Architecture) -> dict[str, list[str]]:
    """The same as JSON."""
    return {"notes": list(architecture.notes), "unread_keys": list(unread(architecture))}


def not_read(architecture: Architecture, *, limit: int = 6) -> str:
    """A clause for a footnote: "not read by UNet2DConditionModel: block_mid_channels"; or ""."""
    keys = unread(architecture)
    return f"config keys not read by {architecture.class_name}: {listed(keys, limit=limit)}" if keys else ""
