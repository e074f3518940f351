"""The cells of a U: the words in each block's box, and how a row is divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from unetscope.layout.chain.blocks import Block
from unetscope.layout.chain.names import names
from unetscope.layout.measure import centred, width
from unetscope.layout.parts import opened_block
from unetscope.layout.parts.glyphs import body, colours, join_sign, tooltip
from unetscope.layout.scene import Frame, Group
from unetscope.layout.u.measures import UForm
from unetscope.model import Architecture

CONCAT = 9.0
_SIZE = 10.5


def divide(blocks: Sequence[Block], frame: Frame, form: UForm, *, evenly: bool = False) -> list[Frame]:
    """The frames of the blocks of one row: ⧺ narrow and close to what follows, R wider than A.

    `evenly` makes R and A equally wide, where they need not stand in columns.
    """
    weights = [min(1.0 if evenly else 2.0, _weight(block, form)) for block in blocks]
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
    if block.layers and opened_block.opened_width(block, opened_block.NARROWEST) > frame.width + 1:
        block = replace(block, layers=())  # more layers than a line has room for: it stays closed
    elif block.layers or frame.height > form.height:
        # Beside an opened block a closed one is as high, and narrow.
        return opened_block.opened_block(block, frame, words)
    room = Frame(frame.x + 4, frame.y, frame.width - 8, frame.height)
    label = centred(room, _fitting(words, room.width), size=_SIZE, role=ink, bold=True)
    # In a line of very many blocks not even the letter fits: the fill says what each is, and a tooltip.
    items = (body(block, frame, radius=4), *((label,) if label.content else ()))
    return Group(items, block.path, tooltip(block))


def _weight(block: Block, form: UForm) -> float:
    """Width beside its neighbours; 0 for the fixed width of ⧺."""
    return {"concat": 0.0, "residual": 1.2 if form.page.narrow else 1.65}.get(block.kind, 1.0)


def _fitting(words: Sequence[str], room: float) -> str:
    """The first of the words that fits, else the last, which `centred` then cuts."""
    return next((word for word in words if width(word, _SIZE, bold=True) <= room), words[-1])
