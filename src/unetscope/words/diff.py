"""Phrases of a diff: its verdict, values of fields, names of tensors and blocks, numbers with a sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from math import floor, log10
from typing import cast

from unetscope.difference import Diff
from unetscope.difference.changes import BlockChange, Change, ConfigChange, Value, Verdict, of
from unetscope.model import Architecture
from unetscope.paths import in_list, leaf
from unetscope.words import units
from unetscope.words.messages import joined

_MOST = 4
_NAMED = 2
"""A change names no more fields than these; all stand with their cause."""
_PARTS = {
    "conditioning": "different conditioning",
    "widths": "other widths",
    "norms": "other norms",
    "skips": "other skips",
    "sample_size": "native size",
    "sample": "meaning of the input channels",
}
"""What a part of a verdict is called, where that is not its name."""


def headline(diff: Diff) -> str:
    """Both titles."""
    return f"{diff.a.title} → {diff.b.title}"


def verdict(verdict: Verdict) -> str:
    """What kind of difference it is, in a few words."""
    named = [_PARTS.get(part, fact(part)) for part in verdict.parts]
    match verdict.kind:
        case "identical" if verdict.parts == ("weights",):
            return "identical network: nothing but weights can differ"
        case "identical":
            differ = "differ" if len(named) > 1 else "differs"
            return "identical network" + (f"; {', '.join(named)} {differ}" if named else "")
        case "numerics":
            return "same architecture, different numerics"
        case "computation":
            return "same tensors, computed otherwise"
        case "structure":
            return "different structure"
        case "inside":
            return f"same blocks, {joined(named)}"
    return ", ".join([f"blocks {verdict.kind}", *([joined(named)] if named else [])])


def value(raw: Value) -> str:
    """A config value in one line: ["a", "a", "b"] → [a ×2, b]."""
    if not isinstance(raw, list | tuple):
        return "none" if raw is None else str(raw).lower() if isinstance(raw, bool) else str(raw)
    runs = [(text, len(list(run))) for text, run in groupby(value(item) for item in raw)]
    return "[" + ", ".join(text + (f" ×{count}" if count > 1 else "") for text, count in runs) + "]"


def values(diff: Diff, name: str) -> str:
    """Both values of a config field; "unset" where a config leaves a word to diffusers' default."""
    return " → ".join(_side(network, name) for network in (diff.a, diff.b))


def _side(network: Architecture, name: str) -> str:
    raw = cast("Value", network.config.get(name))
    if name in network.config and name not in network.defaulted_keys:
        return value(raw)
    numbers = isinstance(raw, bool | int | float | list | tuple)
    return f"unset ({value(raw)})" if numbers else "unset"


def unread(change: ConfigChange) -> str:
    """Both values of a key that no network reads, or that one config leaves out."""
    sides = (("added", change.before), ("removed", change.after))
    return " → ".join("unset" if change.change == how else value(side) for how, side in sides)


def idle(diff: Diff, change: ConfigChange) -> str:
    """Both values of a field without effect, however it came to differ."""
    return unread(change) if change in diff.written else values(diff, change.path)


def field(diff: Diff, name: str) -> str:
    """A config field with both values."""
    return f"{name} {values(diff, name)}"


def fields(diff: Diff) -> Iterator[str]:
    """Every differing config field; those that neither config writes, of which only one class knows, last."""
    differing = [change.path for change in of(ConfigChange, diff.changes)]
    left_out = [
        name
        for name in differing
        if all(name not in network.config or name in network.defaulted_keys for network in (diff.a, diff.b))
    ]
    yield from (field(diff, name) for name in differing if name not in left_out)
    if left_out:
        yield f"left at the default by both, where their classes know them: {', '.join(left_out)}"


def leaves(names: Iterable[str]) -> str:
    """What tensors are called below their numbered parents, the most frequent first."""
    counts = Counter(leaf(name) for name in names)
    ordered = [name for name, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
    more = f" and {len(ordered) - _MOST} other layers" if len(ordered) > _MOST else ""
    return ", ".join(ordered[:_MOST]) + more


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
    if f"{abs(change):.{places}f}" == f"{0:.{places}f}":  # of a trillion MACs: its first digit
        places = -floor(log10(abs(change)))
    return f"{'+' if change > 0 else '−'}{abs(change):,.{places}f} %"


def macs(diff: Diff) -> str:
    """What MACs are called: B may not take A's size, and is then counted at its own."""
    return "MACs" if diff.common else "MACs (at two sizes)"


def fact(name: str) -> str:
    """What a fact beside the network is called."""
    return name.replace("_", " ").replace("vae", "VAE")


def numbered(run: Sequence[BlockChange]) -> str:
    """The path of several blocks in one list: "transformer_blocks.1–9", "layers.0–25.attn"."""
    before, _, after = in_list(run[0].path)
    numbers = sorted(int(in_list(change.path)[1]) for change in run)
    is_range = numbers[-1] - numbers[0] == len(numbers) - 1
    entries = f"{numbers[0]}–{numbers[-1]}" if is_range else ",".join(map(str, numbers))
    return f"{before}{entries}{after}"


def cause(change: Change) -> str:
    """The fields behind a change, counted where they are many; empty where they are not known."""
    joint = len(change.cause) > _NAMED
    return f"{len(change.cause)} fields together" if joint else " + ".join(change.cause)


def shape(dimensions: Sequence[int]) -> str:
    """A tensor's shape."""
    return "×".join(map(str, dimensions)) or "scalar"
