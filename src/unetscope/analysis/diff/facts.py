"""Differences beside the network: config fields, and what is known of scheduler, VAE and text encoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.analysis.diff.changes import Change, How
from unetscope.model import Architecture

_FACTS = ("prediction_type", "scheduler", "vae", "vae_factor", "text_encoders")


def fields(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields whose values differ in two complete configs, sorted."""
    return tuple(sorted(key for key in a.keys() | b.keys() if plain(a.get(key)) != plain(b.get(key))))


def config(a: Architecture, b: Architecture) -> list[Change]:
    """One change for each field of the complete configs; its own cause."""
    found = []
    for key in fields(a.config, b.config):
        how: How = "added" if key not in a.config else "removed" if key not in b.config else "changed"
        found.append(Change("config", how, key, a.config.get(key), b.config.get(key), (key,)))
    return found


def beside(a: Architecture, b: Architecture) -> list[Change]:
    """Facts that are known of both and differ."""
    found = []
    for name in _FACTS:
        before, after = plain(getattr(a.facts, name)), plain(getattr(b.facts, name))
        if before and after and before != after:
            found.append(Change("scheduler", "changed", name, before, after))
    return found


def shared(a: Architecture, b: Architecture) -> tuple[str, ...]:
    """Names of the facts that are known of both and the same."""
    return tuple(
        name
        for name in _FACTS
        if plain(getattr(a.facts, name)) and plain(getattr(a.facts, name)) == plain(getattr(b.facts, name))
    )


def plain(value: Any) -> Any:
    """A value with lists for tuples, so that the same value always compares equal."""
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value
