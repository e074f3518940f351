"""Inside A where transformers run side by side: a column of layers each, and the mean of what they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from unetscope.layout.cards.attention_layers import AttentionLayer, Inside
from unetscope.layout.cards.elements import SIZE, cell, down, loop
from unetscope.layout.measure import width
from unetscope.layout.parts.glyphs import PLUS, badge_context, badge_time, plus
from unetscope.layout.scene import Box, Frame, Item, Line

_SIDE, _GAP, _LEAD = 30.0, 8.0, 16.0
"""Left of the columns for the residual around all, between them, and from the split down to them."""
_LOOP, _INSET = 11.0, 5.0
"""Left of a cell for its residual, and around the cells of a column."""
_HIGH, _PITCH, _MEAN = 32.0, 54.0, 20.0
_TOP, _FOOT = 66.0, 76.0


def columns(inside: Inside, frame: Frame) -> Iterator[Item]:
    """The transformers abreast in a card's frame, between a split and their mean."""
    count = len(inside.abreast)
    left, right = frame.x + _SIDE, frame.right - 12
    wide = (right - left - _GAP * (count - 1)) / count
    most = max(map(len, inside.abreast))
    pitch = min(_PITCH, (frame.height - _TOP - _FOOT) / max(1, most))
    body = pitch * most + 4
    top = frame.y + _TOP + max(0.0, frame.height - _TOP - _FOOT - body) / 2
    x, foot = (left + right) / 2, top + body
    frames = [Frame(left + index * (wide + _GAP), top, wide, body) for index in range(count)]
    middles = [outline.x + _LOOP + (outline.width - _LOOP) / 2 for outline in frames]
    yield Line(((x, top - _LEAD - 11), (x, top - _LEAD)), "flow", 1.4)
    yield from _spread(middles, top - _LEAD, top)
    for layers, edge, middle in zip(inside.abreast, frames, middles, strict=True):
        yield Box(edge, None, "attention-ink", 1.2, radius=6, dashed=True)
        yield from _column(layers, edge, middle, pitch)
    yield from _joined(middles, foot, foot + 10)
    yield from _mean(inside.after, frame, x, top - _LEAD - 6, foot + 10)


def _spread(middles: Sequence[float], y: float, to: float) -> Iterator[Item]:
    """From one path to several."""
    yield Line(((middles[0], y), (middles[-1], y)), "flow", 1.4)
    yield from (Line(((middle, y), (middle, to + 4)), "flow", 1.4) for middle in middles)


def _joined(middles: Sequence[float], y: float, to: float) -> Iterator[Item]:
    """From several paths to one."""
    yield from (Line(((middle, y - 4), (middle, to)), "flow", 1.4) for middle in middles)
    yield Line(((middles[0], to), (middles[-1], to)), "flow", 1.4)


def _mean(words: str, frame: Frame, x: float, start: float, y: float) -> Iterator[Item]:
    """The cell that joins the columns, and the sum with the residual around everything."""
    box = Frame(x - 60, y + 12, 120, _MEAN)
    sum_y = box.bottom + 15
    yield down(x, y, box.y - 0.5)
    yield from cell(box, words, fill="conv", ink="attention-ink")
    yield down(x, box.bottom, sum_y - PLUS + 0.5)
    yield from plus(x, sum_y)
    yield loop(x, start, frame.x + 16, sum_y)
    yield down(x, sum_y + PLUS, sum_y + PLUS + 9)


def _column(layers: Sequence[AttentionLayer], frame: Frame, x: float, pitch: float) -> Iterator[Item]:
    """One transformer: its layers from the top down, each with its residual."""
    high = min(_HIGH, pitch - 20)
    cells = [
        Frame(frame.x + _INSET + _LOOP, frame.y + 10 + pitch * index, frame.width - 2 * _INSET - _LOOP, high)
        for index in range(len(layers))
    ]
    for layer, spot in zip(layers, cells, strict=True):
        sum_y = spot.bottom + 8
        yield loop(x, spot.y - 4, spot.x - 8, sum_y)
        yield down(x, spot.bottom, sum_y - PLUS + 1)
        yield from _cell(layer, spot)
        yield from plus(x, sum_y)
    for above, below in pairwise(cells):
        yield Line(((x, above.bottom + 8 + PLUS), (x, below.y - 0.5)), "flow", 1.4)
    yield Line(((x, cells[-1].bottom + 8 + PLUS), (x, frame.bottom)), "flow", 1.4)
    yield Line(((x, frame.y), (x, cells[0].y - 0.5)), "flow", 1.4)


def _cell(layer: AttentionLayer, frame: Frame) -> Iterator[Item]:
    """A layer by its own name, without the norm before it, with what fits of its sizes below."""
    aside = 8.0 if layer.texts or layer.times else 0.0
    name, room = layer.words.rpartition(" · ")[2], frame.width - 2 * aside - 2
    words = next((form for form in _shorter(name) if width(form, SIZE, bold=True) <= room), name)
    below = next((form for form in _shorter(layer.below) if width(form, SIZE) <= room), "")
    yield from cell(frame, words, fill=layer.fill, ink=layer.ink, below=below, bold=True, aside=aside)
    if layer.texts:
        yield from badge_context(frame.right, frame.middle, size=14, lettered=True)
    elif layer.times:
        yield from badge_time(frame.right, frame.middle, size=14, lettered=True)


def _shorter(words: str) -> Iterator[str]:
    """Words, then less and less of them."""
    yield words
    yield words.replace("attention", "attn")
    yield words.partition(" (")[0]
    yield words.partition(" → ")[0]
