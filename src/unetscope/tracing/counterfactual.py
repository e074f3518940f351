"""Builds the networks between two: one with some config fields of the other. Judges nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Literal

from unetscope.analysis.diff.attribution import same, smallest_groups
from unetscope.analysis.diff.changes import Impact, Trial
from unetscope.analysis.diff.effects import impact
from unetscope.analysis.diff.facts import fields
from unetscope.errors import ConfigError, TraceError
from unetscope.families import FAMILIES, checks, keys
from unetscope.model import Architecture, Shape, Tensor
from unetscope.spec import Size, Spec
from unetscope.tracing.build import require_torch
from unetscope.tracing.instantiate import tensors
from unetscope.tracing.trace import trace


def trials(a: Architecture, b: Architecture) -> tuple[Trial, ...]:
    """Each differing config field changed alone, or in the smallest group that builds, both ways.

    Both architectures must be of one class. Raises TraceError where torch is missing.
    """
    differing = fields(a.config, b.config)
    if not differing:
        return ()
    require_torch()
    return (*_towards("b", a, b, differing), *_towards("a", b, a, differing))


def _towards(
    side: Literal["a", "b"], start: Architecture, goal: Architecture, differing: tuple[str, ...]
) -> Iterator[Trial]:
    return smallest_groups(differing, lambda chosen: _trial(side, start, goal, chosen))


def _trial(
    side: Literal["a", "b"], start: Architecture, goal: Architecture, chosen: tuple[str, ...]
) -> Trial | None:
    """The network at the start with the goal's values of some fields; None where that cannot be built."""
    kept = {key: value for key, value in start.config.items() if key not in chosen}
    taken = {key: goal.config[key] for key in chosen if key in goal.config}
    config = deepcopy(kept | taken)
    spec = Spec("trial", "trial", "trial", start.class_name, config)
    try:
        checks.check(spec.class_name, config)
        made = tensors(spec, dtype=start.basis.dtype)
        return Trial(chosen, side, made, _inputs(spec, start), _impact(spec, start, made))
    except ConfigError:
        return None


def _inputs(spec: Spec, start: Architecture) -> dict[str, Shape]:
    """Shapes the network would be called with at the size of the one it comes from."""
    complete = keys.complete(spec.class_name, spec.config)
    height, width = start.basis.input[-2:]
    examples = FAMILIES[spec.class_name].inputs(complete, (height, width), _size(start))
    return {one.name: one.shape for one in examples if one.shape is not None}


def _impact(spec: Spec, start: Architecture, made: tuple[Tensor, ...]) -> Impact:
    """What the change does; traced only where the tensors do not tell."""
    if not same(start.tensors, made):
        return Impact("architecture")
    try:
        return impact(start, replace(trace(spec, _size(start)), id=start.id))
    except TraceError:  # builds but does not run: not the same network, whatever its tensors
        return Impact("architecture")


def _size(start: Architecture) -> Size:
    """The size an architecture was traced at."""
    height, width = start.basis.input[-2:]
    return Size((height, width), None, start.basis.batch, start.basis.tokens, start.basis.dtype)
