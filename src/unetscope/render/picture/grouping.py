"""Stages as one object each: what belongs to a module is gathered in its group, so that an editor moves it.

A scene is in the order of painting, boxes of all stages first. What is painted later goes into its stage's
group only where nothing painted in between lies under it: the picture stays the same, but for the half of a
line's width where a line meets an edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.layout.scene import SKIP, Box, Circle, Frame, Group, Item, Line, Text
from unetscope.paths import is_within

_Edges = tuple[float, float, float, float]
"""Left, top, right and bottom of a rectangle, in px."""
_TOUCHING = 1.5
"""px by which a line may reach over the edge of the box that it starts or ends at."""


def gathered(items: Iterable[Item]) -> tuple[Item, ...]:
    """The same items, those of a module inside the first group around it."""
    listed = [
        replace(item, items=gathered(item.items)) if isinstance(item, Group) else item for item in items
    ]
    homes = _homes(listed)
    inside: dict[int, list[Item]] = {}
    for index, home in homes.items():
        inside.setdefault(home, []).append(listed[index])
    return tuple(
        replace(item, items=(*item.items, *inside.get(index, ()))) if isinstance(item, Group) else item
        for index, item in enumerate(listed)
        if index not in homes
    )


def _homes(items: Sequence[Item]) -> dict[int, int]:
    """Which items go into which earlier group, by their places."""
    edges = [_edges(item) for item in items]
    roots: dict[int, str] = {}
    homes: dict[int, int] = {}
    for index, item in enumerate(items):
        if not isinstance(item, Group) or not item.path or item.path.startswith(SKIP):
            continue
        home = next((at for at, path in roots.items() if is_within(item.path, path)), None)
        if home is None:
            roots[index] = item.path
        elif not any(
            homes.get(between) != home and _overlap(edges[between], edges[index])
            for between in range(home + 1, index)
        ):
            homes[index] = home
    return homes


def _overlap(some: Sequence[_Edges], others: Sequence[_Edges]) -> bool:
    """Whether any of some rectangles covers any of others; the first of each encloses all of it."""
    if not some or not others or not _cover(some[0], others[0]):
        return False
    return any(_cover(a, b) for a in some[1:] for b in others[1:])


def _cover(a: _Edges, b: _Edges) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > _TOUCHING and min(a[3], b[3]) - max(a[1], b[1]) > _TOUCHING


def _edges(item: Item) -> list[_Edges]:
    """The rectangle around an item, then those that it paints in."""
    edges = [(ink.x, ink.y, ink.right, ink.bottom) for ink in _inks(item)]
    if not edges:
        return []
    left, top, right, bottom = zip(*edges, strict=True)
    return [(min(left), min(top), max(right), max(bottom)), *edges]


def _inks(item: Item) -> Iterator[Frame]:
    """The rectangles that an item paints in."""
    match item:
        case Box():
            yield item.frame
        case Circle():
            yield Frame(item.x - item.radius, item.y - item.radius, 2 * item.radius, 2 * item.radius)
        case Text():
            before = item.x - item.left
            if item.upright:
                yield Frame(item.x - item.size, item.y - item.width + before, item.size, item.width)
            else:
                yield Frame(item.left, item.y - item.size, item.width, item.size)
        case Line():
            wide = max(2.0, item.width, item.head * 0.86)
            for a, b in pairwise(item.points):
                x, y = min(a[0], b[0]), min(a[1], b[1])
                level = abs(a[1] - b[1]) < abs(a[0] - b[0])
                across = (0.0, wide / 2) if level else (wide / 2, 0.0)
                yield Frame(x - across[0], y - across[1], abs(a[0] - b[0]) + 2 * across[0],
                            abs(a[1] - b[1]) + 2 * across[1])  # fmt: skip
        case Group():
            for child in item.items:
                yield from _inks(child)
