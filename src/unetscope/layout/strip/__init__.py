"""The strip: one row of stages from conv in to conv out, skips as lanes above, sizes and costs below.

Where one row would make glyphs too narrow, the Down half stands above the Up half.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from unetscope.choices import Look
from unetscope.layout.cards import under_strip
from unetscope.layout.chain import prepared, unbadged
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.layers.cards import cards
from unetscope.layout.layers.shapes import lettered
from unetscope.layout.measure import width
from unetscope.layout.page import Page, page_of
from unetscope.layout.parts import lanes
from unetscope.layout.parts.frame import bottom_lines, description, title_lines
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.scene import Frame, Item, Scene
from unetscope.layout.strip import band_places, costs
from unetscope.layout.strip.bands import ladder
from unetscope.layout.strip.least_widths import plans_of
from unetscope.layout.strip.skips import merged_skips, merged_wires, wires_of
from unetscope.layout.strip.stage_boxes import StripRow, boxes, glyphs, size_labels
from unetscope.layout.strip.two_rows import least_width, two_rows
from unetscope.layout.strip.widths import Form, StagePlan, form, place, row_width, solve
from unetscope.model import Architecture

_WIDEST_GAP = 34.0
_FULL_LAYER = 18.0
"""Width of a layer where the page is as wide as it needs to be."""


def draw(architecture: Architecture, look: Look) -> Scene:
    """The strip of an architecture with its cards, bars and legend."""
    drawn = prepared(architecture, look)
    if look.detail == "layer" and look.width == "readme" and not look.paper and look.color_by == "kind":
        return _layers(architecture, drawn, look)
    shown = unbadged(drawn) if look.paper else drawn
    on = scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=look.unit)
    measures = form(look)
    plans = plans_of(shown, on, measures)
    page = _page(shown, plans, measures, look)
    items, top = title_lines(architecture, on, page, look)
    if look.detail == "layer":
        picture, y = ladder(architecture, shown, on, page, look, top=top)
    else:
        picture, y = _picture(shown, plans, on, page, measures, top=top)
    more, y = under_strip.below(architecture, drawn, on, page, look, y=y)
    last, bottom = bottom_lines(architecture, drawn, on, page, look, y=y)
    words = description(architecture, drawn, "Strip")
    return Scene(page.width, bottom, architecture.title, words, (*items, *picture, *more, *last))


def _layers(architecture: Architecture, drawn: Chain, look: Look) -> Scene:
    """The strip without costs over tables of what each distinct block holds."""
    on = scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=look.unit)
    closed = replace(look, detail="block")
    shown = lettered(architecture, drawn)
    measures = replace(form(closed), values=False, placed=True)
    plans, page = plans_of(shown, on, measures), page_of(look)
    items, top = title_lines(architecture, on, page, look)
    picture, y = _picture(shown, plans, on, page, measures, top=top)
    more, y = cards(architecture, drawn, on, page, y=y + 14)
    last, bottom = bottom_lines(architecture, shown, on, page, look, y=y)
    words = description(architecture, drawn, "Strip")
    return Scene(page.width, bottom, architecture.title, words, (*items, *picture, *more, *last))


def _page(drawn: Chain, plans: Sequence[StagePlan], measures: Form, look: Look) -> Page:
    """As wide as usual, or as the content needs: in full width for all that glyphs say."""
    if look.detail == "layer":
        full = look.width == "full"
        return page_of(look, least=band_places.least_width(drawn, _FULL_LAYER) if full else 0)
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    if look.width == "column":
        return page_of(look, least=least_width(drawn, plans, measures))
    if look.width == "full" and plans:
        return page_of(look, least=row_width(plans, _legible(drawn), measures, ends=ends, gap=measures.gap))
    return page_of(look)


def _legible(drawn: Chain) -> float:
    """The width of a glyph that can show its place."""
    return max((width(block.place, 10) for block in drawn.blocks()), default=14.0) + 2


def _picture(
    drawn: Chain, plans: Sequence[StagePlan], on: CostScale, page: Page, measures: Form, *, top: float
) -> tuple[list[Item], float]:
    """One row of stages, or two, and the y below them."""
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    narrow = solve(plans, measures, room=page.content, ends=ends)
    if narrow >= (measures.narrowest if measures.opened else 1.0) or len(plans) < 3:
        return _one_row(drawn, plans, narrow, on, page, measures, top=top)
    return two_rows(drawn, plans, on, page, measures, top=top)


def _one_row(
    drawn: Chain,
    plans: Sequence[StagePlan],
    narrow: float,
    on: CostScale,
    page: Page,
    measures: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    count = _lanes(drawn, measures)
    lanes_bottom = top + lanes.pitch(count) * max(0, count - 1)
    pills_y = lanes_bottom + 18 if count else top
    row = _placed_row(drawn, plans, narrow, page, measures, y=pills_y + 17)
    wires = wires_of(row.placed, row.ends) if measures.opened else merged_wires(drawn, row.placed, row.ends)
    foot = row.box.bottom
    items: list[Item] = [*boxes(row, measures), *_flow(row, measures)]
    items += lanes.arches(wires, top=top, glyphs=row.box.y + measures.glyph_top)
    items += lanes.draw_pills(lanes.pills(wires), y=pills_y)
    items += glyphs(row, measures)
    items += size_labels(row, page, measures, tick_to=foot + 6, y=foot + 7 + measures.size)
    items += costs.under(row.placed, on, page, measures, y=foot)
    return items, foot + measures.below


def _lanes(drawn: Chain, measures: Form) -> int:
    """How many lanes stand above a row."""
    if measures.opened:
        return sum(block.skip is not None for block in drawn.blocks())
    return len(merged_skips(drawn))


def _placed_row(
    drawn: Chain, plans: Sequence[StagePlan], narrow: float, page: Page, measures: Form, *, y: float
) -> StripRow:
    """The row between the margins; a small network has wider gaps, then stands in the middle."""
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    gaps = len(plans) - 1 + ends
    spare = page.content - row_width(plans, narrow, measures, ends=ends, gap=measures.gap)
    gap = min(_WIDEST_GAP, measures.gap + max(0.0, spare) / max(1, gaps))
    whole = row_width(plans, narrow, measures, ends=ends, gap=gap)
    x = page.margin + max(0.0, (page.content - whole) / 2)
    first = x + (measures.lead + measures.end + gap if drawn.inlet else 0)
    placed = place(plans, measures, x=first, y=y, narrow=narrow, gap=gap)
    right = placed[-1].frame.right if placed else first
    top = y + measures.glyph_top
    frames: list[tuple[Block, Frame, str]] = []
    if drawn.inlet:
        frames.append((drawn.inlet, Frame(x + measures.lead, top, measures.end, measures.glyph), "in"))
    if drawn.outlet:
        frames.append((drawn.outlet, Frame(right + gap, top, measures.end, measures.glyph), "out"))
    return StripRow(placed, tuple(frames), top + measures.glyph / 2, Frame(x, y, whole, measures.box))


def _flow(row: StripRow, measures: Form) -> Iterator[Item]:
    """The arrows between neighbours, and those into and out of the picture."""
    frames = [one.frame for one in row.placed]
    frames = [frame for _, frame, word in row.ends if word == "in"] + frames
    frames += [frame for _, frame, word in row.ends if word == "out"]
    if not frames:
        return
    yield arrow((frames[0].x - measures.lead, row.flow), (frames[0].x - 0.5, row.flow))
    for before, after in pairwise(frames):
        yield arrow((before.right, row.flow), (after.x - 0.5, row.flow))
    yield arrow((frames[-1].right, row.flow), (frames[-1].right + measures.lead, row.flow))
