"""What one and two rows of a strip have in common: boxes with names, glyphs and size labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from unetscope import units
from unetscope.layout.chain.blocks import Block
from unetscope.layout.measure import text
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import glyph
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.shades import SHADES
from unetscope.layout.strip.widths import Form, PlacedStage, label_width

NAME = 23.0
"""The foot of a box, where its name stands."""


@dataclass(frozen=True, slots=True)
class StripRow:
    """A placed row: stages in order, the frames of its end convolutions, and where its flow runs."""

    placed: tuple[PlacedStage, ...]
    ends: tuple[tuple[Block, Frame, str], ...]
    flow: float
    box: Frame
    hangs: bool = False
    """Whether its glyphs hang from one line instead of standing on it."""

    def line(self, form: Form) -> float:
        """The y on which its glyphs stand, or from which they hang."""
        return self.flow + form.low / 2 * (-1 if self.hangs else 1)


def boxes(row: StripRow, form: Form) -> Iterator[Item]:
    """The rounded boxes of the stages with their names inside: at the foot, or at the top where they hang."""
    for one in row.placed:
        stage = one.plan.stage
        tip = f"{stage.stage.path} · {units.params(stage.cost.params)} params, {units.macs(stage.cost.macs)}"
        base = (NAME + form.name) / 2 - 1.5
        y = one.frame.y + base + 1 if row.hangs else one.frame.bottom - NAME + base - 1
        y = y if form.opened else row.flow + 0.355 * form.name
        fill, ink = box_colours(stage.shade)
        name = text(one.frame.centre, y, stage.stage.name, size=form.name, role=ink, anchor="middle",
                    bold=True, frame=one.frame, limit=one.frame.width - 4)  # fmt: skip
        box = Box(one.frame, fill, "outline", 1.3, radius=6)
        yield Group((box, name), stage.stage.path, tip)


def box_colours(shade: int) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a stage's box, by its step where fills mean costs."""
    return SHADES[shade - 1] if shade else ("card", "ink")


def glyphs(row: StripRow, form: Form) -> Iterator[Item]:
    """The glyphs of all stages and the convolutions at the ends; rails say what they read."""
    slots = [slot for stage in row.placed for slot in stage.slots]
    for block, frame in [*slots, *((block, frame) for block, frame, _ in row.ends)]:
        y = frame.y if row.hangs else frame.bottom - form.low
        core = Frame(frame.x, y, frame.width, form.low)
        yield glyph(replace(block, times=False, texts=False), frame, placed=form.placed, core=core)


def size_labels(
    row: StripRow,
    page: Page,
    form: Form,
    *,
    ticks: tuple[float, float],
    y: float,
    entry: bool = True,
) -> Iterator[Item]:
    """C over H×W at every boundary, after that boundary's resampling, like the labels of an axis."""
    if not row.placed:
        return
    labels = [row.placed[0].plan.entry] + [one.plan.exit for one in row.placed]
    for index, (lines, x) in enumerate(zip(labels, _boundaries(row, form), strict=True)):
        half = label_width(lines, form) / 2
        if lines and (index or entry):
            yield Line(((x, ticks[0]), (x, ticks[1])), "skip", 1)
            middle = min(max(x, page.margin + half), page.right - half)
            for at, line in enumerate(lines):
                base = y + 1.3 * form.size * at
                role: ColourRole = "dim" if at else "ink"
                yield text(middle, base, line, size=form.size, role=role, anchor="middle")


def _boundaries(row: StripRow, form: Form) -> list[float]:
    """The x of every boundary in the order of execution: before the first stage, behind each."""
    frames = [one.frame for one in row.placed]
    step = -1 if len(frames) > 1 and frames[1].x < frames[0].x else 1
    into = [frame for _, frame, word in row.ends if word == "in"]
    out = [frame for _, frame, word in row.ends if word == "out"]
    step = -1 if out and out[0].x < frames[-1].x else step
    middles = [_between(a, b) for a, b in pairwise([*into, *frames, *out])]
    first, last = frames[0], frames[-1]
    if not into:
        middles.insert(0, (first.right if step < 0 else first.x) - step * form.gap / 2)
    if not out:
        middles.append((last.x if step < 0 else last.right) + step * form.gap / 2)
    return middles


def _between(a: Frame, b: Frame) -> float:
    """The middle of the gap between two frames, whichever stands left."""
    return (a.right + b.x) / 2 if b.x >= a.x else (b.right + a.x) / 2
