"""What stands under a strip: cards of the insides and the stem, and bars by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from unetscope.analysis.cost.by_kind import by_part
from unetscope.analysis.cost.insight import gate_word
from unetscope.choices import Look
from unetscope.layout.cards import outside_stages, stem
from unetscope.layout.cards.attention import attention_card
from unetscope.layout.cards.residual import residual_card
from unetscope.layout.chain import unfilled
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.parts.spent_bars import Grouping, spent_bars
from unetscope.layout.pieces import place
from unetscope.layout.scene import Frame, Item
from unetscope.model import Architecture

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
    architecture: Architecture, drawn: Chain, on: CostScale, page: Page, look: Look, *, y: float
) -> tuple[list[Item], float]:
    """Everything between a strip and the line of insight, from y on, and the baseline of that line."""
    if look.paper:
        return [], y + 22
    items: list[Item] = []
    if look.detail == "stage":
        items, y = outside_stages.outside_card(architecture, drawn, on, page, y=y + 20)
    else:
        items, y = _cards(architecture, drawn, on, page, y=y + 20)
    spent = {str(share.part): share.cost for share in by_part(architecture)}
    bars = spent_bars(spent, on, page.content, replace(_IN_BLOCKS, feed_forward=_gate(architecture)))
    items += place(bars, Frame(page.margin, y + 6, page.content, bars.height))[0]
    # Where fills mean costs, what is not a part with a cost of its own has none.
    return items if look.color_by == "kind" else [*unfilled(items)], y + 24 + bars.height


def _gate(architecture: Architecture) -> str:
    """What the feed-forward part is called."""
    return "GEGLU" if gate_word(architecture) == "GEGLU" else "feed-forward"


def _cards(
    architecture: Architecture, drawn: Chain, on: CostScale, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """The cards from y on and the y below them."""
    high = stem.height(architecture, drawn)
    present = {kind for kind in ("residual", "attention") if _usual(drawn, kind) in _KNOWN}
    names = [name for name in _WIDTHS if name == "stem" or name in present]
    if len(names) > 1:
        high = max(high, _INSET_HEIGHT)
    items: list[Item] = []
    for name, frame in _frames(names, page, y, high):
        items += _card(name, architecture, drawn, on, frame)
    return items, y + high


def _usual(drawn: Chain, kind: str) -> str:
    """The most usual class among the blocks of a kind; "" where there is none."""
    types = Counter(block.type for block in drawn.blocks() if block.kind == kind)
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


def _card(name: str, architecture: Architecture, drawn: Chain, on: CostScale, frame: Frame) -> Iterator[Item]:
    if name == "stem":
        return stem.card(architecture, drawn, on, frame)
    blocks = [block for block in drawn.blocks() if block.kind == name]
    card = residual_card if name == "residual" else attention_card
    return card(architecture, blocks, on, frame)
