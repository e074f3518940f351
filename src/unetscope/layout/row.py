"""Widths and positions of the stages in one row of a strip, at a given width of a glyph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.blocks import Block, StageBlocks
from unetscope.layout.glyphs import stack_width
from unetscope.layout.measure import width
from unetscope.layout.scene import Frame

GAP = 11.5
"""Between two stages: room for the arrow."""
LEAD = 9.0
"""The arrow before the first and behind the last convolution."""
END = 16.5
"""Width of the two convolutions at the ends."""
GLYPH_GAP = 1.5
PAD = 5.0
BOX_HEIGHT, GLYPH_TOP, GLYPH_HEIGHT = 86.0, 7.0, 56.0
NAME, SIZE = 11.5, 10.0
"""Sizes of stage names and size labels."""
_BESIDE_LABEL = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """One stage to be placed: its glyphs, its size label at the exit, and the least width it needs."""

    stage: StageBlocks
    entry: str
    exit: str
    least: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A stage in its place, with a frame for each of its blocks in the order of execution."""

    plan: Plan
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]


def glyph_width(block: Block, narrow: float) -> float:
    """The width of a glyph where a residual block is `narrow` px wide."""
    if block.kind == "concat":
        return max(5.5, min(0.72 * narrow, 9.0))
    if block.repeat > 1:
        return max(narrow + 14, stack_width(block.repeat))
    return narrow


def contents_width(plan: Plan, narrow: float) -> float:
    """The width of a stage's glyphs with their gaps."""
    widths = [glyph_width(block, narrow) for block in plan.stage.blocks]
    return sum(widths) + GLYPH_GAP * max(0, len(widths) - 1)


def stage_width(plan: Plan, narrow: float) -> float:
    """The width of a stage: its glyphs, or the labels that belong to it."""
    return max(contents_width(plan, narrow) + 2 * PAD, plan.least)


def row_width(plans: Sequence[Plan], narrow: float, *, ends: int, gap: float = GAP) -> float:
    """The width of a row of stages with `ends` convolutions (with their arrows) beside them."""
    return (
        sum(stage_width(plan, narrow) for plan in plans)
        + gap * max(0, len(plans) - 1)
        + ends * (gap + END + LEAD)
    )


def solve(plans: Sequence[Plan], *, room: float, ends: int, most: float) -> float:
    """The glyph width, at most `most`, at which the row is exactly `room` wide; 0 if none does."""
    if row_width(plans, 1.0, ends=ends) > room:
        return 0.0
    low, high = 1.0, most
    if row_width(plans, high, ends=ends) <= room:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if row_width(plans, middle, ends=ends) <= room else (low, middle)
    return low


def place(
    plans: Sequence[Plan],
    *,
    x: float,
    y: float,
    narrow: float,
    gap: float,
    backwards: bool = False,
    name_above: bool = False,
) -> tuple[Placed, ...]:
    """The stages side by side from x on; `backwards` puts the first one at the right."""
    placed = []
    for plan in reversed(plans) if backwards else plans:
        frame = Frame(x, y, stage_width(plan, narrow), BOX_HEIGHT)
        placed.append(_placed(plan, frame, narrow, backwards=backwards, name_above=name_above))
        x = frame.right + gap
    return tuple(reversed(placed) if backwards else placed)


def _placed(plan: Plan, frame: Frame, narrow: float, *, backwards: bool, name_above: bool) -> Placed:
    top = frame.bottom - GLYPH_TOP - GLYPH_HEIGHT if name_above else frame.y + GLYPH_TOP
    x = frame.centre - contents_width(plan, narrow) / 2
    blocks = plan.stage.blocks[::-1] if backwards else plan.stage.blocks
    slots = []
    for block in blocks:
        slots.append((block, Frame(x, top, glyph_width(block, narrow), GLYPH_HEIGHT)))
        x += slots[-1][1].width + GLYPH_GAP
    return Placed(plan, frame, tuple(slots[::-1] if backwards else slots))


def between_labels(first: str, second: str, *, size: float) -> float:
    """The least distance of the centres of two size labels."""
    return (width(first, size) + width(second, size)) / 2 + 2 * _BESIDE_LABEL
