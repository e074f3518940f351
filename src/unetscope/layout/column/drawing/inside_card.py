"""The card of a block's inside: its boxes on lanes, arrows between them, residual lines beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from unetscope.layout.chain import Ramp
from unetscope.layout.column.drawing.boxes import cell_box
from unetscope.layout.column.drawing.phase_sums import phase_sum
from unetscope.layout.column.drawing.sizes import Measures, dashes_of, lane_role
from unetscope.layout.column.reading.cells import Cell, Fork, Link, Opened, Phase
from unetscope.layout.parts.glyphs import plus
from unetscope.layout.pieces import (
    Marks,
    Piece,
    align,
    apart,
    joined,
    marked,
    pad,
    row,
    sketch,
    space,
    stack,
    words,
)
from unetscope.layout.scene import ColourRole, Frame, Item, Line, Point

_SIDE = 18.0
"""Beside the lanes, for residual lines."""
_BETWEEN = 24.0
"""Between two lanes."""
HEAD = 7.0
"""The length of an arrowhead."""


@dataclass
class Wiring:
    """What is connected with what, by the names of marks: collected while pieces are put together."""

    edges: list[tuple[str, str, int]] = field(default_factory=list)
    residuals: list[tuple[str, str, int]] = field(default_factory=list)
    ends: dict[int, list[str]] = field(default_factory=dict)
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"box {self.count}"

    def follow(self, lane: int, name: str, *, stays: bool = False) -> None:
        """A box behind those that the lane ended with; unless it `stays` open, the lane ends with it now."""
        self.edges += [(before, name, lane) for before in self.ends.get(lane, [])]
        if not stays:
            self.ends[lane] = [name]


def inside(
    opened: Opened,
    room: float,
    sizes: Measures,
    unit: str,
    *,
    steps: Ramp | None = None,
    layers: bool = False,
    sums: bool = True,
) -> Piece:
    """The picture of a block's inside, in a width."""
    wiring = Wiring()
    lanes = opened.lanes
    several = len(lanes) > 1
    forks = any(isinstance(link, Fork) for phase in opened.phases for lane in phase.before for link in lane)
    beside = 148.0 if sums and not (several or forks or sizes.narrow) else 0.0
    wide = room - 2 * _SIDE - beside - (8 if beside else 0)
    lane = (wide - _BETWEEN * (len(lanes) - 1)) / max(1, len(lanes))
    drawing = _Drawing(opened, wiring, sizes, unit, steps, layers, wide, lane)
    rows = [drawing.heads(), *drawing.entry()]
    for phase in opened.phases:
        rows.append(drawing.phase(phase, beside))
    rows.append(drawing.tails())
    body = stack(*rows, gap=sizes.gap)
    roles = [lane_role(lane_stream.word, several=several) for lane_stream in lanes]
    sides = [(-1 if number == 0 else 1) for number in range(len(lanes))]
    return joined(
        pad(body, _SIDE, 0, _SIDE, 0), lambda marks, _: _lines(wiring, marks, roles, sides), behind=True
    )


