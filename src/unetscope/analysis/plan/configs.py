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
    left = []
    for rung in skeleton.rungs:
        if rung.down in gone:
            continue
        downs, ups = (_layer_depths(skeleton, block, gone) for block in (rung.down, rung.up))
        left.append(LevelLeft(rung.index, len(downs), downs, ups))
    return left


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
    depths = [depth(skeleton, path, gone) for path in attentions]
    return MidLeft("whole", next((deep for deep in depths if deep is not None), 1))


def _of_stacks(skeleton: Skeleton, gone: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Every way to give each shortened stack a key that had its length, the likeliest first."""
    settings = dict(skeleton.network.config)
    choices: list[dict[str, Any]] = [settings]
    for stack in skeleton.stacks:
        entries = skeleton.entries(stack)
        left = [path for path in entries if path not in gone]
        if len(left) < len(entries):
            keys = _keys_of_length(settings, len(entries))
            choices = [
                choice | {key: len(left)}
                for key in keys
                for choice in choices
                if choice[key] == settings[key]
            ]
    for variant in choices:
        renumbered = _with_numbers(skeleton, gone, variant)
        yield from [renumbered, variant] if renumbered != variant else [variant]


def _keys_of_length(settings: dict[str, Any], length: int) -> list[str]:
    keys = [key for key, value in settings.items() if value == length and not isinstance(value, bool)]
    return sorted(keys, key=lambda key: not any(part in key for part in _LIKELY))


def _with_numbers(skeleton: Skeleton, gone: frozenset[str], settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings, with lists of block numbers (SD3's `dual_attention_layers`) renumbered."""
    stack = next(
        candidate
        for candidate in skeleton.stacks
        if any(path in gone for path in skeleton.entries(candidate))
    )
    numbers = Renumbering(skeleton, gone).numbers
    renumbered = {int(path.rpartition(".")[2]): numbers.get(path) for path in skeleton.entries(stack)}
    changed = dict(settings)
    for key, value in settings.items():
        listed = isinstance(value, list | tuple) and value and all(type(number) is int for number in value)
        if listed and key.endswith("_layers") and all(number in renumbered for number in value):
            changed[key] = [renumbered[number] for number in value if renumbered[number] is not None]
    return changed
