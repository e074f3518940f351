"""Phrases of a diff that pictures and texts share: values of fields, names of tensors, effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from unetscope import units
from unetscope.analysis.diff.changes import Cause, Change, Diff, Group
from unetscope.model import Architecture, parent

_MOST = 4
_NAMED = 2
"""A change names no more fields than these; all stand with their cause."""
_ATTENTION = "scaled_dot_product_attention"
_EFFECTS = {
    "none": "no effect on the network",
    "numerics": "no tensor, different numerics",
    "architecture": "no tensor, but other shapes inside",
}


def headline(diff: Diff) -> str:
    """Both titles."""
    return f"{diff.a.title} → {diff.b.title}"


def value(given: Any) -> str:
    """A config value in one line: ["a", "a", "b"] → [a ×2, b]."""
    if not isinstance(given, list | tuple):
        return "none" if given is None else str(given).lower() if isinstance(given, bool) else str(given)
    runs = [(shown, len(list(run))) for shown, run in groupby(value(one) for one in given)]
    return "[" + ", ".join(shown + (f" ×{count}" if count > 1 else "") for shown, count in runs) + "]"


def values(diff: Diff, name: str) -> str:
    """Both values of a config field; "unset" where a config leaves a word to diffusers' default."""
    return " → ".join(_side(network, name) for network in (diff.a, diff.b))


def _side(network: Architecture, name: str) -> str:
    given = network.config.get(name)
    if name in network.config and name not in network.defaulted_keys:
        return value(given)
    numbers = isinstance(given, bool | int | float | list | tuple)
    return f"unset ({value(given)})" if numbers else "unset"


def field(diff: Diff, name: str) -> str:
    """A config field with both values."""
    return f"{name} {values(diff, name)}"


def fields(diff: Diff) -> Iterator[str]:
    """Every differing config field; those that neither config writes, of which only one class knows, last."""
    differing = [one.path for one in diff.changes if one.kind == "config"]
    left_out = [
        name
        for name in differing
        if all(name not in one.config or name in one.defaulted_keys for one in (diff.a, diff.b))
    ]
    yield from (field(diff, name) for name in differing if name not in left_out)
    if left_out:
        yield f"left at the default by both, where their classes know them: {', '.join(left_out)}"


def effect(group: Group) -> str:
    """What fields do that account for no tensor: "no tensor, the number of heads"."""
    if group.impact.shown_in == (_ATTENTION,):
        # What goes in and out being the same, it is only split among other heads.
        return "no tensor, the number of heads"
    where = f" ({', '.join(group.impact.shown_in[:_MOST])})" if group.impact.shown_in else ""
    return _EFFECTS[group.impact.effect] + where


def leaves(names: Iterable[str]) -> str:
    """What tensors are called below their numbered parents, the most frequent first."""
    found = Counter(leaf(name) for name in names)
    shown = [name for name, _ in sorted(found.items(), key=lambda one: (-one[1], one[0]))]
    more = f" and {len(shown) - _MOST} other layers" if len(shown) > _MOST else ""
    return ", ".join(shown[:_MOST]) + more


def leaf(name: str) -> str:
    """What a tensor's module is called below its numbered parents: "attn2.to_k"."""
    parts = name.split(".")[:-1] or [name]
    numbers = [index for index, part in enumerate(parts) if part.isdecimal() and index < len(parts) - 1]
    return ".".join(parts[numbers[-1] + 1 :] if numbers else parts)


def delta(before: int, after: int) -> str:
    """A difference with its sign."""
    change = after - before
    return "±0" if not change else ("+" if change > 0 else "−") + units.exact(abs(change))


def percent(before: int, after: int) -> str:
    """A difference in percent of what it started from, to three digits: "+0.0017 %", "−43.9 %"."""
    if before == after or not before:
        return ""
    change = 100 * (after - before) / before
    places = next((n for n in range(1, 5) if abs(change) >= 10 ** (2 - n)), 4)
    return f"{'+' if change > 0 else '−'}{abs(change):,.{places}f} %"


def fact(name: str) -> str:
    """What a fact beside the network is called."""
    return name.replace("_", " ").replace("vae", "VAE")


def runs(changes: Iterable[Change]) -> list[list[Change]]:
    """Changes of blocks, those without a label in one list and of one cause taken together."""
    held: dict[tuple[str, str, Cause], list[Change]] = {}
    for change in changes:
        place, _, number = change.path.rpartition(".")
        listed = number.isdecimal() and not (change.before or change.after)["labels"]
        held.setdefault((change.change, place if listed else change.path, change.cause), []).append(change)
    return list(held.values())


def numbered(run: Sequence[Change]) -> str:
    """The path of several blocks in one list: "transformer_blocks.1–9"."""
    numbers = sorted(int(change.path.rpartition(".")[2]) for change in run)
    is_range = numbers[-1] - numbers[0] == len(numbers) - 1
    shown = f"{numbers[0]}–{numbers[-1]}" if is_range else ",".join(map(str, numbers))
    return f"{parent(run[0].path)}.{shown}"


def cause(change: Change) -> str:
    """The fields behind a change, counted where they are many; empty where they are not known."""
    joint = len(change.cause) > _NAMED
    return f"{len(change.cause)} fields together" if joint else " + ".join(change.cause)


def listed(parts: Sequence[str]) -> str:
    """Several things in a sentence: "Down 4, Mid and Up 1"."""
    return " and ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])


def shape(given: Sequence[int]) -> str:
    """A tensor's shape."""
    return "×".join(map(str, given)) or "scalar"
