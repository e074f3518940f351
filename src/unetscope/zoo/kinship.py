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
    """A word that identifies a model's network, whatever its native size: equal for models whose weights are
    alike."""
    preset = zoo.preset(id)
    shaped = {key: value for key, value in preset.config.items() if key not in _NO_SHAPE}
    totals = zoo.totals(id)  # where a size decides on modules (PixArt's), the parameters tell
    identity = [preset.class_name, shaped, totals.params if totals else 0]
    return json.dumps(identity, sort_keys=True) if shaped else id


@cache
def children(id: str) -> tuple[str, ...]:
    """What was made from a model, those of its own network first, the oldest of them first."""
    every = (*zoo.ids(), *zoo.unpublished())
    made_of_it = [model for model in every if any(parent.id == id for parent in zoo.preset(model).parents)]
    return tuple(
        sorted(
            made_of_it, key=lambda model: (network(model) != network(id), zoo.preset(model).year or 0, model)
        )
    )


def ancestors(id: str) -> tuple[str, ...]:
    """What a model comes from, its parents first."""
    above = [parent.id for parent in zoo.preset(id).parents]
    return tuple(dict.fromkeys((*above, *(far for near in above for far in ancestors(near)))))


def descendants(id: str) -> tuple[str, ...]:
    """Everything that comes from a model, each after what it was made from."""
    near = children(id)
    return tuple(dict.fromkeys(model for child in near for model in (child, *descendants(child))))


def root(id: str) -> str:
    """The first known model of a line."""
    return next(reversed(ancestors(id)), id)


def kinship(a: str, b: str) -> Kinship | None:
    """What two models have in common, by their nearest ancestor; None where none is known."""
    both = [model for model in (b, *ancestors(b)) if model in (a, *ancestors(a))]
    if a == b or not both:
        return None
    return Kinship(both[0], _down(both[0], a), _down(both[0], b))


def _down(top: str, id: str) -> tuple[Parent, ...]:
    """The steps from an ancestor to a model, each with what came out of it."""
    if top == id:
        return ()
    way = next(parent for parent in zoo.preset(id).parents if top in (parent.id, *ancestors(parent.id)))
    return (*_down(top, way.id), Parent(id, way.step))
