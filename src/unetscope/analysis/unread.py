"""Config keys that the network's class does not read, though their values say something: what a modified
network was trained with and this picture or table leaves out."""

from __future__ import annotations

from typing import Any

from unetscope.families.wording import listed
from unetscope.model import Architecture

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
    given = {key: architecture.facts.unread.get(key) for key in architecture.ignored_keys}
    return {
        key: value
        for key, value in given.items()
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
