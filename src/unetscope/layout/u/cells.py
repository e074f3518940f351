"""The cells of a U: the words in each block's box, its badges, and how a row is divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.layout.chain.blocks import Block
from unetscope.layout.chain.names import names
from unetscope.layout.measure import centred, width
from unetscope.layout.parts import opened_block
from unetscope.layout.parts.glyphs import (
    badge_context,
    badge_time,
    body,
    colours,
    join_sign,
    on_ground,
    tooltip,
)
from unetscope.layout.scene import Box, Frame, Group, Item
from unetscope.layout.u.measures import UForm
from unetscope.model import Architecture

CONCAT = 9.0
_SIZE = 10.5
_BADGE = 18.0


def divide(blocks: Sequence[Block], frame: Frame, form: UForm, *, evenly: bool = False) -> list[Frame]:
    """The frames of the blocks of one row: ⧺ narrow and close to what follows, R wider than A.

    `evenly` makes R and A equally wide, where they need not stand in columns.
    """
    weights = [min(1.0, _weight(block)) if evenly else _weight(block) for block in blocks]
    if any(block.layers for block in blocks):
        weights = [
            0.0 if block.kind == "concat" else opened_block.opened_width(block, opened_block.NARROWEST)
            for block in blocks
        ]
    gaps = [2.5 if block.kind == "concat" else form.between for block in blocks]
    room = frame.width - sum(gaps[:-1]) - CONCAT * weights.count(0.0)
    frames, x = [], frame.x
    for block_weight, gap in zip(weights, gaps, strict=True):
        wide = room * block_weight / (sum(weights) or 1.0) if block_weight else CONCAT
        frames.append(Frame(x, frame.y, wide, frame.height))
        x += wide + gap
    return frames


def cell(architecture: Architecture, block: Block, frame: Frame, form: UForm) -> Group:
    """One block: a bar with ⧺, a box with its words and badges, or the layers inside it."""
    words = names(architecture, block, placed=form.placed)
    ink = colours(block)[1]
    if block.kind == "concat":
        sign = join_sign(block, frame.centre, frame.middle, size=6, role=ink)
        items = (body(block, frame, radius=2), *sign)
        return Group(items, block.path, tooltip(block))
    if block.layers or frame.height > form.height:
        # Beside an opened block a closed one is as high, and narrow.
        return opened_block.opened_block(block, frame, words)
    badges = list(_badges(block, frame))
    room = Frame(frame.x + 4, frame.y, frame.width - 8 - _BADGE * (block.times + block.texts), frame.height)
    label = centred(room, _fitting(words, room.width), size=_SIZE, role=ink, bold=True)
    items = (body(block, frame, radius=4), label, *badges)
    return Group(items, block.path, tooltip(block))


def _weight(block: Block) -> float:
    """Width beside its neighbours; 0 for the fixed width of ⧺."""
    return {"concat": 0.0, "residual": 1.65}.get(block.kind, 1.0)


def _badges(block: Block, frame: Frame) -> Iterator[Item]:
    """Lettered badges at the right; on a fill of the scale, on a ground of their own."""
    x = frame.right - 12
    for badge, shown, side in ((badge_context, block.texts, 14), (badge_time, block.times, 15)):
        if shown:
            if on_ground(block):
                yield Box(Frame(x - 8.5, frame.middle - 8.5, 17, 17), "background", radius=8.5)
            yield from badge(x, frame.middle, size=side, lettered=True)
            x -= _BADGE


def _fitting(words: Sequence[str], room: float) -> str:
    """The first of the words that fits, else the last, which `centred` then cuts."""
    return next((word for word in words if width(word, _SIZE, bold=True) <= room), words[-1])
