"""Fewer rows that still add up: equal parts as one row of ×N, all but the largest as "N others"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import prod

from unetscope.analysis.cost.rows import Row
from unetscope.cost import total

Indices = tuple[int, ...]


def fold(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows of one stage that differ only in their indices become one of ×N, at the first one's place.

    Equal means: the same path but for indices below the stage, class, cost, shapes and bytes.
    """
    groups: dict[object, list[tuple[Row, Indices]]] = {}
    for row in rows:
        pattern, indices = _pattern(row)
        key = (pattern, replace(row, path="", name="", members=()))
        groups.setdefault((key, "" if indices else row.path), []).append((row, indices))
    return tuple(folded for group in groups.values() for folded in _folded(group))


def sum_of(rows: Sequence[Row], *, name: str) -> Row:
    """One row that holds the sum of others and says nothing of shapes."""
    return Row(
        "", name, "", "", None, total(row.cost for row in rows), None, None,
        repeats=sum(row.repeats for row in rows),
        members=tuple(path for row in rows for path in row.members),
        activation=sum(row.activation for row in rows),
        moved=sum(row.moved for row in rows),
        theirs=None if any(row.theirs is None for row in rows) else sum(row.theirs or 0 for row in rows),
    )  # fmt: skip


def _pattern(row: Row) -> tuple[str, Indices]:
    """A path with the indices below its stage left open, and those indices."""
    inside = row.path[len(row.stage) :] if row.stage else row.path
    parts = inside.split(".")
    indices = tuple(int(part) for part in parts if _is_index(part))
    return ".".join("*" if _is_index(part) else part for part in parts), indices


def _is_index(part: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", part) is not None


def _folded(group: list[tuple[Row, Indices]]) -> Iterable[Row]:
    """Rows of one pattern, cut into sets of indices that a path can show."""
    if len(group) == 1:
        return [group[0][0]]
    by_indices = {indices: row for row, indices in group}
    if len(by_indices) < len(group):
        return [row for row, _ in group]
    return [_box(box, by_indices) for box in _boxes(sorted(by_indices))]


def _boxes(indices: Sequence[Indices]) -> list[tuple[Indices, ...]]:
    """Writes tuples as products of sets, one set per place: (0,0) (0,1) (1,0) (1,1) → ({0,1}, {0,1})."""
    if not indices[0]:
        return [()]
    rests: dict[int, list[Indices]] = {}
    for first, *rest in indices:
        rests.setdefault(first, []).append(tuple(rest))
    firsts: dict[tuple[Indices, ...], list[int]] = {}
    for first, lasts in rests.items():
        firsts.setdefault(tuple(lasts), []).append(first)
    return [(tuple(same), *box) for rest, same in firsts.items() for box in _boxes(rest)]


def _box(box: tuple[Indices, ...], rows: dict[Indices, Row]) -> Row:
    """The rows of a product of sets as one."""
    inside = [row for indices, row in rows.items() if all(i in s for i, s in zip(indices, box, strict=True))]
    first = inside[0]
    if len(inside) != prod(len(members) for members in box) or len(inside) == 1:
        return first
    path = first.stage + _shown(_pattern(first)[0], box)
    summed = sum_of(inside, name=path)
    return replace(
        first, path=path, name=path, cost=summed.cost, repeats=summed.repeats, members=summed.members,
        activation=summed.activation, moved=summed.moved, theirs=summed.theirs,
    )  # fmt: skip


def _shown(pattern: str, box: tuple[Indices, ...]) -> str:
    """A pattern with its sets written out: resnets.* and {0,1} → "resnets.{0,1}"."""
    sets = iter(box)
    return ".".join(_set(next(sets)) if part == "*" else part for part in pattern.split("."))


def _set(indices: Indices) -> str:
    if len(indices) == 1:
        return str(indices[0])
    run = len(indices) > 2 and indices[-1] - indices[0] == len(indices) - 1
    return f"{{{indices[0]}-{indices[-1]}}}" if run else "{" + ",".join(map(str, indices)) + "}"
