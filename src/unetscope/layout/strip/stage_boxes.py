"""What one and two rows of a strip have in common: boxes with names, glyphs and size labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from unetscope import units
from unetscope.layout.chain.blocks import Block
from unetscope.layout.measure import text, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import glyph
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.shades import SHADES
from unetscope.layout.strip.heights import core
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


def boxes(row: StripRow, form: Form, *, name_above: bool = False) -> Iterator[Item]:
    """The rounded boxes of the stages with their names inside."""
    for one in row.placed:
        stage = one.plan.stage
        tip = f"{stage.stage.path} · {units.params(stage.cost.params)} params, {units.macs(stage.cost.macs)}"
        base = (NAME + form.name) / 2 - 1.5
        y = one.frame.y + base + 1 if name_above else one.frame.bottom - NAME + base - 1
        y = y if form.opened else one.frame.middle + 0.355 * form.name
        fill, ink = box_colours(stage.shade)
        name = text(one.frame.centre, y, stage.stage.name, size=form.name, role=ink, anchor="middle",
                    bold=True, frame=one.frame, limit=one.frame.width - 4)  # fmt: skip
        box = Box(one.frame, fill, "outline", 1.3, radius=6)
        yield Group((box, name), stage.stage.path, tip)


def box_colours(shade: int) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a stage's box, by its step where fills mean costs."""
    return SHADES[shade - 1] if shade else ("card", "ink")


def glyphs(
    row: StripRow, form: Form, said: Mapping[str, str], *, names_above: bool = False
) -> Iterator[Item]:
    """The glyphs of all stages, and the convolutions at the ends with what goes in or comes out, as `said`,
    where that has room before the stages."""
    for one in row.placed:
        yield from (
            glyph(block, frame, placed=form.placed, core=core(frame, form, hung=row.hangs))
            for block, frame in one.slots
        )
    for block, frame, word in row.ends:
        yield glyph(block, frame, core=core(frame, form, hung=row.hangs))
        if not form.opened:
            continue
        y = frame.y - 8 if names_above else frame.bottom + form.name + 5.5
        first = min((one.frame.x for one in row.placed), default=row.box.right)
        room = (frame.right + first) / 2 - row.box.x - 4  # a size stands there
        if row.placed:
            edge = row.placed[-1].plan.exit if row.hangs else row.placed[0].plan.entry
            room -= label_width(edge, form) / 2
        long = said.get(word, word)
        lines = _in_few_lines(long, room, form)
        if lines:
            first_y = y - 1.2 * form.size * (len(lines) - 1) * names_above
            for at, line in enumerate(lines):
                yield text(row.box.x, first_y + 1.2 * form.size * at, line, size=form.size, bold=True)
        else:
            yield text(frame.centre, y, word, size=form.name, role="dim", anchor="middle")


def _in_few_lines(long: str, room: float, form: Form) -> list[str]:
    """A name with its channels in at most three lines, or without in two; nothing where there is no room."""
    for said, most in ((long, 3), (long.rpartition(" ")[0], 2)):
        lines = wrapped(said, room, form.size, bold=True)
        if said and len(lines) <= most and " ".join(lines) == said:
            return lines
    return []


def size_labels(
    row: StripRow,
    page: Page,
    form: Form,
    *,
    tick_to: float,
    y: float,
    entry: bool = True,
    tick_from: float | None = None,
) -> Iterator[Item]:
    """C×H×W at every boundary, after that boundary's resampling, like the labels of an axis; with a tick from
    `tick_from`, or a dotted leader from the flow."""
    if not row.placed:
        return
    labels = [row.placed[0].plan.entry] + [one.plan.exit for one in row.placed]
    for index, (lines, x) in enumerate(zip(labels, _boundaries(row, form), strict=True)):
        half = label_width(lines, form) / 2
        if lines and (index or entry):
            start, dashes = (row.flow, lanes.DOTS) if tick_from is None else (tick_from, None)
            yield Line(((x, start), (x, tick_to)), "skip", 1, dashes=dashes)
            middle = min(max(x, page.margin + half), page.right - half)
            for at, line in enumerate(lines):
                base = y + 1.3 * form.size * at
                role: ColourRole = "ink" if tick_from is not None and not at else "dim"
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
