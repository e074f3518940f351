"""The cells of a U: the words in each block's box, its badges, and how a row is divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.layout.blocks import Block, convolution
from unetscope.layout.glyphs import FILLS, badge_text, badge_time, concat_sign, tooltip
from unetscope.layout.measure import centred, width
from unetscope.layout.scene import Box, Frame, Group, Item
from unetscope.layout.stem import channels, kernel
from unetscope.model import Architecture, Shape

HEIGHT = 27.0
BETWEEN = 12.0
CONCAT = 9.0
_SIZE = 10.5
_BADGE = 20.0


def divide(blocks: Sequence[Block], frame: Frame, *, evenly: bool = False) -> list[Frame]:
    """The frames of the blocks of one row: ⧺ narrow and close to what follows, R wider than A.

    `evenly` makes R and A equally wide, where they need not stand in columns.
    """
    weights = [min(1.0, _weight(block)) if evenly else _weight(block) for block in blocks]
    gaps = [2.5 if block.kind == "concat" else BETWEEN for block in blocks[:-1]]
    room = frame.width - sum(gaps) - CONCAT * weights.count(0.0)
    frames, x = [], frame.x
    for block_weight, gap in zip(weights, [*gaps, 0.0], strict=True):
        wide = room * block_weight / (sum(weights) or 1.0) if block_weight else CONCAT
        frames.append(Frame(x, frame.y, wide, frame.height))
        x += wide + gap
    return frames


def cell(architecture: Architecture, block: Block, frame: Frame) -> Group:
    """One block: a bar with ⧺, or a box with its words and badges."""
    fill, ink = FILLS[block.kind]
    if block.kind == "concat":
        sign = concat_sign(frame.centre, frame.middle, size=6, role=ink)
        return Group((Box(frame, fill, radius=2), *sign), block.path, tooltip(block))
    box = Box(frame, fill, ink, 1.2, radius=4, dashed=block.kind == "other")
    badges = list(_badges(block, frame))
    room = Frame(frame.x + 4, frame.y, frame.width - 8 - _BADGE * (block.times + block.texts), frame.height)
    words = _fitting(_words(architecture, block), room.width)
    label = centred(room, words, size=_SIZE, role=ink, bold=True)
    return Group((box, label, *badges), block.path, tooltip(block))


def size(shape: Shape | None) -> str:
    """H×W of a shape."""
    return "×".join(str(side) for side in shape[2:]) if shape else ""


def _weight(block: Block) -> float:
    """Width beside its neighbours; 0 for the fixed width of ⧺."""
    return {"concat": 0.0, "residual": 1.65}.get(block.kind, 1.0)


def _badges(block: Block, frame: Frame) -> Iterator[Item]:
    x = frame.right - 12
    if block.texts:
        yield from badge_text(x, frame.middle, size=14, lettered=True)
        x -= _BADGE - 2
    if block.times:
        yield from badge_time(x, frame.middle, size=15, lettered=True)


def _fitting(words: Sequence[str], room: float) -> str:
    """The first of the words that fits, else the last, which `centred` then cuts."""
    return next((word for word in words if width(word, _SIZE, bold=True) <= room), words[-1])


def _words(architecture: Architecture, block: Block) -> list[str]:
    """What a block is called, from long to short."""
    node = architecture.by_path[block.path]
    if block.kind == "residual":
        sign = {"down": "↓ ", "up": "↑ ", "": ""}[block.resamples]
        return _residual(node.input, node.output, sign)
    if block.kind == "attention":
        return [f"A ×{block.repeat}", f"×{block.repeat}"] if block.repeat > 1 else ["A"]
    if block.kind in ("down", "up"):
        return _resampling(architecture, block)
    if block.kind == "conv":
        return _convolution(architecture, block)
    return [block.type, block.letter]


def _residual(given: Shape | None, made: Shape | None, resampled: str) -> list[str]:
    if given is None or made is None or given[1] == made[1]:
        return [f"R {resampled}{made[1]}" if made else "R", "R"]
    return [f"R {resampled}{given[1]} → {made[1]}", f"R {given[1]}→{made[1]}", f"R → {made[1]}", "R"]


def _resampling(architecture: Architecture, block: Block) -> list[str]:
    """The way a resampler works and the size it makes: "↓ conv 3×3 /2 → 64×64"."""
    node, conv = architecture.by_path[block.path], convolution(architecture, block.path)
    made = f" → {size(node.output)}" if node.output else ""
    sign = "↓" if block.kind == "down" else "↑"
    form = f"conv {kernel(conv.attributes)}" if conv else ""
    if block.kind == "up":
        form = f"nearest, {form}" if form else "nearest"
    else:
        form = f"{form} /2" if form else "average"
    return [f"{sign} {form}{made}", f"{sign}{made}", sign]


def _convolution(architecture: Architecture, block: Block) -> list[str]:
    """A convolution at one end: "conv_in 3×3 · 4 → 320"."""
    conv = convolution(architecture, block.path)
    if conv is None:
        return [block.path]
    name = f"{block.path} {kernel(conv.attributes)}".strip()
    heads = [stage.path for stage in architecture.stages if stage.role == "head"]
    if block.path in heads and any("norm" in path for path in heads):
        name = f"norm, {name}"
    return [f"{name} · {channels(conv)}", name, block.path]
