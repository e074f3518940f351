"""A strip in one row: heights are resolutions, skips nest in the valley, ends and rails beside and below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.conditioning import rail_widths
from unetscope.layout.chain.midway import midway
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Frame, Item
from unetscope.layout.strip import costs, dense_skips
from unetscope.layout.strip.costs import foot_of, rails
from unetscope.layout.strip.dense_skips import combs
from unetscope.layout.strip.midway import beside_flow, top_of
from unetscope.layout.strip.network_ends import Ends, drawn_ends, lead_of, out_of, over_inlet, over_outlet
from unetscope.layout.strip.skips import merged_wires, wires_of
from unetscope.layout.strip.stage_boxes import (
    NAME,
    StripRow,
    boxes,
    cut,
    depth_of,
    glyphs,
    heights_of,
    lowest_and_tallest,
    size_labels,
)
from unetscope.layout.strip.widths import Form, StagePlan, place, row_width
from unetscope.model import Architecture

_WIDEST_GAP = 34.0
_NARROWEST = 6.9
"""Glyphs narrower than this could not bear a letter."""
_THREE_LINES = 46.0
"""The height of a glyph with a letter, ×N and T."""
_PLACE = 16.0
"""What its place adds to that."""
_HEADROOM = 6.0
"""Between a glyph and the top of its box."""


def one_row_form(architecture: Architecture, chain: Chain, base: Form, look: Look) -> Form:
    """The measures of a row: boxes as high as the highest resolution and the rails need."""
    lead, out = lead_of(architecture, chain, base), out_of(architecture, chain, base) if chain.outlet else 0.0
    read = [any(getattr(block, what) for block in chain.blocks()) for what in ("times", "texts")]
    foot = foot_of(sum(read), base)
    if not base.opened:
        box = base.glyph + foot
        return replace(base, two_lines=True, low=base.glyph, lead=lead, out=out, box=box, gap=15.0)
    low, tallest = lowest_and_tallest(architecture, chain, base, paper=look.paper)
    if base.stacked and any(block.temporal and block.repeat > 1 for block in chain.blocks()):
        lowest = _THREE_LINES + (_PLACE if base.placed else 0.0)
        low, tallest = lowest, lowest + tallest - low
    depths = 1.3 * base.size if not base.stacked and any(depth_of(s) for s in chain.stages) else 0.0
    return replace(
        base,
        two_lines=True,
        low=low,
        glyph=tallest,
        glyph_top=_HEADROOM,
        lead=lead,
        out=out,
        box=_HEADROOM + tallest + foot + NAME + depths,
        depths=depths,
        gap=base.gap if base.placed else min(base.gap, 9.5),
        pad=min(base.pad, 4.0),
        between=min(base.between, 1.2),
        narrowest=_NARROWEST,
    )


def one_row(
    architecture: Architecture,
    chain: Chain,
    plans: Sequence[StagePlan],
    narrow: float,
    scale: CostScale,
    page: Page,
    form: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """The row with everything above and below it, its highest lane at `top`; and the y below."""
    heights = heights_of(architecture, chain, form)
    ends = Ends(architecture, chain, form)
    row = cut(_row(chain, plans, narrow, page, form, foot=0.0), heights, form)
    wires = wires_of(row.placed, row.ends) if form.opened else merged_wires(chain, row.placed, row.ends)
    dense = [comb.top(form.size) for comb in combs(row.placed)]
    nest = lanes.nested(wires, [*_tops(row), *dense], size=form.size)
    between = midway(architecture, chain)
    tops = (
        row.box.y,
        over_inlet(ends, row),
        over_outlet(ends, row) - 10,
        top_of(beside_flow(between, row, form)) - 4,
    )
    highest = min([*tops, *(top for _, _, top in dense), *(lane.y for lane in nest)])
    row = cut(_row(chain, plans, narrow, page, form, foot=top - highest), heights, form)
    nest = [replace(lane, y=lane.y + top - highest) for lane in nest]
    foot = row.box.bottom
    items: list[Item] = [*boxes(row, form), *_flow(row)]
    for lane in nest:
        feet = (edge(row, lane.wire.source), edge(row, lane.wire.target) - 0.5)
        items += lanes.drawn(lane, *feet, size=form.size)
    for comb in combs(row.placed):
        items += dense_skips.drawn(comb, size=form.size)
    items += rails(row, rail_widths(architecture), form)
    items += glyphs(row, form)
    sizes = foot + 9 + form.size
    items += beside_flow(between, row, form)
    items += drawn_ends(ends, row, sizes=sizes)
    items += size_labels(row, page, form, ticks=(foot + 2, foot + 6.5), y=sizes)
    items += costs.under(row.placed, scale, page, form, y=foot + 2)
    return items, foot + 2 + form.below


def _row(
    chain: Chain, plans: Sequence[StagePlan], narrow: float, page: Page, form: Form, *, foot: float
) -> StripRow:
    """The row between the margins, the highest box at y `foot`; a small network has wider gaps, then stands
    in the middle."""
    ends = (chain.inlet is not None) + (chain.outlet is not None)
    gaps = len(plans) - 1 + ends
    spare = page.content - row_width(plans, narrow, form, ends=ends, gap=form.gap)
    gap = min(_WIDEST_GAP, form.gap + max(0.0, spare) / max(1, gaps))
    whole = row_width(plans, narrow, form, ends=ends, gap=gap)
    x = page.margin + max(0.0, (page.content - whole) / 2)
    top, first = foot + form.glyph_top, x + form.lead + (form.end + gap if chain.inlet else 0)
    placed = place(plans, form, x=first, y=foot, narrow=narrow, gap=gap)
    right = placed[-1].frame.right if placed else first
    row_ends: list[tuple[Block, Frame, str]] = []
    if chain.inlet:
        row_ends.append((chain.inlet, Frame(x + form.lead, top, form.end, form.glyph), "in"))
    if chain.outlet:
        row_ends.append((chain.outlet, Frame(right + gap, top, form.end, form.glyph), "out"))
    flow = top + form.glyph - form.low / 2
    return StripRow(placed, tuple(row_ends), flow, Frame(x, foot, whole, form.box))


def _tops(row: StripRow) -> list[tuple[float, float, float]]:
    """Left, right and top of every box and end."""
    frames = [placed.frame for placed in row.placed] + [frame for _, frame, _ in row.ends]
    return [(frame.x, frame.right, frame.y) for frame in frames]


def edge(row: StripRow, x: float) -> float:
    """Where a skip at x leaves or enters a glyph of the row, or a box without any."""
    frames = [frame for placed in row.placed for _, frame in placed.slots] + [
        frame for _, frame, _ in row.ends
    ]
    frames += [placed.frame for placed in row.placed if not placed.slots]
    there = [frame for frame in frames if frame.x <= x <= frame.right]
    if row.hangs:
        return max((frame.bottom for frame in there), default=row.box.bottom)
    return min((frame.y for frame in there), default=row.box.y)


def _flow(row: StripRow) -> Iterator[Item]:
    """The arrows between neighbours, and into the first stage where no convolution stands before it."""
    frames = [frame for _, frame, word in row.ends if word == "in"]
    frames += [placed.frame for placed in row.placed]
    frames += [frame for _, frame, word in row.ends if word == "out"]
    for before, after in pairwise(frames):
        yield arrow((before.right, row.flow), (after.x - 0.5, row.flow))
    if frames and not any(word == "in" for _, _, word in row.ends):
        yield arrow((row.box.x, row.flow), (frames[0].x - 0.5, row.flow))
