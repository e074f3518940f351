"""The strip: one row of stages from conv in to conv out, skips as lanes above, sizes and costs below.

Where one row would make glyphs too narrow, the Down half stands above the Up half.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from unetscope.choices import Look
from unetscope.layout.cards import under_strip
from unetscope.layout.chain import prepared
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.layers.cards import cards
from unetscope.layout.layers.shapes import lettered
from unetscope.layout.measure import width
from unetscope.layout.page import Page, page_of
from unetscope.layout.parts.frame import bottom_lines, description, title_lines
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.scene import Item, Scene
from unetscope.layout.strip import band_places
from unetscope.layout.strip.bands import ladder
from unetscope.layout.strip.least_widths import plans_of, to_scale
from unetscope.layout.strip.one_row import one_row, one_row_form
from unetscope.layout.strip.two_rows import two_rows
from unetscope.layout.strip.widths import Form, closer, form, row_width, solve
from unetscope.model import Architecture

_FULL_LAYER = 18.0
"""Width of a layer where the page is as wide as it needs to be."""


def draw(architecture: Architecture, look: Look) -> Scene:
    """The strip of an architecture with its cards, bars and legend."""
    drawn = prepared(architecture, look)
    if look.detail == "layer" and look.width == "readme" and not look.paper and look.color_by == "kind":
        return _layers(architecture, drawn, look)
    on = scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=look.unit)
    page = _page(architecture, drawn, on, look)
    items, top = title_lines(architecture, on, page, look)
    if look.detail == "layer":
        picture, y = ladder(architecture, drawn, on, page, look, top=top)
    else:
        picture, y = _picture(architecture, drawn, on, page, look, form(look), top=top)
    more, y = ([], y + 22) if look.measured else under_strip.below(architecture, drawn, on, page, look, y=y)
    last, bottom = bottom_lines(architecture, drawn, on, page, look, y=y, railed=look.detail != "layer")
    words = description(architecture, drawn, "Strip")
    return Scene(page.width, ceil(bottom), architecture.title, words, (*items, *picture, *more, *last))


def _layers(architecture: Architecture, drawn: Chain, look: Look) -> Scene:
    """The strip without costs over tables of what each distinct block holds."""
    on = scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=look.unit)
    closed = replace(look, detail="block")
    shown = lettered(architecture, drawn)
    base, page = replace(form(closed), values=False, placed=True), page_of(look)
    items, top = title_lines(architecture, on, page, look)
    picture, y = _picture(architecture, shown, on, page, closed, base, top=top)
    more, y = cards(architecture, drawn, on, page, y=y + 14)
    last, bottom = bottom_lines(architecture, shown, on, page, look, y=y, railed=True)
    words = description(architecture, drawn, "Strip")
    return Scene(page.width, ceil(bottom), architecture.title, words, (*items, *picture, *more, *last))


def _page(architecture: Architecture, drawn: Chain, on: CostScale, look: Look) -> Page:
    """As wide as usual, or as the content needs: in full width for all that glyphs say."""
    if look.detail == "layer":
        full = look.width == "full"
        return page_of(look, least=band_places.least_width(drawn, _FULL_LAYER) if full else 0)
    measures = one_row_form(architecture, drawn, form(look), look)
    plans = plans_of(drawn, on, measures)
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    if look.width == "full" and plans:
        return page_of(look, least=row_width(plans, _legible(drawn), measures, ends=ends, gap=measures.gap))
    return page_of(look)


def _legible(drawn: Chain) -> float:
    """The width of a glyph that can show its place."""
    return max((width(block.place, 10) for block in drawn.blocks()), default=14.0) + 2


def _picture(
    architecture: Architecture,
    drawn: Chain,
    on: CostScale,
    page: Page,
    look: Look,
    base: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """One row of stages, or two where glyphs would be too narrow in one; and the y below."""
    ends = (drawn.inlet is not None) + (drawn.outlet is not None)
    for close in closer(base):
        measures = one_row_form(architecture, drawn, close, look)
        plans = plans_of(drawn, on, measures)
        if not measures.opened:
            plans = to_scale(plans, measures, room=page.content, ends=ends)
        narrow = solve(plans, measures, room=page.content, ends=ends)
        fits = narrow >= (measures.narrowest if measures.opened else 1.0)
        if fits or len(plans) < 3:
            return one_row(architecture, drawn, plans, narrow, on, page, measures, top=top)
    measures = one_row_form(architecture, drawn, base, look)
    return two_rows(architecture, drawn, plans_of(drawn, on, measures), on, page, measures, top=top)
