"""Who comes from whom among the bundled models, and which of them are one network."""

from __future__ import annotations

import json
from functools import cache

from unetscope import zoo
from unetscope.checkpoint import Kinship, Parent

_NO_SHAPE = frozenset(("sample_size", "upcast_attention", "force_upcast", "interpolation_scale"))
"""Config keys that leave all weights, and where they stand, as they are."""


@cache
def network(id: str) -> str:
    """A word for a model's network whatever its native size: equal for models whose weights are alike."""
    preset = zoo.preset(id)
    kept = {key: value for key, value in preset.config.items() if key not in _NO_SHAPE}
    totals = zoo.totals(id)  # where a size decides on modules (PixArt's), the parameters tell
    told = [preset.class_name, kept, totals.params if totals else 0]
    return json.dumps(told, sort_keys=True) if kept else id


@cache
def children(id: str) -> tuple[str, ...]:
    """What was made from a model, those of its own network first, the oldest of them first."""
    every = (*zoo.ids(), *zoo.unpublished())
    found = [one for one in every if any(parent.id == id for parent in zoo.preset(one).parents)]
    return tuple(sorted(found, key=lambda one: (network(one) != network(id), zoo.preset(one).year or 0, one)))


def ancestors(id: str) -> tuple[str, ...]:
    """What a model comes from, its parents first."""
    above = [parent.id for parent in zoo.preset(id).parents]
    return tuple(dict.fromkeys((*above, *(far for near in above for far in ancestors(near)))))


def descendants(id: str) -> tuple[str, ...]:
    """Everything that comes from a model, each after what it was made from."""
    near = children(id)
    return tuple(dict.fromkeys(one for child in near for one in (child, *descendants(child))))


def root(id: str) -> str:
    """The first known model of a line."""
    return next(reversed(ancestors(id)), id)


def kinship(a: str, b: str) -> Kinship | None:
    """What two models have in common, by their nearest ancestor; None where none is known."""
    both = [one for one in (b, *ancestors(b)) if one in (a, *ancestors(a))]
    if a == b or not both:
        return None
    return Kinship(both[0], _down(both[0], a), _down(both[0], b))


def _down(top: str, id: str) -> tuple[Parent, ...]:
    """The steps from an ancestor to a model, each with what came out of it."""
    if top == id:
        return ()
    way = next(parent for parent in zoo.preset(id).parents if top in (parent.id, *ancestors(parent.id)))
    return (*_down(top, way.id), Parent(id, way.step))
