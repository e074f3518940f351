"""Attention heads in words, and whether their width is one that a config key was mistaken for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from unetscope.analysis.facts import heads, heads_of_stacks
from unetscope.model import Architecture

_LEAST = 16
_MULTIPLE = 8
"""Head widths of published networks are 32 to 512; fused attention kernels want multiples of 8."""

Level = tuple[tuple[int, int], ...] | None


def words(architecture: Architecture) -> str:
    """Heads and their width by level, as executed: "8 heads of 40 at level 1, of 80 at level 2"; or ""."""
    parts: list[str] = []
    before: int | None = None
    for pairs, first, last in _runs(heads(architecture)):
        where = f"levels {first} {'to' if last > first + 1 else 'and'} {last}"
        where = where if last > first else f"level {first}"
        sizes = [f"{'' if count == before else _heads(count)}of {width}" for count, width in pairs]
        parts.append(f"{' and '.join(sizes)} at {where}")
        before = pairs[0][0] if len(pairs) == 1 else None
    return ", ".join(parts) or _of_stacks(architecture)


def _of_stacks(architecture: Architecture) -> str:
    """The same of stacks: "24 heads of 128", stack by stack where they differ."""
    by_stack = {
        path: " and ".join(f"{_heads(count)}of {width}" for count, width in pairs or ())
        for path, pairs in heads_of_stacks(architecture).items()
    }
    if len(set(by_stack.values())) == 1:
        return next(iter(by_stack.values()))
    return ", ".join(f"{words} in {path}" for path, words in by_stack.items() if words)


def _heads(count: int) -> str:
    return f"{count} head{'s' if count > 1 else ''} "


def _runs(levels: tuple[Level, ...]) -> Iterator[tuple[tuple[tuple[int, int], ...], int, int]]:
    """Levels in a row with the same heads, as (heads, first, last); those without attention left out."""
    for pairs, run in groupby(enumerate(levels, 1), key=lambda entry: entry[1]):
        numbers = [number for number, _ in run]
        if pairs:
            yield pairs, numbers[0], numbers[-1]


def hint(architecture: Architecture) -> str:
    """What to look at where a head has an odd width: the key that divides the channels; or ""."""
    odd = sorted({pair for level in heads(architecture) for pair in level or () if _is_odd(pair[1])})
    key = architecture.config.get("attention_head_dim")
    numbers = set(key) if isinstance(key, list | tuple) else {key}
    by_number = [pair for pair in odd if pair[0] in numbers and pair[1] not in numbers]
    by_width = [pair for pair in odd if pair[1] in numbers and pair[0] not in numbers]
    if not odd:
        return ""
    unusual = f"heads of {odd[0][1]} are unusual"
    if by_number:
        return f"{unusual}: here attention_head_dim is the number of heads, not their width"
    return (
        f"{unusual}: here attention_head_dim is the width of a head, not their number"
        if by_width
        else unusual
    )


def _is_odd(width: int) -> bool:
    return width < _LEAST or width % _MULTIPLE != 0
