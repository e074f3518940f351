"""The row of cards under a strip, inside R, inside A and the stem, and the bars by kind below it."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout import stem
from unetscope.layout.blocks import Chain
from unetscope.layout.costs import Scale
from unetscope.layout.inset_attention import attention_card
from unetscope.layout.inset_residual import residual_card
from unetscope.layout.kind_bars import kind_bars
from unetscope.layout.page import CONTENT, MARGIN
from unetscope.layout.scene import Frame, Item
from unetscope.model import Architecture

_GAP = 12.0
_INSET_HEIGHT = 308.0
_WIDTHS = {"residual": 226.0, "attention": 316.0, "stem": 286.0}


def row(architecture: Architecture, drawn: Chain, on: Scale, *, y: float) -> tuple[list[Item], float]:
    """The cards from y on, the bars, and the baseline for the line that follows."""
    high = stem.height(architecture, drawn)
    present = {block.kind for block in drawn.blocks()}
    names = [name for name in _WIDTHS if name == "stem" or name in present]
    if len(names) > 1:
        high = max(high, _INSET_HEIGHT)
    items: list[Item] = []
    for name, frame in _frames(names, y, high):
        items += _card(name, architecture, drawn, on, frame)
    y += high + 16
    items += kind_bars(architecture, on, y=y)
    return items, y + 75


def _frames(names: list[str], y: float, high: float) -> Iterator[tuple[str, Frame]]:
    """The cards side by side, sharing the page in proportion to their natural widths."""
    room = CONTENT - _GAP * (len(names) - 1)
    whole = sum(_WIDTHS[name] for name in names)
    x = MARGIN
    for name in names:
        wide = room * _WIDTHS[name] / whole
        yield name, Frame(x, y, wide, high)
        x += wide + _GAP


def _card(name: str, architecture: Architecture, drawn: Chain, on: Scale, frame: Frame) -> Iterator[Item]:
    if name == "stem":
        return stem.card(architecture, drawn, on, frame)
    blocks = [block for block in drawn.blocks() if block.kind == name]
    card = residual_card if name == "residual" else attention_card
    return card(architecture, blocks, on, frame)
