"""Widths and positions of the stages in one row of a strip, at a given width of a glyph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block, StageBlocks
from unetscope.layout.measure import width
from unetscope.layout.parts.glyphs import stack_width
from unetscope.layout.scene import Frame
from unetscope.layout.strip.measures import Form

_BESIDE_LABEL = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """One stage to be placed: its glyphs, the lines of the size labels at its ends, and the least
    width that it needs."""

    stage: StageBlocks
    entry: tuple[str, ...]
    exit: tuple[str, ...]
    least: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A stage in its place, with a frame for each of its blocks in the order of execution."""

    plan: Plan
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]


def glyph_width(block: Block, narrow: float, form: Form) -> float:
    """The width of a glyph where a residual block is `narrow` px wide."""
    if block.kind == "concat":
        return max(form.bar, min(0.72 * narrow, 9.0))
    if block.repeat > 1:
        return max(narrow + 14 if narrow < 20 else narrow, stack_width(block.repeat))
    return narrow


def contents_width(plan: Plan, narrow: float, form: Form) -> float:
    """The width of a stage's glyphs with their gaps."""
    if not form.opened:
        return 0.0
    widths = [glyph_width(block, narrow, form) for block in plan.stage.blocks]
    return sum(widths) + form.between * max(0, len(widths) - 1)


def stage_width(plan: Plan, narrow: float, form: Form) -> float:
    """The width of a stage: its glyphs, or the labels that belong to it."""
    return max(contents_width(plan, narrow, form) + 2 * form.pad, plan.least)


def row_width(plans: Sequence[Plan], narrow: float, form: Form, *, ends: int, gap: float) -> float:
    """The width of a row of stages with `ends` convolutions (with their arrows) beside them."""
    return (
        sum(stage_width(plan, narrow, form) for plan in plans)
        + gap * max(0, len(plans) - 1)
        + ends * (gap + form.end + form.lead)
    )


def solve(plans: Sequence[Plan], form: Form, *, room: float, ends: int) -> float:
    """The glyph width at which the row is exactly `room` wide, the widest where it is less; 0 if none."""

    def needed(narrow: float) -> float:
        return row_width(plans, narrow, form, ends=ends, gap=form.gap)

    if needed(1.0) > room:
        return 0.0
    low, high = 1.0, form.widest
    if needed(high) <= room:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) <= room else (low, middle)
    return low


def place(
    plans: Sequence[Plan],
    form: Form,
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
        frame = Frame(x, y, stage_width(plan, narrow, form), form.box)
        placed.append(_placed(plan, frame, narrow, form, backwards=backwards, name_above=name_above))
        x = frame.right + gap
    return tuple(reversed(placed) if backwards else placed)


def _placed(
    plan: Plan, frame: Frame, narrow: float, form: Form, *, backwards: bool, name_above: bool
) -> Placed:
    top = frame.bottom - form.glyph_top - form.glyph if name_above else frame.y + form.glyph_top
    x = frame.centre - contents_width(plan, narrow, form) / 2
    blocks = plan.stage.blocks[::-1] if backwards else plan.stage.blocks
    slots = []
    for block in blocks if form.opened else ():
        slots.append((block, Frame(x, top, glyph_width(block, narrow, form), form.glyph)))
        x += slots[-1][1].width + form.between
    return Placed(plan, frame, tuple(slots[::-1] if backwards else slots))


def label_width(lines: Sequence[str], form: Form) -> float:
    """The width of a size label."""
    return max((width(line, form.size) for line in lines), default=0.0)


def between_labels(first: Sequence[str], second: Sequence[str], form: Form) -> float:
    """The least distance of the centres of two size labels."""
    return (label_width(first, form) + label_width(second, form)) / 2 + 2 * _BESIDE_LABEL
