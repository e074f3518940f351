"""A strip in one row: heights are resolutions, skips nest in the valley, ends and rails beside and below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.ends import rail_widths
from unetscope.layout.chain.midway import midway
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import arrow, glyph
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Frame, Item
from unetscope.layout.strip import costs
from unetscope.layout.strip.heights import core, heights_of, lowest_and_tallest
from unetscope.layout.strip.midway import beside_flow, top_of
from unetscope.layout.strip.network_ends import Ends, drawn_ends, lead_of, out_of, over_inlet, over_outlet
from unetscope.layout.strip.rails import foot_of, rails
from unetscope.layout.strip.skips import merged_wires, wires_of
from unetscope.layout.strip.stage_boxes import NAME, StripRow, boxes, size_labels
from unetscope.layout.strip.widths import Form, StagePlan, place, row_width
from unetscope.model import Architecture

_WIDEST_GAP = 34.0
_NARROWEST = 6.9
"""Glyphs narrower than this could not bear a letter."""
_HEADROOM = 6.0
"""Between a glyph and the top of its box."""


def one_row_form(architecture: Architecture, drawn: Chain, base: Form, look: Look) -> Form:
    """The measures of one row: boxes as high as the highest resolution and the rails need."""
    lead, out = lead_of(architecture, drawn, base), out_of(architecture, base)
    if not base.opened:
        return replace(base, two_lines=True, low=base.glyph, lead=lead, out=out)
    low, tallest = lowest_and_tallest(architecture, drawn, base, paper=look.paper)
    read = [any(getattr(block, what) for block in drawn.blocks()) for what in ("times", "texts")]
    foot = NAME + foot_of(sum(read), base)
    return replace(
        base,
        two_lines=True,
        low=low,
        glyph=tallest,
        glyph_top=_HEADROOM,
        lead=lead,
        out=out,
        box=_HEADROOM + tallest + foot,
        gap=base.gap if base.placed else min(base.gap, 9.5),
        pad=min(base.pad, 4.0),
        between=min(base.between, 1.2),
        narrowest=_NARROWEST,
    )


def one_row(
    architecture: Architecture,
    drawn: Chain,
    plans: Sequence[StagePlan],
    narrow: float,
    on: CostScale,
    page: Page,
    form: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """The row with everything above and below it, its highest lane at `top`; and the y below."""
    heights = heights_of(architecture, drawn, form)
    ends = Ends(architecture, drawn, form)
    row = _row(drawn, plans, narrow, page, form, heights, foot=0.0)
    wires = wires_of(row.placed, row.ends) if form.opened else merged_wires(drawn, row.placed, row.ends)
    found = lanes.nested(wires, _tops(row), size=form.size)
    base = row.flow + form.low / 2
    tops = (row.box.y, over_inlet(ends, row, base=base), over_outlet(ends, row) - 10)
    between = midway(architecture, drawn)
    tops = (*tops, (top_of(beside_flow(between, row, form)) or row.box.y) - 4)
    highest = min([*tops, *(lane.y for lane in found)])
    row = _row(drawn, plans, narrow, page, form, heights, foot=top - highest)
    found = [replace(lane, y=lane.y + top - highest) for lane in found]
    foot, base = row.box.bottom, row.flow + form.low / 2
    items: list[Item] = [*boxes(row, form), *_flow(row, form)]
    for lane, (start, end) in zip(found, _feet(found, row), strict=True):
        items += lanes.drawn(lane, start, end, size=form.size)
    if form.opened:
        items += rails(row, rail_widths(architecture), form, base=base)
    for one in row.placed:
        items += [
            glyph(_bare(block), frame, placed=form.placed, core=core(frame, form))
            for block, frame in one.slots
        ]
    items += [glyph(block, frame, core=core(frame, form)) for block, frame, _ in row.ends]
    sizes = foot + 9 + form.size
    items += beside_flow(between, row, form)
    items += drawn_ends(ends, row, base=base, sizes=sizes)
    items += size_labels(row, page, form, tick_from=foot + 2, tick_to=foot + 6.5, y=sizes)
    items += costs.under(row.placed, on, page, form, y=foot + 2)
    return items, foot + 2 + form.below


def _bare(block: Block) -> Block:
    """A block without badges: its rails say what it reads."""
    return replace(block, times=False, texts=False)


def _row(
    drawn: Chain,
    plans: Sequence[StagePlan],
    narrow: float,
    page: Page,
    form: Form,
    heights: dict[tuple[str, str], float],
    *,
    foot: float,
) -> StripRow:
    """The row between the margins, the highest box at y `foot`; a small network has wider gaps, then stands
    in the middle."""
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    gaps = len(plans) - 1 + ends
    spare = page.content - row_width(plans, narrow, form, ends=ends, gap=form.gap)
    gap = min(_WIDEST_GAP, form.gap + max(0.0, spare) / max(1, gaps))
    whole = row_width(plans, narrow, form, ends=ends, gap=gap)
    x = page.margin + max(0.0, (page.content - whole) / 2)
    first = x + (form.lead + form.end + gap if drawn.inlet else 0)
    placed = place(plans, form, x=first, y=foot, narrow=narrow, gap=gap)
    base = foot + form.glyph_top + form.glyph

    def cut(block: Block, frame: Frame) -> Frame:
        high = heights.get((block.kind, block.path), form.low)
        return Frame(frame.x, base - high, frame.width, high)

    lowered = []
    for one in placed:
        slots = tuple((block, cut(block, frame)) for block, frame in one.slots)
        top = min((frame.y for _, frame in slots), default=base - form.low) - form.glyph_top
        top = top if form.opened else one.frame.y
        box = Frame(one.frame.x, top, one.frame.width, one.frame.bottom - top)
        lowered.append(replace(one, frame=box, slots=slots))
    right = placed[-1].frame.right if placed else first
    row_ends: list[tuple[Block, Frame, str]] = []
    if drawn.inlet:
        row_ends.append((drawn.inlet, cut(drawn.inlet, Frame(x + form.lead, 0, form.end, 0)), "in"))
    if drawn.outlet:
        row_ends.append((drawn.outlet, cut(drawn.outlet, Frame(right + gap, 0, form.end, 0)), "out"))
    return StripRow(tuple(lowered), tuple(row_ends), base - form.low / 2, Frame(x, foot, whole, form.box))


def _tops(row: StripRow) -> list[tuple[float, float, float]]:
    """Left, right and top of every box and end."""
    frames = [one.frame for one in row.placed] + [frame for _, frame, _ in row.ends]
    return [(frame.x, frame.right, frame.y) for frame in frames]


def _feet(found: Sequence[lanes.Lane], row: StripRow) -> Iterator[tuple[float, float]]:
    """The y where each skip leaves a glyph, and where it ends."""
    frames = [frame for one in row.placed for _, frame in one.slots] + [frame for _, frame, _ in row.ends]
    frames += [one.frame for one in row.placed if not one.slots]

    def top(x: float) -> float:
        return min((frame.y for frame in frames if frame.x <= x <= frame.right), default=row.box.y)

    for lane in found:
        yield top(lane.wire.source), top(lane.wire.target) - 0.5


def _flow(row: StripRow, form: Form) -> Iterator[Item]:
    """The arrows between neighbours, and out of the picture where it has no end."""
    frames = [frame for _, frame, word in row.ends if word == "in"]
    frames += [one.frame for one in row.placed]
    frames += [frame for _, frame, word in row.ends if word == "out"]
    for before, after in pairwise(frames):
        yield arrow((before.right, row.flow), (after.x - 0.5, row.flow))
