"""The strip: one row of stages from conv in to conv out, skips as lanes above, sizes and costs below.

Where one row would make glyphs too narrow, the Down half stands above the Up half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from unetscope.analysis.cost.by_kind import by_part
from unetscope.analysis.cost.insight import gate_word
from unetscope.choices import Look
from unetscope.layout.cards import outside_stages, stem
from unetscope.layout.cards.attention import attention_card
from unetscope.layout.cards.residual import residual_card
from unetscope.layout.chain import prepared, unfilled
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.layers.cards import cards
from unetscope.layout.layers.shapes import lettered
from unetscope.layout.measure import width
from unetscope.layout.page import Page, page_of
from unetscope.layout.parts.frame import bottom_lines, description, title_lines
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.parts.spent_bars import Grouping, spent_bars
from unetscope.layout.pieces import place
from unetscope.layout.scene import Frame, Item, Scene
from unetscope.layout.strip import band_places
from unetscope.layout.strip.bands import ladder
from unetscope.layout.strip.costs import plans_of, to_scale
from unetscope.layout.strip.one_row import one_row, one_row_form
from unetscope.layout.strip.two_rows import two_rows
from unetscope.layout.strip.widths import Form, closer, form, row_width, solve
from unetscope.model import Architecture

_FULL_LAYER = 18.0
"""Width of a layer where the page is as wide as it needs to be."""


def draw(architecture: Architecture, look: Look) -> Scene:
    """The strip of an architecture with its cards, bars and legend."""
    chain = prepared(architecture, look)
    if look.detail == "layer" and look.width == "readme" and not look.paper and look.color_by == "kind":
        return _layers(architecture, chain, look)
    costs = scale(architecture.cost, [stage.cost for stage in chain.stages], unit=look.unit)
    page = _page(architecture, chain, costs, look)
    items, top = title_lines(architecture, costs, page, look)
    if look.detail == "layer":
        picture, y = ladder(architecture, chain, costs, page, look, top=top)
    else:
        picture, y = _picture(architecture, chain, costs, page, look, form(look), top=top)
    more, y = ([], y + 22) if look.measured else below(architecture, chain, costs, page, look, y=y)
    last, bottom = bottom_lines(architecture, chain, costs, page, look, y=y, railed=look.detail != "layer")
    words = description(architecture, chain, "Strip")
    return Scene(page.width, ceil(bottom), architecture.title, words, (*items, *picture, *more, *last))


def _layers(architecture: Architecture, chain: Chain, look: Look) -> Scene:
    """The strip without costs over tables of what each distinct block holds."""
    costs = scale(architecture.cost, [stage.cost for stage in chain.stages], unit=look.unit)
    closed = replace(look, detail="block")
    lettered_chain = lettered(architecture, chain)
    base, page = replace(form(closed), values=False, placed=True), page_of(look)
    items, top = title_lines(architecture, costs, page, look)
    picture, y = _picture(architecture, lettered_chain, costs, page, closed, base, top=top)
    more, y = cards(architecture, chain, costs, page, y=y + 14)
    last, bottom = bottom_lines(architecture, lettered_chain, costs, page, look, y=y, railed=True)
    words = description(architecture, chain, "Strip")
    return Scene(page.width, ceil(bottom), architecture.title, words, (*items, *picture, *more, *last))


def _page(architecture: Architecture, chain: Chain, scale: CostScale, look: Look) -> Page:
    """As wide as usual, or as the content needs: in full width for all that glyphs say."""
    if look.detail == "layer":
        full = look.width == "full"
        return page_of(look, least=band_places.least_width(chain, _FULL_LAYER) if full else 0)
    measures = one_row_form(architecture, chain, form(look), look)
    plans = plans_of(chain, scale, measures)
    ends = (chain.inlet is not None) + (chain.outlet is not None)
    if look.width == "full" and plans:
        return page_of(look, least=row_width(plans, _legible(chain), measures, ends=ends, gap=measures.gap))
    return page_of(look)


def _legible(chain: Chain) -> float:
    """The width of a glyph that can show its place."""
    return max((width(block.place, 10) for block in chain.blocks()), default=14.0) + 2


def _picture(
    architecture: Architecture,
    chain: Chain,
    scale: CostScale,
    page: Page,
    look: Look,
    base: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """One row of stages, or two where glyphs would be too narrow in one; and the y below."""
    ends = (chain.inlet is not None) + (chain.outlet is not None)
    for close in closer(base):
        measures = one_row_form(architecture, chain, close, look)
        plans = plans_of(chain, scale, measures)
        if not measures.opened:
            plans = to_scale(plans, measures, room=page.content, ends=ends)
        narrow = solve(plans, measures, room=page.content, ends=ends)
        fits = narrow >= (measures.narrowest if measures.opened else 1.0)
        if fits or len(plans) < 3:
            return one_row(architecture, chain, plans, narrow, scale, page, measures, top=top)
    measures = one_row_form(architecture, chain, base, look)
    return two_rows(architecture, chain, plans_of(chain, scale, measures), scale, page, measures, top=top)


_IN_BLOCKS = Grouping(("projection", "scores", "feed-forward", "modulation"), "A", "", 10.5)
_GAP = 12.0
_INSET_HEIGHT = 308.0
_WIDTHS = {"residual": 226.0, "attention": 316.0, "stem": 286.0}
_KNOWN = frozenset(
    "ResnetBlock2D ResnetBlockCondNorm2D Transformer2DModel DualTransformer2DModel BasicTransformerBlock "
    "KAttentionBlock Attention".split()
)
"""Classes of R and A whose inside a card can show as it is."""
_WIDEST = 1.3
"""Cards wider than this many times their natural width hold mostly air."""


def below(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, look: Look, *, y: float
) -> tuple[list[Item], float]:
    """Everything between a strip and the line of insight, from y on, and the baseline of that line."""
    if look.paper:
        return [], y + 22
    items: list[Item] = []
    if look.detail == "stage":
        items, y = outside_stages.outside_card(architecture, chain, scale, page, y=y + 20)
    else:
        items, y = _cards(architecture, chain, scale, page, y=y + 20)
    spent = {str(share.part): share.cost for share in by_part(architecture)}
    bars = spent_bars(spent, scale, page.content, replace(_IN_BLOCKS, feed_forward=_gate(architecture)))
    items += place(bars, Frame(page.margin, y + 6, page.content, bars.height))[0]
    # Where fills mean costs, what is not a part with a cost of its own has none.
    return items if look.color_by == "kind" else [*unfilled(items)], y + 24 + bars.height


def _gate(architecture: Architecture) -> str:
    """What the feed-forward part is called."""
    return "GEGLU" if gate_word(architecture) == "GEGLU" else "feed-forward"


def _cards(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """The cards from y on and the y below them."""
    present = {kind for kind in ("residual", "attention") if _usual(chain, kind) in _KNOWN}
    names = [name for name in _WIDTHS if name == "stem" or name in present]
    high = stem.height(architecture, chain, alone=not present)
    if len(names) > 1:
        high = max(high, _INSET_HEIGHT)
    items: list[Item] = []
    for name, frame in _frames(names, page, y, high):
        items += _card(name, architecture, chain, scale, frame, alone=not present)
    return items, y + high


def _usual(chain: Chain, kind: str) -> str:
    """The most usual class among the blocks of a kind; "" where there is none."""
    types = Counter(block.type for block in chain.blocks() if block.kind == kind)
    return types.most_common(1)[0][0] if types else ""


def _frames(names: list[str], page: Page, y: float, high: float) -> Iterator[tuple[str, Frame]]:
    """The cards side by side in proportion to their natural widths, in the middle of a very wide page."""
    whole = sum(_WIDTHS[name] for name in names)
    gaps = _GAP * (len(names) - 1)
    room = page.content - gaps
    if len(names) > 1:
        room = min(room, _WIDEST * whole)
    x = page.margin + (page.content - gaps - room) / 2
    for name in names:
        wide = room * _WIDTHS[name] / whole
        yield name, Frame(x, y, wide, high)
        x += wide + _GAP


def _card(
    name: str, architecture: Architecture, chain: Chain, scale: CostScale, frame: Frame, *, alone: bool
) -> Iterator[Item]:
    if name == "stem":
        return stem.card(architecture, chain, scale, frame, alone=alone)
    blocks = [block for block in chain.blocks() if block.kind == name]
    card = residual_card if name == "residual" else attention_card
    return card(architecture, blocks, scale, frame)
