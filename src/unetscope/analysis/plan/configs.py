"""The configs that may say a student: for a UNet one, for a stack one for each key that may be its length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unetscope.analysis.plan.renumbering import Renumbering
from unetscope.analysis.plan.skeleton import ATTENTIONS, LAYERS, RESNETS, Skeleton
from unetscope.families.unet.pruned import LevelLeft, MidLeft, config

_LIKELY = ("layer", "depth", "block")
"""What is in the names of keys that say how long a stack is."""


def candidates(skeleton: Skeleton, gone: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Configs of students, the likeliest first; whoever builds them sees which is right."""
    if skeleton.rungs:
        if not any(path in gone for stack in skeleton.stacks for path in skeleton.entries(stack)):
            yield config(skeleton.network.config, _levels(skeleton, gone), _mid(skeleton, gone))
        return
    yield from _of_stacks(skeleton, gone)


def _levels(skeleton: Skeleton, gone: frozenset[str]) -> list[LevelLeft]:
    found = []
    for rung in skeleton.rungs:
        if rung.down in gone:
            continue
        downs, ups = (_layer_depths(skeleton, block, gone) for block in (rung.down, rung.up))
        found.append(LevelLeft(rung.index, len(downs), downs, ups))
    return found


def _layer_depths(skeleton: Skeleton, block: str, gone: frozenset[str]) -> tuple[int | None, ...]:
    """The depth of the attention in each layer that a block keeps; None for a layer without."""
    resnets = [path for path in skeleton.entries(f"{block}.{RESNETS}") if path not in gone]
    return tuple(depth(skeleton, skeleton.partner(path), gone) for path in resnets)


def depth(skeleton: Skeleton, attention: str, gone: frozenset[str]) -> int | None:
    """Layers that an attention keeps, 1 for one that has none to count; None where there is none."""
    if not attention or attention in gone:
        return None
    layers = skeleton.entries(f"{attention}.{LAYERS}")
    return sum(1 for path in layers if path not in gone) if layers else 1


def _mid(skeleton: Skeleton, gone: frozenset[str]) -> MidLeft:
    if not skeleton.mid or skeleton.mid in gone:
        return MidLeft("none")
    resnets = skeleton.entries(f"{skeleton.mid}.{RESNETS}")
    if len(resnets) > 1 and all(path in gone for path in resnets[1:]):
        return MidLeft("plain")
    attentions = skeleton.entries(f"{skeleton.mid}.{ATTENTIONS}")
    found = [depth(skeleton, path, gone) for path in attentions]
    return MidLeft("whole", next((one for one in found if one is not None), 1))


def _of_stacks(skeleton: Skeleton, gone: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Every way to give each shortened stack a key that had its length, the likeliest first."""
    given = dict(skeleton.network.config)
    choices: list[dict[str, Any]] = [given]
    for stack in skeleton.stacks:
        entries = skeleton.entries(stack)
        left = [path for path in entries if path not in gone]
        if len(left) < len(entries):
            keys = _keys_of_length(given, len(entries))
            choices = [made | {key: len(left)} for key in keys for made in choices if made[key] == given[key]]
    for made in choices:
        renumbered = _with_numbers(skeleton, gone, made)
        yield from [renumbered, made] if renumbered != made else [made]


def _keys_of_length(given: dict[str, Any], length: int) -> list[str]:
    keys = [key for key, value in given.items() if value == length and not isinstance(value, bool)]
    return sorted(keys, key=lambda key: not any(part in key for part in _LIKELY))


def _with_numbers(skeleton: Skeleton, gone: frozenset[str], made: dict[str, Any]) -> dict[str, Any]:
    """The same with lists of blocks' numbers (SD3's `dual_attention_layers`) counted again."""
    stack = next(one for one in skeleton.stacks if any(path in gone for path in skeleton.entries(one)))
    numbers = Renumbering(skeleton, gone).numbers
    kept = {int(path.rpartition(".")[2]): numbers.get(path) for path in skeleton.entries(stack)}
    found = dict(made)
    for key, value in made.items():
        listed = isinstance(value, list | tuple) and value and all(type(one) is int for one in value)
        if listed and key.endswith("_layers") and all(one in kept for one in value):
            found[key] = [kept[one] for one in value if kept[one] is not None]
    return found
