"""The foot of a folded strip: the stage in the middle as a row of blocks, or the way around."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from unetscope.layout.chain.blocks import Block, StageBlocks
from unetscope.layout.fold.cells import cell
from unetscope.layout.fold.elements import Fold
from unetscope.layout.fold.gutters import lines
from unetscope.layout.fold.places import CELL, LINE, ON, PlacedElement
from unetscope.layout.fold.widths import SIZE, Across, held, lines_of, needed
from unetscope.layout.measure import centred, text, width
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, Frame, Group, Item, Line
from unetscope.layout.strip.stage_boxes import box_colours

_DOWN, _LEAD = 20.0, 16.0
_LEAST = 36.0
_OUT = 24.0
"""What comes out of a network of one half, below it."""


def middle(
    fold: Fold,
    left: Sequence[PlacedElement],
    right: Sequence[PlacedElement],
    at: Across,
    scale: CostScale,
    *,
    below: float,
    latent: str,
) -> tuple[list[Item], float]:
    """The stage between both halves with its numbers below it, or the latent between encoder and decoder; and
    the y below everything."""
    if not left or not right:
        return [], max([below, *(element.frame.bottom + _OUT for element in left[-1:])])
    start = (at.flows[0], left[-1].frame.bottom)
    end = (at.flows[1], right[-1].frame.bottom + 0.5)
    foot = max(
        start[1],
        end[1],
        *(element.count_y for element in (left[-1], right[-1]) if element.element.count > 1),
        0,
    )
    if fold.middle is None:
        y = foot + 14
        corners = ((at.flows[0], y), (at.flows[1], y))
        items_, last = _latent(latent, at, y) if latent else ([], y)
        return [arrow(start, *corners, end, radius=5), *items_], max(below, last + 4)
    y = foot + _DOWN
    closed = left[-1].element.closed
    row, frame = _row(fold.middle, at, y, closed=closed)
    # Beside the last gutters there is less room than below them.
    room = at.boxes if below > frame.bottom else inf
    items_, last = _numbers(fold.middle, at.centre, frame.bottom + 15, scale, room)
    items: list[Item] = [
        arrow(start, (at.flows[0], frame.middle), (frame.x - 0.5, frame.middle), radius=5),
        arrow((frame.right, frame.middle), (at.flows[1], frame.middle), end, radius=5),
        *row,
        *items_,
    ]
    return items, max(below, last + 4)


def _latent(size: str, at: Across, y: float) -> tuple[list[Item], float]:
    """The latent at the flow from encoder to decoder, both named beside it; and the last baseline."""
    first = y + LINE + 3
    halves = zip(at.flows, ("encoder", "decoder"), strict=True)
    named = [text(x, first, half, size=SIZE, role="dim", anchor="middle") for x, half in halves]
    tick = Line(((at.centre, y + 2.5), (at.centre, y + 7)), "image", 1.4)
    name = text(at.centre, first, "latent", size=SIZE, bold=True, anchor="middle")
    return [
        *named,
        tick,
        name,
        text(at.centre, first + LINE, size, size=SIZE, role="dim", anchor="middle"),
    ], first + LINE


def _row(stage: StageBlocks, at: Across, y: float, *, closed: bool) -> tuple[list[Item], Frame]:
    """The blocks of a stage side by side, or as words in one box where these have no room."""
    room = at.flows[1] - at.flows[0] - 2 * _LEAD
    wide = [_wide(block) for block in stage.blocks]
    whole = sum(wide) + ON * max(0, len(wide) - 1)
    if closed or whole > room or not wide:
        words = ["  ".join(held(stage))]
        if width(words[0], SIZE, bold=True) + 16 > room:
            words = lines_of(stage, room - 8)
        longest = max(width(line, SIZE, bold=True) for line in words)
        high = CELL + LINE * (len(words) - 1)
        frame = Frame(0, y, min(room, max(44.0, longest + 16)), high)
        frame = Frame(at.centre - frame.width / 2, y, frame.width, high)
        fill, ink = box_colours(stage.shade)
        apart = LINE * (len(words) - 1) / 2
        labels = (
            centred(frame, line, size=SIZE, role=ink, bold=True, dy=LINE * index - apart)
            for index, line in enumerate(words)
        )
        box = Group((Box(frame, fill, "outline", 1.2, radius=5), *labels), stage.stage.path, stage.stage.path)
        return [box], frame
    x, cells = at.centre - whole / 2, list[Item]()
    for block, block_width in zip(stage.blocks, wide, strict=True):
        frame = Frame(x, y, block_width, CELL)
        cells.append(cell(block, frame, _letter_x(block, frame)))
        x = frame.right + ON
    return [Group(tuple(cells), stage.stage.path)], Frame(at.centre - whole / 2, y, whole, CELL)


def _wide(block: Block) -> float:
    return max(_LEAST, needed(block)) if block.repeat > 1 else _LEAST


def _letter_x(block: Block, frame: Frame) -> float:
    """The middle of the room that the mark at the left leaves."""
    return frame.centre + (5 * (block.times + block.texts) if block.kind != "concat" else 0)


def _numbers(
    stage: StageBlocks, x: float, y: float, scale: CostScale, room: float
) -> tuple[list[Item], float]:
    """Name, size, parameters and work, in two lines where they are wider than `room`; the last baseline."""
    (name, _, _), *others = lines(stage, scale)
    rest = " " + " · ".join(words for words, _, _ in others).replace(" × · ", "×")
    second = ""
    first = width(name, SIZE, bold=True)
    if first + width(rest, SIZE) > room:
        rest, _, second = rest.partition(" · ")
    left = x - (first + width(rest, SIZE)) / 2
    items = [
        text(left, y, name, size=SIZE, bold=True),
        text(left + first, y, rest, size=SIZE, role="dim"),
    ]
    if second:
        y += LINE
        items.append(text(x, y, second, size=SIZE, role="dim", anchor="middle"))
    return [Group((Group(tuple(items)),), stage.stage.path)], y
