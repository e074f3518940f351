"""Skip connections of a strip: right-angled nested lanes from glyph to ⧺, and their channel counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf

from unetscope.layout.measure import text, width
from unetscope.layout.parts.pills import Pill, Wire
from unetscope.layout.scene import SKIP, Group, Item, Line, Point

PITCH = 6.0
CORNER = 4.0
HEAD = 6.5
DOTS = (1.6, 2.0)
ABOVE = 9.0
"""Between a lane and the highest of what it leads over."""


_STAIR = 1.25
"""Numbers of lanes nearer than this, in sizes, may not stand above each other."""


def skip_name(source: str, target: str) -> str:
    """What a skip between two modules is called among the paths of modules."""
    return f"{SKIP}{source}>{target}"


def pitch(count: int) -> float:
    """The distance of lanes: 6 px, less where there are many."""
    return max(3.5, min(PITCH, 84 / max(1, count)))


@dataclass(frozen=True, slots=True)
class Lane:
    """A skip over a row: its wire, the y of its lane, and where its number ends at the right."""

    wire: Wire
    y: float
    number: float

    @property
    def label(self) -> str:
        return Pill(0, self.wire.channels, self.wire.count).label


def nested(wires: Sequence[Wire], tops: Sequence[tuple[float, float, float]], *, size: float) -> list[Lane]:
    """The lanes of a row, innermost first, each as low as what stands between its ends lets it be.

    `tops` are left, right and top of everything in the row; `size` is that of the numbers. From the outermost
    in, each number ends left of those that stand at its height.
    """
    inner_first = sorted(wires, key=lambda wire: (-wire.source, wire.target))
    lifts = [0.85 * size] * len(inner_first)
    for _ in inner_first:
        lanes = _numbered(inner_first, _heights(inner_first, tops, lifts), size)
        tight = [at for at, lane in enumerate(lanes[:-1]) if not _fits(lane, size) and lifts[at + 1] < size]
        if not tight:
            break
        lifts[tight[-1] + 1] = _STAIR * size
    return _numbered(inner_first, _heights(inner_first, tops, lifts), size)


def _heights(
    wires: Sequence[Wire], tops: Sequence[tuple[float, float, float]], lifts: Sequence[float]
) -> list[float]:
    """The y of each lane, the innermost first: `lifts` px above the one within it at least."""
    heights: list[float] = []
    for wire, lift in zip(wires, lifts, strict=True):
        low, high = sorted((wire.source, wire.target))
        under = min((top for left, right, top in tops if right > low and left < high), default=inf)
        heights.append(min(heights[-1] - lift if heights else inf, under - ABOVE))
    return heights


def _numbered(wires: Sequence[Wire], heights: Sequence[float], size: float) -> list[Lane]:
    """The lanes with their numbers, each left of the outer ones that stand at its height and of falls that
    go down through its lane: those of dense skips."""
    lanes: list[Lane] = []
    for wire, y in zip(reversed(wires), reversed(heights), strict=True):
        outer = [
            before.number - width(before.label, size) - 6.5
            for before in lanes
            if y - before.y < _STAIR * size
        ]
        lane = Lane(wire, y, min([wire.target - 6.5, *outer]))
        lanes.append(_beside_falls(lane, [before.wire for before in lanes if before.y < y], size))
    return lanes[::-1]


def _beside_falls(lane: Lane, above: Sequence[Wire], size: float) -> Lane:
    """The lane with its number moved left until no wire from above crosses it; unchanged if the number would
    leave the lane."""
    wide, number = width(lane.label, size), lane.number
    for x in sorted((x for wire in above for x in (wire.source, wire.target)), reverse=True):
        if number - wide - 3 < x < number + 3:
            number = x - 5
    moved = replace(lane, number=number)
    return moved if _fits(moved, size) else lane


def _fits(lane: Lane, size: float) -> bool:
    return lane.number - width(lane.label, size) - 3 >= lane.wire.source + CORNER


def drawn(lane: Lane, start: float, end: float, *, size: float = 10) -> Iterator[Item]:
    """A lane from y `start` up, over, and down to y `end`, its number standing in it."""
    wire, y = lane.wire, lane.y
    wide = width(lane.label, size)
    if wire.source + CORNER + wide + 9 > wire.target > wire.source:  # too short: the number stands above it
        middle = (wire.source + wire.target) / 2
        bend = ((wire.source, start), (wire.source, y), (wire.target, y), (wire.target, end))
        over = text(middle, y - 0.3 * size, lane.label, size=size, role="dim", anchor="middle")
        yield Group((Line(bend, "skip", 1.1, CORNER, DOTS, HEAD), over), wire.name)
        return
    left = max(lane.number - wide - 3, wire.source + CORNER)
    rise = Line(((wire.source, start), (wire.source, y), (left, y)), "skip", 1.1, CORNER, DOTS)
    number = text(left + 3, y + 0.355 * size, lane.label, size=size, role="dim")
    points = ((left + wide + 6, y), (wire.target, y), (wire.target, end))
    yield Group((rise, number, Line(points, "skip", 1.1, CORNER, DOTS, HEAD)), wire.name)


def crossings(
    *,
    top: Callable[[float], float],
    lanes: Mapping[Wire, float],
    bottom: Callable[[float], float],
    numbers: Mapping[Wire, float],
    size: float,
) -> Iterator[Item]:
    """Lanes between two rows, from glyphs above to ⧺ below, whose y at an x `top` and `bottom` tell, each
    with its number in its own fall where `numbers` has it."""
    for wire, y in lanes.items():
        first: tuple[Point, ...] = ((wire.source, top(wire.source)), (wire.source, y), (wire.target, y))
        end = (wire.target, bottom(wire.target) - 0.5)
        items: list[Item] = []
        if wire in numbers:
            at, label = numbers[wire], Pill(0, wire.channels, wire.count).label
            items.append(Line((*first, (wire.target, at - 0.72 * size)), "skip", 1.1, CORNER, DOTS))
            items.append(text(wire.target, at + 0.355 * size, label, size=size, role="dim", anchor="middle"))
            first = ((wire.target, at + 0.72 * size),)
        items.append(Line((*first, end), "skip", 1.1, CORNER, DOTS, HEAD))
        yield Group(tuple(items), wire.name)


def falling(wires: Sequence[Wire], bottoms: Sequence[tuple[float, float, float]]) -> dict[Wire, float]:
    """The y of each lane between two rows: below what stands over it, and below each fall that it passes, so
    that wires of one direction never cross. `bottoms` are left, right and foot of everything above."""
    lanes: dict[Wire, float] = {}
    for run in _runs(wires):
        for at, wire in enumerate(run):
            low, high = sorted((wire.source, wire.target))
            over = [foot + ABOVE for left, right, foot in bottoms if right > low and left < high]
            passed = [lanes[other] + pitch(len(wires)) for other in run[:at] if _meet(other, low, high)]
            lanes[wire] = max([*over, *passed])
    return lanes


def _meet(wire: Wire, low: float, high: float) -> bool:
    """Whether a lane shares some of a span, or nearly."""
    left, right = sorted((wire.source, wire.target))
    return left < high + CORNER and right > low - CORNER


def staggered(wires: Sequence[Wire], at: Callable[[float], float], size: float) -> dict[Wire, float]:
    """The y of each number in its own fall, `at` its x or above, so that it keeps clear of the one before;
    empty where a number would meet the fall beside it."""
    ordered = sorted(wires, key=lambda wire: wire.target)
    wide = [width(Pill(0, wire.channels, wire.count).label, size) for wire in ordered]
    numbers_y: dict[Wire, float] = {}
    for index, wire in enumerate(ordered):
        beside = [ordered[near].target for near in (index - 1, index + 1) if 0 <= near < len(ordered)]
        if any(abs(wire.target - x) < wide[index] / 2 + 2 for x in beside):
            return {}
        numbers_y[wire] = at(wire.target)
        before = ordered[index - 1] if index else wire
        close = before.target + (wide[index] + wide[index - 1]) / 2 + 4 > wire.target > before.target
        if close and abs(numbers_y[before] - numbers_y[wire]) < 1.3 * size:
            numbers_y[wire] = numbers_y[before] - 1.3 * size
    return numbers_y


def _runs(wires: Sequence[Wire]) -> list[list[Wire]]:
    """Wires of one direction, each in the order in which their lanes go down."""
    runs: list[list[Wire]] = []
    for leftward, group in groupby(sorted(wires, key=lambda w: w.source), key=lambda w: w.target < w.source):
        run = list(group)
        runs.append(run if leftward else run[::-1])
    return runs