@dataclass
class _Drawing:
    opened: Opened
    wiring: Wiring
    sizes: Measures
    unit: str
    steps: Ramp | None
    layers: bool
    wide: float
    lane: float
    starts: dict[int, str] = field(default_factory=dict)

    def heads(self) -> Piece:
        """What flows into each lane, with its size."""
        pieces = []
        several = len(self.opened.lanes) > 1
        for number, lane in enumerate(self.opened.lanes):
            name = self.wiring.name()
            self.wiring.ends[number] = [name]
            self.starts[number] = name
            role = lane_role(lane.word, several=several)
            label = words(
                f"{lane.word}, {lane.extent}", size=self.sizes.strong, role=role, bold=True, side="centre"
            )
            pieces.append(_fixed(marked(label, name), self.lane))
        return align(row(*pieces, gap=_BETWEEN), "start")

    def entry(self) -> list[Piece]:
        """Boxes before the streams begin."""
        boxes = [self._cell(cell, self.wide, [0]) for cell in self.opened.entry]
        if boxes:
            self.starts[0] = self.wiring.ends[0][0]
        return boxes

    def phase(self, phase: Phase, beside: float) -> Piece:
        """The boxes up to one residual addition on each lane, and the sum of their costs beside them."""
        begun = {lane: self.wiring.ends[lane][0] for lane in self.wiring.ends}
        rows = []
        if any(phase.before):
            rows.append(
                self._lanes(phase.before, frozenset() if phase.shared else phase.closes, begun, phase)
            )
        for cell in phase.shared:
            rows.append(self._cell(cell, self.wide, [*range(len(self.opened.lanes))]))
        if phase.shared:
            rows.append(self._lanes(phase.after, phase.closes, begun, phase))
        body = stack(*rows, gap=self.sizes.gap)
        if not beside:
            return body
        return row(_fixed(body, self.wide), phase_sum(phase, self.sizes, self.unit, beside), gap=_SIDE + 8)

    def _lanes(
        self, boxes: tuple[tuple[Link, ...], ...], closes: frozenset[int], begun: dict[int, str], phase: Phase
    ) -> Piece:
        pieces = []
        for number, links in enumerate(boxes):
            column = stack(*(self._link(link, number) for link in links), gap=self.sizes.gap)
            if number in closes:
                name = self.wiring.name()
                self.wiring.follow(number, name)
                start = self.starts[number] if number in phase.from_start else begun[number]
                self.wiring.residuals.append((start, name, number))
                column = apart(column, align(marked(_plus(), name)), gap=self.sizes.gap)
            pieces.append(_fixed(column, self.lane))
        return align(row(*pieces, gap=_BETWEEN), "start")

    def _link(self, link: Link, lane: int) -> Piece:
        if isinstance(link, Cell):
            return self._cell(link, self.lane, [lane])
        return self._fork(link, lane)

    def _cell(self, cell: Cell, wide: float, lanes: list[int]) -> Piece:
        name = self.wiring.name()
        for lane in lanes:
            self.wiring.follow(lane, name)
        piece = cell_box(cell, wide, self.sizes, self.unit, steps=self.steps, layers=self.layers)
        return marked(piece, name)

    def _fork(self, fork: Fork, lane: int) -> Piece:
        """Branches side by side, all as high as the highest."""
        gap = 14.0
        wide = (self.lane - gap * (len(fork.branches) - 1)) / len(fork.branches)
        before, ends, pieces = self.wiring.ends[lane], [], []
        for branch in fork.branches:
            self.wiring.ends[lane] = before
            boxes = [self._cell(cell, wide, [lane]) for cell in branch]
            ends += self.wiring.ends[lane]
            only = boxes[0] if len(boxes) == 1 else stack(*boxes, gap=self.sizes.gap)
            pieces.append(_fixed(only, wide))
        self.wiring.ends[lane] = ends
        return row(*pieces, gap=gap)

    def tails(self) -> Piece:
        """Where lanes leave the block."""
        pieces = []
        for number, lane in enumerate(self.opened.lanes):
            name = self.wiring.name()
            if lane.goes_on:
                self.wiring.follow(number, name)
            pieces.append(_fixed(marked(space(self.lane, 2), name), self.lane))
        return align(row(*pieces, gap=_BETWEEN), "start")


def _plus() -> Piece:
    return sketch(15, 15, lambda frame: plus(frame.centre, frame.middle, radius=7.5))


def _fixed(piece: Piece, wide: float) -> Piece:
    """A piece at a width."""
    return Piece(wide, piece.height, piece.paint)


def _lines(wiring: Wiring, marks: Marks, roles: list[ColourRole], sides: list[int]) -> Iterator[Item]:
    """Arrows between boxes, and residual lines beside them."""
    ways = Counter((start, end) for start, end, _ in wiring.edges)
    for start, end, lane in wiring.edges:
        start_frame, end_frame = marks[start], marks[end]
        if ways[start, end] > 1 and lane:
            continue  # between two boxes over all lanes: one arrow for all
        role: ColourRole = "flow" if ways[start, end] > 1 else roles[lane]
        x = min(start_frame, end_frame, key=lambda frame: frame.width).centre
        points: tuple[Point, ...] = ((x, start_frame.bottom), (x, end_frame.y - 0.5))
        if not start_frame.x <= x <= start_frame.right:  # a branch that ends beside what it joins
            turn = start_frame.bottom + 4
            points = (
                (start_frame.centre, start_frame.bottom),
                (start_frame.centre, turn),
                (x, turn),
                (x, end_frame.y - 0.5),
            )
        yield Line(points, role, 1.6, radius=3, head=HEAD, dashes=dashes_of(role))
    for start, end, lane in wiring.residuals:
        yield _residual(marks[start], marks[end], sides[lane], roles[lane], marks)


def _residual(start: Frame, end: Frame, side: int, role: ColourRole, marks: Marks) -> Line:
    """The line from above the boxes of a phase past them into its addition."""
    reach = [
        frame for frame in marks.values() if frame.y >= start.bottom - 1 and frame.bottom <= end.bottom + 1
    ]
    same = [
        frame
        for frame in reach
        if abs(frame.centre - end.centre) < 60 or frame.x <= end.centre <= frame.right
    ]
    edge = min(frame.x for frame in same) if side < 0 else max(frame.right for frame in same)
    x = edge + side * 14
    y = start.bottom + 4.5
    return Line(
        ((end.centre, y), (x, y), (x, end.middle), (end.centre + side * end.width / 2, end.middle)),
        "skip",
        1.2,
        radius=5,
        head=6,
    )
