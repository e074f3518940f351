"""The strip: one row of stages from conv in to conv out, skips as lanes above, sizes and costs below.

Where one row would make glyphs too narrow, the Down half stands above the Up half.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from unetscope import units
from unetscope.layout import cards, costs, lanes
from unetscope.layout.blocks import Block, Chain, StageBlocks, chain
from unetscope.layout.costs import Scale
from unetscope.layout.measure import width
from unetscope.layout.page import CONTENT, MARGIN, WIDTH, bottom_lines, title_lines
from unetscope.layout.parts import Row, boxes, glyphs, size_labels, wires_of
from unetscope.layout.row import (
    BOX_HEIGHT,
    END,
    GAP,
    GLYPH_HEIGHT,
    GLYPH_TOP,
    LEAD,
    NAME,
    SIZE,
    Plan,
    between_labels,
    place,
    row_width,
    solve,
)  # fmt: skip
from unetscope.layout.scene import Frame, Item, Line, Scene
from unetscope.layout.two_rows import two_rows
from unetscope.layout.words import description
from unetscope.model import Architecture, Shape

LANES_TOP = 84.0
NARROWEST = 8.0
WIDEST = 16.0
_WIDEST_GAP = 34.0


@dataclass(frozen=True, slots=True)
class Ends:
    """The convolutions beside a row, and its page-wide left and right."""

    left: Block | None
    right: Block | None

    @property
    def count(self) -> int:
        return (self.left is not None) + (self.right is not None)


def draw(architecture: Architecture, *, unit: str, command: str) -> Scene:
    """The strip of an architecture with its cards, bars and legend."""
    drawn = chain(architecture)
    on = costs.scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=unit)
    items = [*title_lines(architecture, on)]
    picture, y = _picture(drawn, on)
    items += picture
    more, y = cards.row(architecture, drawn, on, y=y + 20)
    items += more
    last, bottom = bottom_lines(architecture, drawn, on, y=y, command=command)
    items += last
    return Scene(WIDTH, bottom, architecture.title, description(architecture, drawn, "Strip"), tuple(items))


def _picture(drawn: Chain, on: Scale) -> tuple[list[Item], float]:
    """One row of stages, or two, and the y below them."""
    plans = _plans(drawn, on)
    ends = Ends(drawn.inlet, drawn.outlet)
    narrow = solve(plans, room=CONTENT, ends=ends.count, most=WIDEST)
    if narrow >= NARROWEST or len(plans) < 3:
        return _one_row(drawn, plans, ends, narrow, on)
    return two_rows(drawn, plans, on, top=LANES_TOP + 16)


def _one_row(
    drawn: Chain, plans: Sequence[Plan], ends: Ends, narrow: float, on: Scale
) -> tuple[list[Item], float]:
    count = sum(block.skip is not None for block in drawn.blocks())
    lanes_bottom = LANES_TOP + lanes.pitch(count) * max(0, count - 1)
    pills_y = lanes_bottom + 18 if count else LANES_TOP
    row = _placed_row(plans, ends, narrow, y=pills_y + 17)
    wires = wires_of(drawn, row.placed, row.ends)
    box = row.box
    items: list[Item] = [*boxes(row), *_flow(row)]
    items += lanes.arches(wires, top=LANES_TOP, glyphs=box.y + GLYPH_TOP)
    items += lanes.draw_pills(lanes.pills(wires), y=pills_y)
    items += glyphs(row)
    items += size_labels(row, tick_to=box.bottom + 6, y=box.bottom + 17)
    items += costs.values(row.placed, on, x=MARGIN, params_y=box.bottom + 40, macs_y=box.bottom + 55)
    items += costs.bars(row.placed, on, x=MARGIN, y=box.bottom + 129)
    return items, box.bottom + 129


def _placed_row(plans: Sequence[Plan], ends: Ends, narrow: float, *, y: float) -> Row:
    """The row between the margins; a small network has wider gaps, then stands in the middle."""
    gaps = len(plans) - 1 + ends.count
    spare = CONTENT - row_width(plans, narrow, ends=ends.count)
    gap = min(_WIDEST_GAP, GAP + max(0.0, spare) / max(1, gaps))
    whole = row_width(plans, narrow, ends=ends.count, gap=gap)
    x = MARGIN + max(0.0, (CONTENT - whole) / 2)
    first = x + (LEAD + END + gap if ends.left else 0)
    placed = place(plans, x=first, y=y, narrow=narrow, gap=gap)
    right = placed[-1].frame.right if placed else first
    frames: list[tuple[Block, Frame, str]] = []
    if ends.left:
        frames.append((ends.left, Frame(x + LEAD, y + GLYPH_TOP, END, GLYPH_HEIGHT), "in"))
    if ends.right:
        frames.append((ends.right, Frame(right + gap, y + GLYPH_TOP, END, GLYPH_HEIGHT), "out"))
    middle = y + GLYPH_TOP + GLYPH_HEIGHT / 2
    return Row(placed, tuple(frames), middle, Frame(x, y, whole, BOX_HEIGHT))


def _flow(row: Row) -> Iterator[Item]:
    """The arrows between neighbours, and those into and out of the picture."""
    frames = [one.frame for one in row.placed]
    frames = [frame for _, frame, word in row.ends if word == "in"] + frames
    frames += [frame for _, frame, word in row.ends if word == "out"]
    if not frames:
        return
    yield _arrow(frames[0].x - LEAD, frames[0].x - 0.5, row.flow)
    for before, after in pairwise(frames):
        yield _arrow(before.right, after.x - 0.5, row.flow)
    yield _arrow(frames[-1].right, frames[-1].right + LEAD, row.flow)


def _arrow(x: float, to: float, y: float) -> Line:
    return Line(((x, y), (to, y)), "flow", 1.5, head=7)


def _plans(drawn: Chain, on: Scale) -> list[Plan]:
    """Every stage with its size labels and the least width that these, its name and its costs need."""
    entries = [_label(stage.input) for stage in drawn.stages]
    exits = [_label(stage.output) for stage in drawn.stages]
    plans = []
    for index, stage in enumerate(drawn.stages):
        entry = exits[index - 1] if index else entries[0]
        plan = Plan(stage, entry, exits[index], 0)
        first, last = index == 0, index == len(drawn.stages) - 1
        plans.append(replace(plan, least=_least(plan, stage, on, first=first, last=last)))
    return plans


def _least(plan: Plan, stage: StageBlocks, on: Scale, *, first: bool, last: bool) -> float:
    labels = between_labels(plan.entry, plan.exit, size=SIZE) - GAP
    # At the margins a size label is pushed inwards by what would stand outside the page.
    inset = LEAD + END + GAP / 2
    labels += max(0.0, width(plan.entry, SIZE) / 2 - inset) if first else 0
    labels += max(0.0, width(plan.exit, SIZE) / 2 - inset) if last else 0
    name = width(stage.stage.name, NAME, bold=True) + 10
    return max(labels, name, costs.least_width(stage.cost, on))


def _label(shape: Shape | None) -> str:
    return units.dimensions(shape) if shape else ""
