"""An opened block: a frame with its name, and inside it one upright glyph per layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from unetscope.layout.chain.blocks import Block
from unetscope.layout.measure import shorten, text, width
from unetscope.layout.parts.glyphs import (
    badge_context,
    badge_time,
    body,
    colours,
    glyph,
    resampling_arrow,
    stack_width,
    tooltip,
)
from unetscope.layout.scene import Box, Circle, Frame, Group, Item

HEAD, GLYPH, PAD = 17.0, 75.0, 4.0
HEIGHT = HEAD + GLYPH + PAD
_CLOSED = 56.0
NARROWEST, WIDEST = 13.5, 24.0
"""Least and greatest width of a glyph with words."""
_BROADEST = 26.0
"""Of a layer in a block with room to spare."""
_GAP = 1.5
_THIN = 0.45
"""A norm beside a layer with words."""
_STACK = 3.0
"""Around the layers of a repeated part, for its frame."""
_SIZE = 10.0


def height(blocks: Sequence[Block]) -> float:
    """The height of blocks side by side: less where none of them is opened."""
    return HEIGHT if any(block.layers for block in blocks) else _CLOSED


def opened_width(block: Block, wide: float) -> float:
    """The width of a block where a layer with words is `wide` px wide."""
    if not block.layers:
        counted = stack_width(block.repeat) if block.repeat > 1 else 0.0
        return 9.0 if block.kind == "concat" else max(wide, NARROWEST, counted)
    heading = block.letter + (f"×{block.repeat}" if block.repeat > 1 else "")
    apart = 3.01 if block.repeat > 1 else 0.0  # a hair more than its heading takes
    return max(_inner_width(block, wide), width(heading, _SIZE, bold=True) + apart) + 2 * PAD


def _inner_width(block: Block, wide: float) -> float:
    widths = sum(_layer_width(layer, wide) for layer in block.layers)
    return widths + _GAP * (len(block.layers) - 1) + 2 * _STACK * len(_stacks(block))


def _fitted(block: Block, frame_width: float) -> float:
    """The width of a layer at which a block fills its frame, as far as that looks well."""
    fixed, grown = _inner_width(block, 0.0), _inner_width(block, 1.0)
    return min(_BROADEST, (frame_width - 2 * PAD - fixed) / max(0.1, grown - fixed))


def opened_block(block: Block, frame: Frame, words: Sequence[str]) -> Group:
    """The block in its frame, named by the first of `words` that fits; its layers are groups of their own."""
    if not block.layers:
        return Group(_closed(block, frame, words), block.path, tooltip(block))
    ink = colours(block)[1] if not block.shade else "ink"
    outline = colours(block)[2]
    items = (
        Box(frame, "background", outline, 1.1, radius=4),
        *_heading(block, frame, words, ink),
        *_layers(block, frame),
    )
    return Group(items, block.path, tooltip(block))


def _closed(block: Block, frame: Frame, words: Sequence[str]) -> tuple[Item, ...]:
    """A block without layers as one tall glyph, named upright if it is unknown or at an end."""
    if block.kind in ("other", "conv", "conv-block"):
        room = frame.height - 4
        fitting = next((word for word in words if width(word, _SIZE) <= room), words[-1])
        return (body(block, frame), _upright(block, fitting, frame, room))
    return glyph(block, frame).items


def _heading(block: Block, frame: Frame, words: Sequence[str], ink: str) -> Iterator[Item]:
    """The name at the left, ×N of the repeated part at the right."""
    repeat = f"×{block.repeat}" if block.repeat > 1 else ""
    room = frame.width - 2 * PAD - (width(repeat, _SIZE, bold=True) + 3 if repeat else 0)
    fitting = next((word for word in words if width(word, _SIZE, bold=True) <= room), words[-1])
    y = frame.y + 12.5
    role = colours(block)[1] if ink != "ink" else "ink"
    yield text(frame.x + PAD, y, fitting, size=_SIZE, role=role, bold=True, frame=frame, limit=room)
    if repeat:
        yield text(frame.right - PAD, y, repeat, size=_SIZE, role=role, anchor="end", bold=True, frame=frame)


def _layers(block: Block, frame: Frame) -> Iterator[Item]:
    """The glyphs in order, those of a repeated part in a dashed frame."""
    wide = _fitted(block, frame.width)
    natural = _inner_width(block, wide)
    x, y = frame.x + PAD + max(0.0, (frame.width - 2 * PAD - natural) / 2), frame.y + HEAD
    for repeat, run in groupby(block.layers, key=lambda layer: layer.repeat > 1):
        x += _STACK if repeat else 0
        start = x
        for layer in run:
            slot = Frame(x, y, _layer_width(layer, wide), GLYPH)
            yield Group((*_layer(layer, slot),), layer.path, tooltip(layer))
            x = slot.right + _GAP
        if repeat:
            stack = Frame(start - 2, y - 2, x - _GAP - start + 4, GLYPH + 4)
            yield Box(stack, None, "attention-ink", 1, radius=3.5, dashed=True)
            x += _STACK


def _stacks(block: Block) -> list[bool]:
    """One entry for each repeated part."""
    return [repeat for repeat, _ in groupby(block.layers, key=lambda layer: layer.repeat > 1) if repeat]


def _layer_width(layer: Block, wide: float) -> float:
    return _THIN * wide if layer.kind == "norm" else wide


def _layer(layer: Block, frame: Frame) -> Iterator[Item]:
    yield body(layer, frame, radius=1.5 if layer.kind == "norm" else 2.5)
    if layer.kind in ("down", "up"):
        ink = colours(layer)[1]
        yield resampling_arrow(frame.centre, frame.middle, length=17, up=layer.kind == "up", role=ink)
    elif layer.kind != "norm":
        badged = layer.times or layer.texts
        above = Frame(frame.x, frame.y, frame.width, frame.height - (12 if badged else 0))
        yield _upright(layer, layer.letter, above, above.height - 3)
        yield from _badge(layer, frame)


def _badge(layer: Block, frame: Frame) -> Iterator[Item]:
    x, y = frame.centre, frame.bottom - 7
    if layer.shade and (layer.times or layer.texts):
        yield Circle(x, y, 4.6, "background")
    if layer.texts:
        yield from badge_context(x, y, size=6, lettered=False)
    elif layer.times:
        yield from badge_time(x, y, size=6, lettered=False)


def _upright(block: Block, words: str, frame: Frame, room: float) -> Item:
    """Words from bottom to top in the middle of a frame."""
    words = shorten(words, room, _SIZE)
    return text(frame.centre + 0.355 * _SIZE, frame.middle, words, size=_SIZE, role=colours(block)[1],
                anchor="middle", upright=True, frame=frame)  # fmt: skip
