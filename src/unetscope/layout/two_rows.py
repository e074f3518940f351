"""The strip in two rows: the Down half above, the Up half below and running back from right to left,
so that every skip falls almost straight down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.layout import costs, lanes
from unetscope.layout.blocks import Block, Chain
from unetscope.layout.costs import Scale
from unetscope.layout.page import CONTENT, MARGIN, RIGHT
from unetscope.layout.parts import Row, boxes, glyphs, size_labels, wires_of
from unetscope.layout.row import (
    BOX_HEIGHT,
    END,
    GAP,
    GLYPH_HEIGHT,
    GLYPH_TOP,
    LEAD,
    Plan,
    place,
    row_width,
    solve,
)  # fmt: skip
from unetscope.layout.scene import Frame, Item, Line

WIDEST = 16.0
_HOOK = 22.0
_ABOVE = 68.0
"""What stands above the upper boxes under the bars: values and sizes."""


def two_rows(drawn: Chain, plans: Sequence[Plan], on: Scale, *, top: float) -> tuple[list[Item], float]:
    """Both rows with the skips between them, and the y below everything."""
    upper = [plan for plan in plans if plan.stage.stage.role != "up"]
    lower = [plan for plan in plans if plan.stage.stage.role == "up"]
    room = CONTENT - _HOOK
    narrow = min(
        solve(half, room=room, ends=bool(end), most=WIDEST) or 1.0
        for half, end in ((upper, drawn.inlet), (lower, drawn.outlet))
        if half
    )
    tallest = max((part for plan in upper for part in on.heights(plan.stage.cost)), default=0) * costs.TALLEST
    first = _row(upper, drawn.inlet, narrow, y=top + tallest + _ABOVE, word="in")
    count = sum(block.skip is not None for block in drawn.blocks())
    gap = 26 + lanes.pitch(count) * min(count, 14) + 40
    second = _row(lower, drawn.outlet, narrow, y=first.box.bottom + gap, word="out")
    return _items(drawn, first, second, on), second.box.bottom + 129


def _row(plans: Sequence[Plan], end: Block | None, narrow: float, *, y: float, word: str) -> Row:
    """One half, spread over the page: the upper one forwards, the lower one backwards."""
    backwards = word == "out"
    spare = CONTENT - _HOOK - row_width(plans, narrow, ends=bool(end))
    gaps = max(1, len(plans) - 1 + bool(end))
    gap = GAP + max(0.0, spare) / gaps
    x = MARGIN + (LEAD + END + gap if end else 0)
    placed = place(plans, x=x, y=y, narrow=narrow, gap=gap, backwards=backwards, name_above=not backwards)
    top = y + (GLYPH_TOP if backwards else BOX_HEIGHT - GLYPH_TOP - GLYPH_HEIGHT)
    frames = ((end, Frame(MARGIN + LEAD, top, END, GLYPH_HEIGHT), word),) if end else ()
    right = max((one.frame.right for one in placed), default=RIGHT - _HOOK)
    return Row(placed, frames, top + GLYPH_HEIGHT / 2, Frame(MARGIN, y, right - MARGIN, BOX_HEIGHT))


def _items(drawn: Chain, first: Row, second: Row, on: Scale) -> list[Item]:
    middle = first.box.bottom
    wires = _wires(drawn, first, second)
    pills_y = second.box.y - 17
    items: list[Item] = [*boxes(first, name_above=True), *boxes(second), *_flow(first, second)]
    items += lanes.crossings(
        wires, top=middle - GLYPH_TOP, lanes=middle + 14, bottom=second.box.y + GLYPH_TOP
    )
    items += lanes.draw_pills(lanes.pills(wires), y=pills_y)
    items += [*glyphs(first, names_above=True), *glyphs(second)]
    items += size_labels(first, tick_to=first.box.y - 5, y=first.box.y - 9)
    items += size_labels(second, tick_to=second.box.bottom + 6, y=second.box.bottom + 17, entry=False)
    top, low = first.box.y, second.box.bottom
    items += costs.values(first.placed, on, x=MARGIN, params_y=top - 47, macs_y=top - 32)
    items += costs.bars(first.placed, on, x=MARGIN, y=top - 68)
    items += costs.values(second.placed, on, x=MARGIN, params_y=low + 40, macs_y=low + 55)
    items += costs.bars(second.placed, on, x=MARGIN, y=low + 129)
    return items


def _wires(drawn: Chain, first: Row, second: Row) -> list[lanes.Wire]:
    """The skips, stages of the lower row numbered from the left."""
    found = wires_of(drawn, (*first.placed, *second.placed), (*first.ends, *second.ends))
    return [replace(wire, stage=-wire.stage) for wire in found]


def _flow(first: Row, second: Row) -> Iterator[Item]:
    """Arrows to the right above, around the corner, and to the left below."""
    frames = [frame for _, frame, _ in first.ends] + [one.frame for one in first.placed]
    back = [one.frame for one in second.placed] + [frame for _, frame, _ in second.ends]
    if frames:
        yield _arrow((frames[0].x - LEAD, first.flow), (frames[0].x - 0.5, first.flow))
    for before, after in pairwise(frames):
        yield _arrow((before.right, first.flow), (after.x - 0.5, first.flow))
    for before, after in pairwise(back):
        yield _arrow((before.x, second.flow), (after.right + 0.5, second.flow))
    if frames and back:
        x = max(frames[-1].right, back[0].right) + _HOOK - 4
        corner = ((x, first.flow), (x, second.flow))
        points = ((frames[-1].right, first.flow), *corner, (back[0].right + 0.5, second.flow))
        yield Line(points, "flow", 1.5, 8, head=7)
    if back:
        yield _arrow((back[-1].x, second.flow), (back[-1].x - LEAD, second.flow))


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Line:
    return Line((start, end), "flow", 1.5, head=7)
