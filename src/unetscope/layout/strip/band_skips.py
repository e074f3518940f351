"""Skips of a ladder: each goes up from what makes it, out to its own lane at the right, and down into
its ⧺. The first to leave takes the outermost lane, so that none crosses another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.parts import lanes
from unetscope.layout.parts.pills import PILL_HEIGHT, Wire, draw_pills, pills
from unetscope.layout.scene import Group, Item, Line, Point
from unetscope.layout.strip.band_places import Band, BandLine, BandSlot, Room
from unetscope.model import Skip
from unetscope.paths import is_within


@dataclass(frozen=True, slots=True)
class _End:
    """Where a skip leaves or enters a line: over the middle of a glyph."""

    skip: Skip
    x: float
    top: float
    enters: bool


def skip_brackets(bands: Sequence[Band], ends: Sequence[BandSlot], room: Room) -> list[Item]:
    """The brackets of all skips, and pills with their channel counts."""
    skips = [block.skip for band in bands for line in band.lines for block, _ in line.slots if block.skip]
    lines = [line for band in bands for line in band.lines]
    ends_by_line = [_ends_of(line, skips, ends if index == 0 else ()) for index, line in enumerate(lines)]
    makers = {point.skip: _at(line, point, rank, room) for line, some in zip(lines, ends_by_line, strict=True)
            for rank, point in enumerate(some) if not point.enters}  # fmt: skip
    outermost_first = list(makers)
    items: list[Item] = []
    for line, some in zip(lines, ends_by_line, strict=True):
        for rank, end in enumerate(some):
            if end.enters and end.skip in makers:
                lane = _lane(outermost_first.index(end.skip), len(makers), room)
                bracket = _bracket(makers[end.skip], _at(line, end, rank, room), lane)
                items.append(Group((bracket,), lanes.skip_name(end.skip.source, end.skip.target)))
        y = line.lanes + room.pitch * len(some) + PILL_HEIGHT / 2 + 1
        wires = [Wire(point.x, point.x, 0, point.skip.channels) for point in some if point.enters]
        items += draw_pills(pills(wires), y=y)
    return items


def _ends_of(line: BandLine, skips: Sequence[Skip], ends: Sequence[BandSlot]) -> list[_End]:
    """The ends above one line from left to right; of two at one glyph the last to arrive comes first."""
    line_ends: list[_End] = []
    for block, frame in (*ends, *line.slots):
        if block.skip is not None:
            line_ends.append(_End(block.skip, frame.centre, frame.y, enters=True))
            continue
        makes = [skip for skip in skips if is_within(skip.source, block.path)]
        line_ends += [_End(skip, frame.centre, frame.y, enters=False) for skip in reversed(makes)]
    return line_ends


def _at(line: BandLine, end: _End, rank: int, room: Room) -> tuple[Point, Point]:
    """The end itself and the point above it where the skip turns."""
    return (end.x, end.top - 0.5 * end.enters), (end.x, line.lanes + room.pitch * rank)


def _lane(rank: int, count: int, room: Room) -> float:
    return room.right + room.gutter + room.pitch * (count - rank)


def _bracket(start: tuple[Point, Point], end: tuple[Point, Point], lane: float) -> Line:
    (first, up), (last, down) = start, end
    points = (first, up, (lane, up[1]), (lane, down[1]), down, last)
    return Line(points, "skip", 1.1, lanes.CORNER, lanes.DOTS, lanes.HEAD)
