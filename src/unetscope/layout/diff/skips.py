"""The skip connections of a diff as nested lanes: kept, cut, joined to another source, or new.

Dashes, weight and end tell them apart without colour; each lane is interrupted by its channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Literal, TypeAlias

from unetscope.difference import Diff
from unetscope.difference.changes import How, SkipChange, of
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.positions import Standing
from unetscope.layout.measure import text, width
from unetscope.layout.parts.lanes import CORNER, DOTS, HEAD, skip_name
from unetscope.layout.scene import ColourRole, Group, Item, Line, Point
from unetscope.model import Skip
from unetscope.paths import within

Fate: TypeAlias = Literal["kept", "cut", "released", "rejoined", "new"]
"""What became of a skip. `released`: cut here, its reader is joined to another block in the other network."""
End: TypeAlias = Literal["head", "cross", "open"]

STYLES: dict[Fate, tuple[ColourRole, float, tuple[float, ...] | None]] = {
    "kept": ("kept", 1.15, DOTS),
    "cut": ("gone", 1.3, (5.0, 3.0)),
    "released": ("rejoined", 1.3, (5.0, 3.0)),
    "rejoined": ("rejoined", 2.0, None),
    "new": ("new", 1.6, (9.0, 3.0, 2.0, 3.0)),
}
"""Role, width and dashes of the lane of each fate."""
_ENDS: dict[Fate, End] = {"cut": "cross", "released": "cross", "new": "open"}
_PITCH, _CLEAR, _LEAST_PITCH = 7.6, 8.0, 5.6
_SIZE = 10.0
_CROSS = 2.4


@dataclass(frozen=True, slots=True)
class SkipLane:
    """A skip in its place: x of its source and of its ⧺, and how high the glyphs there are. `name` is its
    own in a page, "" where kept."""

    source: float
    target: float
    heights: tuple[float, float]
    fate: Fate
    channels: int
    name: str = ""


def fates(diff: Diff, columns: Columns, *, after: bool) -> dict[tuple[str, str], Fate]:
    """What became of the skips of one network that are not kept, by source and target.

    A skip between the same two blocks is kept, however wide it is; one that changed keeps its reader and
    takes another source.
    """
    known: dict[How, Fate] = {"removed": "cut", "added": "new"}
    fate_by_ends: dict[tuple[str, str], Fate] = {}
    for change in of(SkipChange, diff.changes):
        side = change.after if after else change.before
        if side is not None and not _is_kept(change, columns):
            fate_by_ends[side.source, side.target] = known.get(
                change.change, "rejoined" if after else "released"
            )
    return fate_by_ends


def name(skip: Skip) -> str:
    """What a skip is called among the paths of modules."""
    return skip_name(skip.source, skip.target)


def _is_kept(change: SkipChange, columns: Columns) -> bool:
    before, after = change.before, change.after
    return before is not None is not after and columns.alignment.moved(before.source) == after.source


def lanes_of(diff: Diff, columns: Columns, standing: Standing, *, after: bool) -> list[SkipLane]:
    """The skips of one of the networks, each between the glyphs that make and take it."""
    changed = {} if columns.is_apart else fates(diff, columns, after=after)
    blocks = list(standing.row.blocks(after=after))
    makers = {block.path: frame for block, frame in blocks if block.skip is None}
    for placed in standing.row.placed:
        stage = placed.column.after if after else placed.column.before
        if stage is not None:
            makers.setdefault(stage.stage.path, placed.frame)
    lanes = []
    for block, frame in blocks:
        if block.skip is not None:
            fate = changed.get((block.skip.source, block.skip.target), "kept")
            maker = makers.get(within(block.skip.source, makers) or "")
            x, high = (maker.centre, -maker.y) if maker else (standing.row.left, frame.height)
            named = name(block.skip) if fate != "kept" else ""
            lanes.append(SkipLane(x, frame.centre, (high, frame.height), fate, block.skip.channels, named))
    return lanes


def rises(lanes: Sequence[SkipLane], standing: Standing, *, after: bool) -> list[tuple[SkipLane, float]]:
    """Each lane with its distance from the line, outermost first: over all boxes between its ends."""
    boxes = [
        placed.frame
        for placed in standing.row.placed
        if (placed.column.after if after else placed.column.before) is not None
    ]
    rising: list[tuple[SkipLane, float]] = []
    last = 0.0
    for lane in sorted(lanes, key=lambda lane: (lane.source, -lane.target), reverse=True):
        start, end = sorted((lane.source, lane.target))
        over = max((-box.y for box in boxes if box.x < end and box.right > start), default=0.0)
        last = max(last + _pitch(lanes) if last else 0.0, over + _CLEAR, max(lane.heights) + _CLEAR)
        rising.append((lane, last))
    return rising[::-1]


def _pitch(lanes: Sequence[SkipLane]) -> float:
    return max(4.0, min(_PITCH, 100 / max(1, len(lanes))))


def draw(lanes: Sequence[tuple[SkipLane, float]], standing: Standing) -> Iterator[Item]:
    """The lanes of a strip; what changed is drawn over what is kept."""
    is_numbered = _pitch([lane for lane, _ in lanes]) >= _LEAST_PITCH
    taken: list[tuple[float, float]] = []
    layered: list[tuple[bool, Item]] = []
    for lane, rise in lanes:
        number = _number(lane, rise, taken) if is_numbered else None
        items = tuple(_lane(lane, rise, number, standing))
        layered += [
            (lane.fate != "kept", item) for item in ([Group(items, lane.name)] if lane.name else items)
        ]
        taken += [(rise, number)] if number is not None else []
    yield from (item for _, item in sorted(layered, key=lambda pair: pair[0]))


def _number(lane: SkipLane, rise: float, taken: Sequence[tuple[float, float]]) -> float | None:
    """Where the channels of a lane begin: left of its corner and of numbers on lanes close by."""
    near = [start - 3.5 for other, start in taken if abs(other - rise) < _SIZE + 2]
    start = min([lane.target - 7.0, *near]) - width(str(lane.channels), _SIZE)
    return start if start > lane.source + 12 else None


def _lane(lane: SkipLane, rise: float, number: float | None, standing: Standing) -> Iterator[Item]:
    y = standing.y(rise)
    role = STYLES[lane.fate][0]
    start = (lane.source, standing.y(lane.heights[0] + 0.5))
    end = ((lane.target, y), (lane.target, standing.y(lane.heights[1] + 0.5)))
    if number is None:
        yield from stroke(lane.fate, (start, (lane.source, y), *end))
        return
    words = str(lane.channels)
    ink: ColourRole = "dim" if lane.fate == "kept" else role
    yield from _line(lane.fate, (start, (lane.source, y), (number - 2.5, y)))
    yield text(number, y + 0.36 * _SIZE, words, size=_SIZE, role=ink)
    yield from stroke(lane.fate, ((number + width(words, _SIZE) + 1.5, y), *end))


def stroke(fate: Fate, points: Sequence[Point]) -> Iterator[Item]:
    """A line as skips of that fate are drawn, with what it ends in."""
    role, wide, _ = STYLES[fate]
    (x, y), before = points[-1], points[-2]
    away = hypot(before[0] - x, before[1] - y) or 1.0
    along = ((before[0] - x) / away, (before[1] - y) / away)
    match _ENDS.get(fate, "head"):
        case "head":
            yield from _line(fate, points, head=HEAD)
        case "cross":
            centre = (x + 3.5 * along[0], y + 3.5 * along[1])
            yield from _line(fate, (*points[:-1], centre))
            for sign in (-1, 1):
                ends = [(centre[0] + way * _CROSS, centre[1] + way * sign * _CROSS) for way in (-1, 1)]
                yield Line(tuple(ends), role, 1.5)
        case "open":
            yield from _line(fate, points)
            across = (-along[1], along[0])
            wings = [
                (x + 5 * along[0] + 3 * way * across[0], y + 5 * along[1] + 3 * way * across[1])
                for way in (-1, 1)
            ]
            yield Line((wings[0], (x, y), wings[1]), role, wide)


def _line(fate: Fate, points: Sequence[Point], *, head: float = 0.0) -> Iterator[Line]:
    role, wide, dashes = STYLES[fate]
    turning = [points[0], *(after for before, after in pairwise(points) if before != after)]
    yield Line(tuple(turning), role, wide, CORNER, dashes, head)
