"""How high the glyphs of a strip are: a step for each resolution, not to scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.resolutions import areas, levels
from unetscope.layout.scene import Frame
from unetscope.layout.strip.stage_boxes import StripRow
from unetscope.layout.strip.widths import Form
from unetscope.model import Architecture

_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 21.0), 4: (34.0, 17.0), 5: (34.0, 13.0)}
_PAPER_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 19.0), 4: (38.0, 18.0), 5: (38.0, 13.0)}
_MANY = (34.0, 9.0)
"""Height of the lowest glyph and what each higher resolution adds, by how many there are."""


def lowest_and_tallest(
    architecture: Architecture, drawn: Chain, form: Form, *, paper: bool
) -> tuple[float, float]:
    """The heights of the glyphs of the lowest and of the highest resolution."""
    count = len(levels(architecture, drawn))
    low, step = (_PAPER_STEPS if paper else _STEPS).get(count, _MANY)
    low += 12 if form.placed else 0
    return low, low + step * max(0, count - 1)


def heights_of(architecture: Architecture, drawn: Chain, form: Form) -> dict[tuple[str, str], float]:
    """The height of every glyph in px, by kind and path."""
    rising = levels(architecture, drawn)
    step = (form.glyph - form.low) / max(1, len(rising) - 1)
    found = areas(architecture, drawn)
    if not form.opened:
        return dict.fromkeys(found, form.glyph)
    return {key: form.low + step * rising.index(one) for key, one in found.items()}


def cut(row: StripRow, heights: Mapping[tuple[str, str], float], form: Form) -> StripRow:
    """The row with glyphs as high as their resolutions, standing on its line or hanging from it; boxes are as
    high as what they hold."""

    def lower(block: Block, frame: Frame) -> Frame:
        high = heights.get((block.kind, block.path), form.low)
        return Frame(frame.x, frame.y if row.hangs else frame.bottom - high, frame.width, high)

    placed = []
    for stage in row.placed:
        slots = tuple((block, lower(block, frame)) for block, frame in stage.slots)
        if form.opened:
            short = form.glyph - max((frame.height for _, frame in slots), default=form.low)
            y = stage.frame.y + (0 if row.hangs else short)
        else:  # rails run beside closed boxes
            short = form.box - form.glyph
            y = stage.frame.y + (short if row.hangs else 0)
        box = Frame(stage.frame.x, y, stage.frame.width, stage.frame.height - short)
        placed.append(replace(stage, frame=box, slots=slots))
    ends = tuple((block, lower(block, frame), word) for block, frame, word in row.ends)
    return replace(row, placed=tuple(placed), ends=ends)
