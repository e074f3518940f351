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
    found = [_ends_of(line, skips, ends if index == 0 else ()) for index, line in enumerate(lines)]
    made = {one.skip: _at(line, one, rank, room) for line, some in zip(lines, found, strict=True)
            for rank, one in enumerate(some) if not one.enters}  # fmt: skip
    outermost_first = list(made)
    items: list[Item] = []
    for line, some in zip(lines, found, strict=True):
        for rank, one in enumerate(some):
            if one.enters and one.skip in made:
                lane = _lane(outermost_first.index(one.skip), len(made), room)
                bracket = _bracket(made[one.skip], _at(line, one, rank, room), lane)
                items.append(Group((bracket,), lanes.skip_name(one.skip.source, one.skip.target)))
        y = line.lanes + room.pitch * len(some) + PILL_HEIGHT / 2 + 1
        wires = [Wire(one.x, one.x, 0, one.skip.channels) for one in some if one.enters]
        items += draw_pills(pills(wires), y=y)
    return items


def _ends_of(line: BandLine, skips: Sequence[Skip], ends: Sequence[BandSlot]) -> list[_End]:
    """The ends above one line from left to right; of two at one glyph the last to arrive comes first."""
    found: list[_End] = []
    for block, frame in (*ends, *line.slots):
        if block.skip is not None:
            found.append(_End(block.skip, frame.centre, frame.y, enters=True))
            continue
        makes = [skip for skip in skips if is_within(skip.source, block.path)]
        found += [_End(skip, frame.centre, frame.y, enters=False) for skip in reversed(makes)]
    return found


def _at(line: BandLine, end: _End, rank: int, room: Room) -> tuple[Point, Point]:
    """The end itself and the point above it where the skip turns."""
    return (end.x, end.top - 0.5 * end.enters), (end.x, line.lanes + room.pitch * rank)


def _lane(rank: int, count: int, room: Room) -> float:
    return room.right + room.gutter + room.pitch * (count - rank)


def _bracket(start: tuple[Point, Point], end: tuple[Point, Point], lane: float) -> Line:
    (first, up), (last, down) = start, end
    points = (first, up, (lane, up[1]), (lane, down[1]), down, last)
    return Line(points, "skip", 1.1, lanes.CORNER, lanes.DOTS, lanes.HEAD)
