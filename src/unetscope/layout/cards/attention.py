"""Inside A: the layers of the transformers or attention blocks of one network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from unetscope.cost import total
from unetscope.layout.cards.abreast import columns
from unetscope.layout.cards.attention_layers import AttentionLayer, Inside, inside_attention
from unetscope.layout.cards.elements import cell, down, heading, loop, tag, under_heading
from unetscope.layout.chain.blocks import Block
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import PLUS, badge_context, badge_time, plus
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, Frame, Item, Line
from unetscope.model import Architecture
from unetscope.vocabulary import kind_of

_HEIGHT, _PITCH, _OUTER, _STEP = 33.0, 55.0, 20.0, 8.0
_TOP, _FOOT = 57.0, 28.0
_CLOSE = 58.0
"""From the frame of the repeated layers to the foot of one layer's ⊕, and as much below it."""
_LOW, _WIDEST_GAP = 28.0, 34.0
"""The height of a box with one line; the most between two boxes."""
_CELL, _WIDE, _REPEATED = 210.0, 224.0, 268.0
_SIZE, _BADGE = 10.5, 9.0


def attention_card(
    architecture: Architecture, blocks: Sequence[Block], scale: CostScale, frame: Frame
) -> Iterator[Item]:
    """The card. `blocks` are all attention blocks; the most usual class of them is shown."""
    usual = Counter(block.type for block in blocks).most_common(1)[0][0]
    alike = [block for block in blocks if block.type == usual]
    inside = inside_attention(architecture, alike)
    depth, number = sum(block.repeat for block in alike), len(alike)
    if kind_of(usual) == "transformer block":  # in a stack of its own: what repeats is the block itself
        inside, depth, number = replace(inside, repeats=()), 0, sum(block.count for block in alike)
    title = (
        f"Inside A ×{inside.repeats[0]}" if len(inside.repeats) == 1 and inside.repeats[0] > 1 else "Inside A"
    )
    below = f"{usual} ×{number}" + (f" · {depth} layers" if depth > number else "")
    cost = total(block.cost for block in blocks)
    yield from heading(frame, title, below, cost, scale)
    flow = columns if inside.abreast else _direct if inside.direct and len(inside.layers) == 1 else _flow
    yield from flow(inside, under_heading(frame, below, cost, scale))


def _direct(inside: Inside, frame: Frame) -> Iterator[Item]:
    """Attention by itself: norm, projections and attention over the height of the card."""
    x, start = frame.x + frame.width * 0.513, frame.y + _TOP - 5
    before = inside.before.split(" · ") if inside.before else []
    boxes = [*before, "", *([inside.after] if inside.after else [])]
    highs = [_LOW if words else _HEIGHT for words in boxes]
    foot = PLUS + 9 if inside.around else 0
    gap = min(_WIDEST_GAP, (frame.bottom - 14 - foot - start - sum(highs)) / (len(boxes) + inside.around))
    yield from _width_note(inside, frame, x, start)
    y = start - 5
    for at, (words, high) in enumerate(zip(boxes, highs, strict=True)):
        top = y + (11 if at == 0 else gap)
        yield down(x, y, top - 0.5)
        if words:
            yield from cell(Frame(x - _CELL / 2, top, _CELL, high), words, fill="conv", ink="attention-ink")
        else:
            yield from _layer(inside.layers[0], x, top - 4, first=True, alone=True)
        y = top + high
    if not inside.around:
        yield down(x, y, y + 14)
        return
    middle = y + gap + PLUS
    yield down(x, y, middle - PLUS + 0.5)
    yield from plus(x, middle)
    yield loop(x, start, frame.x + 18, middle)
    yield down(x, middle + PLUS, middle + PLUS + 9)


