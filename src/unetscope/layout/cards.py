"""The row of cards under a strip, and the bars by kind under those."""

from __future__ import annotations

from unetscope.layout import stem
from unetscope.layout.blocks import Chain
from unetscope.layout.costs import Scale
from unetscope.layout.kind_bars import kind_bars
from unetscope.layout.page import CONTENT, MARGIN
from unetscope.layout.scene import Frame, Item
from unetscope.model import Architecture

_GAP = 12.0


def row(architecture: Architecture, drawn: Chain, on: Scale, *, y: float) -> tuple[list[Item], float]:
    """The cards from y on, the bars, and the baseline for the line that follows."""
    high = stem.height(architecture, drawn)
    items = [*stem.card(architecture, drawn, on, Frame(MARGIN, y, CONTENT, high))]
    y += high + 16
    items += kind_bars(architecture, on, y=y)
    return items, y + 75
