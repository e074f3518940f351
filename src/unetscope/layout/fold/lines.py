"""The lines of a folded strip: the flow, brackets with how often a unit repeats, and skips as rungs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from unetscope.layout.fold.elements import Rung
from unetscope.layout.fold.places import PlacedElement
from unetscope.layout.fold.widths import BRACKET, SIZE, Across
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.lanes import DOTS, HEAD, skip_name
from unetscope.layout.scene import Group, Item, Line

_BEND = 7.0
_COUNT = 28.0
"""Left of what says how often a unit repeats."""
_ROOM = 6.0
"""Beside the number of a skip: dots at the left, an arrowhead at the right."""
_AFTER = 7.0
"""Behind the number of a skip, to where it turns."""


def flow(left: Sequence[PlacedElement], right: Sequence[PlacedElement], at: Across) -> Iterator[Item]:
    """Down the left half and up the right one."""
    for above, below in pairwise(left):
        yield arrow((at.flows[0], above.frame.bottom), (at.flows[0], below.frame.y - 0.5))
    for above, below in pairwise(right):
        ends = ((at.flows[1], below.frame.y), (at.flows[1], above.frame.bottom + 0.5))
        is_dense = (
            any(block.dense for block in above.element.blocks) and below.element.stage is above.element.stage
        )
        yield Line(ends, "skip", 1.1, 0, DOTS, HEAD) if is_dense else arrow(*ends)


def brackets(element: PlacedElement, at: Across, *, left: bool) -> Iterator[Item]:
    """The bracket at the inner side of a unit that repeats."""
    if element.element.count < 2:
        return
    edge, out = (at.left, 1) if left else (at.right, -1)
    tip, spine = edge + 4 * out, edge + BRACKET * out
    top, foot = element.frame.y + 0.5, element.frame.bottom - 0.5
    yield Line(((tip, top), (spine, top), (spine, foot), (tip, foot)), "ink", 1.1)
    x = spine + 1 if left else spine - 1
    yield text(
        x,
        element.count_y,
        f"×{element.element.count}",
        size=SIZE,
        bold=True,
        anchor="start" if left else "end",
    )


def rungs(
    rungs: Sequence[Rung], left: Sequence[PlacedElement], right: Sequence[PlacedElement], at: Across
) -> Iterator[Item]:
    """Every skip with its number in its line; those that are not level turn behind their numbers."""
    bends = _bends(rungs, left, right, at)
    for rung in rungs:
        source, target = left[rung.made], right[rung.taken]
        start = (at.left + (BRACKET + 1.5 if source.element.count > 1 else 1), source.ends[rung])
        end = (at.right - (BRACKET + 1 if target.element.count > 1 else 0.5), target.ends[rung])
        items = _rung(rung, start, end, bends.get(rung), at)
        yield Group(tuple(items), skip_name(rung.source, rung.target))


def _rung(
    rung: Rung, start: tuple[float, float], end: tuple[float, float], bend: float | None, at: Across
) -> Iterator[Item]:
    wide = width(rung.label, SIZE)
    middle = at.centre if bend is None else min(at.centre, bend - _AFTER - wide / 2)
    y = start[1]
    turns = () if bend is None else ((bend, y), (bend, end[1]))
    yield Line((start, (middle - wide / 2 - 3, y)), "skip", 1.1, dashes=DOTS)
    yield text(middle, y + 0.355 * SIZE, rung.label, size=SIZE, role="dim", anchor="middle")
    yield Line(((middle + wide / 2 + 3, y), *turns, end), "skip", 1.1, 4, DOTS, 6.5)


def _bends(
    rungs: Sequence[Rung], left: Sequence[PlacedElement], right: Sequence[PlacedElement], at: Across
) -> dict[Rung, float]:
    """Where skips that are not level turn: those that share a height beside each other, none crossing."""
    ends = {rung: (left[rung.made].ends[rung], right[rung.taken].ends[rung]) for rung in rungs}
    slanted = [rung for rung in rungs if abs(ends[rung][0] - ends[rung][1]) > 0.5]
    counts = [element.count_y for element in right if element.element.count > 1]
    groups: list[list[Rung]] = []
    for rung in slanted:
        reach = max((max(ends[key]) for key in groups[-1]), default=0.0) if groups else 0.0
        same = bool(groups) and (ends[rung][1] > ends[rung][0]) == (
            ends[groups[-1][0]][1] > ends[groups[-1][0]][0]
        )
        if same and min(ends[rung]) < reach + 2:
            groups[-1].append(rung)
        else:
            groups.append([rung])
    bends = {}
    for group in groups:
        spans = [(min(ends[key]), max(ends[key]) + SIZE) for key in group]
        beside = any(top < y < foot for y in counts for top, foot in spans)
        last = at.right - BRACKET - (_COUNT if beside else 12.0)
        for rank, rung in enumerate(group if _falls(ends[group[0]]) else group[::-1]):
            bends[rung] = last - _BEND * rank
    return bends


def _falls(ends: tuple[float, float]) -> bool:
    return ends[1] > ends[0]


def least_channel(rungs: Sequence[Rung]) -> float:
    """The room that the longest number needs between both halves, with brackets and ends of its line."""
    labels = max((width(rung.label, SIZE) for rung in rungs), default=0.0)
    return labels + 2 * BRACKET + 2 * _ROOM + 12
