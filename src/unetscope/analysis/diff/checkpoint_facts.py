"""Differences beside the network: config fields, and what is known of scheduler, VAE and text encoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from unetscope.calls import Scalar
from unetscope.checkpoint import is_bundled
from unetscope.difference.changes import ConfigChange, FactChange, How, Value
from unetscope.model import Architecture

_FACTS = ("prediction_type", "scheduler", "vae", "vae_factor", "text_encoders")


def fields(a: Mapping[str, object], b: Mapping[str, object]) -> tuple[str, ...]:
    """Names of the fields whose values differ in two complete configs, sorted."""
    return tuple(sorted(key for key in a.keys() | b.keys() if plain(a.get(key)) != plain(b.get(key))))


def config(a: Architecture, b: Architecture) -> list[ConfigChange]:
    """One change for each field of the complete configs; its own cause."""
    changed = []
    for key in fields(a.config, b.config):
        how: How = "added" if key not in a.config else "removed" if key not in b.config else "changed"
        changed.append(ConfigChange(how, key, plain(a.config.get(key)), plain(b.config.get(key))))
    return changed


def written(a: Architecture, b: Architecture) -> list[ConfigChange]:
    """Config keys that no network reads, and defaults that one side writes out and the other leaves out.

    None with a bundled model: its file restates a config, so that nothing follows from how it is written.
    """
    if is_bundled(a.facts) or is_bundled(b.facts):
        return []
    ours, theirs = _written(a, b), _written(b, a)
    changed = []
    for key in sorted(ours.keys() | theirs.keys()):
        if ours.get(key) != theirs.get(key) or (key in ours) != (key in theirs):
            how: How = "added" if key not in ours else "removed" if key not in theirs else "changed"
            changed.append(ConfigChange(how, key, ours.get(key), theirs.get(key)))
    return changed


def _written(network: Architecture, other: Architecture) -> dict[str, Value]:
    """Keys of one config that no network reads, or that repeat the default which the other leaves out."""
    repeated = {
        key: plain(value)
        for key, value in network.config.items()
        if key in other.defaulted_keys
        and key not in network.defaulted_keys
        and plain(value) == plain(other.config.get(key))
    }
    return {key: plain(value) for key, value in network.facts.unread.items()} | repeated


def beside(a: Architecture, b: Architecture) -> list[FactChange]:
    """Facts that are known of both and differ."""
    changed = []
    for name in _FACTS:
        before, after = plain(getattr(a.facts, name)), plain(getattr(b.facts, name))
        if before and after and before != after:
            changed.append(FactChange(name, before, after))
    return changed


def shared(a: Architecture, b: Architecture) -> tuple[str, ...]:
    """Names of the facts that are known of both and the same."""
    return tuple(
        name
        for name in _FACTS
        if plain(getattr(a.facts, name)) and plain(getattr(a.facts, name)) == plain(getattr(b.facts, name))
    )


def plain(value: object) -> Value:
    """A JSON value with lists for tuples, so that the same value always compares equal."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return cast("Scalar", value)