def _flow(inside: Inside, frame: Frame) -> Iterator[Item]:
    x = frame.x + frame.width * 0.513
    count, repeated = len(inside.layers), max(inside.repeats, default=0) > 1
    around = _TOP + 2 * (_OUTER + _STEP) + _FOOT
    pitch = min(_PITCH, (frame.height - around - _CLOSE) / max(1, count - 1))
    body = _CLOSE + pitch * (count - 1) - (9 if inside.direct else 0)
    y = frame.y + _TOP + max(0.0, frame.height - around - body) / 2
    start = y - 5
    yield from _width_note(inside, frame, x, start)
    yield _into(inside.before, x, start - 5, y - 0.5)
    yield from _outer(inside.before, x, y)
    top = y + _OUTER + _STEP
    yield down(x, y + _OUTER, top + (8 if inside.layers else 0))
    for index, layer in enumerate(inside.layers):
        yield from _layer(layer, x, top + 4 + pitch * index, first=index == 0, alone=inside.direct)
    if repeated:
        box = Frame(x - _REPEATED / 2, top, _REPEATED, body)
        yield Box(box, None, "attention-ink", 1.2, radius=6, dashed=True)
        yield from tag(_times(inside.repeats), box.right + 8, box.y)
    yield from _foot(inside, frame, x, start, top + body)


def _foot(inside: Inside, frame: Frame, x: float, start: float, y: float) -> Iterator[Item]:
    """The projection behind the repeated layers, and the sum with the residual around everything."""
    sum_y = y + _STEP + _OUTER + 11
    yield _into(inside.after, x, y - (8 if inside.direct else 5), y + _STEP - 0.5)
    yield from _outer(inside.after, x, y + _STEP)
    if not inside.around:
        yield down(x, y + _STEP + _OUTER, sum_y + PLUS + 9)
        return
    yield down(x, y + _STEP + _OUTER, sum_y - PLUS + 0.5)
    yield from plus(x, sum_y)
    yield loop(x, start, frame.x + 18, sum_y)
    yield down(x, sum_y + PLUS, sum_y + PLUS + 9)


def _into(words: str, x: float, y: float, to: float) -> Line:
    """The flow towards a projection, with an arrowhead only if there is a projection."""
    return down(x, y, to) if words else Line(((x, y), (x, to)), "flow", 1.4)


def _outer(words: str, x: float, y: float) -> Iterator[Item]:
    """A projection around the layers; a block that has none lets the path through."""
    if not words:
        yield Line(((x, y - 1), (x, y + _OUTER + 1)), "flow", 1.3)
        return
    yield from cell(Frame(x - _WIDE / 2, y, _WIDE, _OUTER), words, fill="conv", ink="attention-ink")


def _layer(layer: AttentionLayer, x: float, y: float, *, first: bool, alone: bool) -> Iterator[Item]:
    """One cell at y with its residual around it, if it has one of its own."""
    frame = Frame(x - _CELL / 2, y + 4, _CELL, _HEIGHT)
    middle = frame.bottom + 7.5
    if not first:
        yield down(x, y - 4, frame.y - 0.5)
    if not alone:
        yield loop(x, y, frame.x - 18, middle)
        yield down(x, frame.bottom, middle - PLUS + 1)
        yield from plus(x, middle)
    aside = _BADGE if layer.texts or layer.times else 0.0
    words, below, room = layer.words, layer.below, _CELL - 2 * aside
    if width(words, _SIZE, bold=True) > room:
        norm, _, words = words.rpartition(" · ")
        longer = f"{norm} · {below}"
        below = longer if norm and width(longer, _SIZE) <= room else below
    yield from cell(frame, words, fill=layer.fill, ink=layer.ink, below=below, bold=True, aside=aside)
    both = layer.texts and layer.times
    if layer.texts:
        yield from badge_context(frame.right, frame.middle + 8 * both, size=15, lettered=True)
    if layer.times:
        yield from badge_time(frame.right, frame.middle - 8 * both, size=15, lettered=True)


def _width_note(inside: Inside, frame: Frame, x: float, y: float) -> Iterator[Item]:
    if inside.widths and width(inside.widths, 10) < frame.right - x - 22:
        yield text(x + 12, y + 2, inside.widths, size=10, role="dim", frame=frame)


def _times(repeats: Sequence[int]) -> str:
    return (
        ", ".join(f"×{repeat}" for repeat in repeats)
        if len(repeats) < 4
        else f"×{repeats[0]} to ×{repeats[-1]}"
    )
