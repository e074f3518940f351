"""The strip in two rows: the Down half above, the Up half below and running back from right to left,
so that every skip falls almost straight down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.ends import end_words
from unetscope.layout.measure import width
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Frame, Item
from unetscope.layout.strip import costs
from unetscope.layout.strip.heights import heights_of, lowest_and_tallest
from unetscope.layout.strip.skips import merged_skips, merged_wires, wires_of
from unetscope.layout.strip.stage_boxes import StripRow, boxes, glyphs, size_labels
from unetscope.layout.strip.widths import Form, StagePlan, label_width, place, row_width, solve
from unetscope.model import Architecture

_MOST_LEAD = 84.0
"""Before the convolutions at the ends: room for the names of what goes in and comes out."""
_BADGED, _TURNED = 46.0, 56.0
"""The least height of a glyph with a letter over a badge; with an arrow between them."""


def halves(plans: Sequence[StagePlan], form: Form) -> tuple[list[StagePlan], list[StagePlan]]:
    """The stages of the upper and of the lower row."""
    upper = [plan for plan in plans if plan.stage.stage.role != "up"]
    if upper:  # the margin pushes the last size label of this row inwards
        inwards = label_width(upper[-1].exit, form) / 2 - (form.hook - form.gap / 2)
        upper[-1] = replace(upper[-1], least=upper[-1].least + max(0.0, inwards))
    return upper, [plan for plan in plans if plan.stage.stage.role == "up"]


def two_rows(
    architecture: Architecture,
    drawn: Chain,
    plans: Sequence[StagePlan],
    on: CostScale,
    page: Page,
    form: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """Both rows with the skips between them, and the y below everything."""
    form = _raised(architecture, drawn, form)
    upper, lower = halves(plans, form)
    room = page.content - form.hook
    narrow = min(
        solve(half, form, room=room, ends=bool(end)) or 1.0
        for half, end in ((upper, drawn.inlet), (lower, drawn.outlet))
        if half
    )
    heights = heights_of(architecture, drawn, form)
    first = _row(upper, drawn.inlet, narrow, page, form, y=top + _above(upper, on, form), word="in")
    first = _cut(first, heights, form)
    count = (
        sum(block.skip is not None for block in drawn.blocks()) if form.opened else len(merged_skips(drawn))
    )
    gap = 26 + lanes.pitch(count) * min(count, 14) + 40
    second = _row(lower, drawn.outlet, narrow, page, form, y=first.box.bottom + gap, word="out")
    second = _cut(second, heights, form)
    return _items(
        drawn, end_words(architecture), first, second, on, page, form
    ), second.box.bottom + form.below


def _above(upper: Sequence[StagePlan], on: CostScale, form: Form) -> float:
    """What stands above the upper boxes: sizes, values, bars as high as the largest share there."""
    sizes = 20.0 + (1.3 * form.size if form.two_lines else 0)
    if not form.values:
        return sizes
    if not form.bars:
        return sizes + 38
    tallest = max((part for plan in upper for part in on.heights(plan.stage.cost)), default=0)
    return 84 + tallest * costs.TALLEST


def _row(
    plans: Sequence[StagePlan],
    end: Block | None,
    narrow: float,
    page: Page,
    form: Form,
    *,
    y: float,
    word: str,
) -> StripRow:
    """One half, spread over the page: the upper one forwards, the lower one backwards."""
    backwards = word == "out"
    spare = page.content - form.hook - row_width(plans, narrow, form, ends=bool(end), gap=form.gap)
    gaps = max(1, len(plans) - 1 + bool(end))
    gap = form.gap + max(0.0, spare) / gaps
    x = page.margin + (form.lead + form.end + gap if end else 0)
    above = not backwards
    placed = place(plans, form, x=x, y=y, narrow=narrow, gap=gap, backwards=backwards, name_above=above)
    top = y + (form.glyph_top if backwards else form.box - form.glyph_top - form.glyph)
    flow = top + (form.low / 2 if backwards else form.glyph - form.low / 2)
    frames = ((end, Frame(page.margin + form.lead, top, form.end, form.glyph), word),) if end else ()
    right = max((one.frame.right for one in placed), default=page.right - form.hook)
    box = Frame(page.margin, y, right - page.margin, form.box)
    return StripRow(placed, frames, flow, box, hangs=backwards)


def _raised(architecture: Architecture, drawn: Chain, form: Form) -> Form:
    """The measures with glyphs as high as their resolutions."""
    if not form.opened:
        return replace(form, low=form.glyph)
    low, tallest = lowest_and_tallest(architecture, drawn, form, paper=not form.bars)
    words = [word for said in end_words(architecture).values() for word in said.rsplit(" ", 1)[0].split()]
    named = max((width(word, form.size, bold=True) for word in words), default=0.0)
    form = replace(form, lead=max(form.lead, min(named + 8 - form.end / 2, _MOST_LEAD)))
    turned = any(block.resamples and (block.times or block.texts) for block in drawn.blocks())
    low = max(low, _TURNED if turned else _BADGED)
    tallest = max(tallest, low)
    return replace(form, low=low, glyph=tallest, box=form.box - form.glyph + tallest)


def _cut(row: StripRow, heights: Mapping[tuple[str, str], float], form: Form) -> StripRow:
    """The row with glyphs as high as their resolutions: the upper one stands on its line, the lower one hangs
    from it; boxes are as high as what they hold."""
    hung = row.hangs

    def cut(block: Block, frame: Frame) -> Frame:
        high = heights.get((block.kind, block.path), form.low)
        return Frame(frame.x, frame.y if hung else frame.bottom - high, frame.width, high)

    placed = []
    for one in row.placed:
        slots = tuple((block, cut(block, frame)) for block, frame in one.slots)
        tallest = max((frame.height for _, frame in slots), default=form.low)
        high = one.frame.height - (form.glyph - tallest if form.opened else 0)
        y = one.frame.y if hung else one.frame.bottom - high
        placed.append(replace(one, frame=Frame(one.frame.x, y, one.frame.width, high), slots=slots))
    ends = tuple((block, cut(block, frame), word) for block, frame, word in row.ends)
    return replace(row, placed=tuple(placed), ends=ends)


def _items(
    drawn: Chain,
    said: Mapping[str, str],
    first: StripRow,
    second: StripRow,
    on: CostScale,
    page: Page,
    form: Form,
) -> list[Item]:
    top, middle, low = first.box.y, first.box.bottom, second.box.bottom
    wires = _wires(drawn, first, second, form)
    items: list[Item] = [*boxes(first, form, name_above=True), *boxes(second, form)]
    items += _flow(first, second, form)
    right = _turn(first, second, form) - 5
    items += lanes.crossings(
        wires,
        top=middle - form.glyph_top,
        lanes=middle + 14,
        bottom=second.box.y + form.glyph_top,
        numbers=second.box.y - 12,
        right=right,
        size=form.size,
    )
    items += [*glyphs(first, form, said, names_above=True), *glyphs(second, form, said)]
    sizes = top - 9 - (1.3 * form.size if form.two_lines else 0)
    items += size_labels(first, page, form, tick_from=top - 5.5, tick_to=top - 1, y=sizes)
    items += size_labels(
        second, page, form, tick_from=low + 2, tick_to=low + 6.5, y=low + 9 + form.size, entry=False
    )
    items += costs.over(first.placed, on, page, form, y=top)
    items += costs.under(second.placed, on, page, form, y=low)
    return items


def _wires(drawn: Chain, first: StripRow, second: StripRow, form: Form) -> list[lanes.Wire]:
    """The skips, stages of the lower row numbered from the left."""
    placed, ends = (*first.placed, *second.placed), (*first.ends, *second.ends)
    found = wires_of(placed, ends) if form.opened else merged_wires(drawn, placed, ends, leftwards=True)
    return [replace(wire, stage=-wire.stage) for wire in found]


def _flow(first: StripRow, second: StripRow, form: Form) -> Iterator[Item]:
    """Arrows to the right above, around the corner, and to the left below."""
    frames = [frame for _, frame, _ in first.ends] + [one.frame for one in first.placed]
    back = [one.frame for one in second.placed] + [frame for _, frame, _ in second.ends]
    if frames:
        yield arrow((frames[0].x - form.lead, first.flow), (frames[0].x - 0.5, first.flow))
    for before, after in pairwise(frames):
        yield arrow((before.right, first.flow), (after.x - 0.5, first.flow))
    for before, after in pairwise(back):
        yield arrow((before.x, second.flow), (after.right + 0.5, second.flow))
    if frames and back:
        x = _turn(first, second, form)
        corner = ((x, first.flow), (x, second.flow))
        end = (back[0].right + 0.5, second.flow)
        yield arrow((frames[-1].right, first.flow), *corner, end, radius=8)
    if back:
        yield arrow((back[-1].x, second.flow), (back[-1].x - form.lead, second.flow))


def _turn(first: StripRow, second: StripRow, form: Form) -> float:
    """Where the flow goes down from the upper to the lower row."""
    return max(row.box.right for row in (first, second)) + form.hook - 4
