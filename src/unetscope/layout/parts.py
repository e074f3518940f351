"""What one and two rows of a strip have in common: boxes with names, glyphs, size labels, skip ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope import units
from unetscope.layout import lanes
from unetscope.layout.blocks import Block, Chain
from unetscope.layout.glyphs import glyph
from unetscope.layout.measure import text, width
from unetscope.layout.page import MARGIN, RIGHT
from unetscope.layout.row import GAP, NAME, SIZE, Placed
from unetscope.layout.scene import Box, Frame, Group, Item, Line


@dataclass(frozen=True, slots=True)
class Row:
    """A placed row: stages in order, the frames of its end convolutions, and where its flow runs."""

    placed: tuple[Placed, ...]
    ends: tuple[tuple[Block, Frame, str], ...]
    flow: float
    box: Frame


def wires_of(
    drawn: Chain, placed: Sequence[Placed], ends: Sequence[tuple[Block, Frame, str]]
) -> list[lanes.Wire]:
    """Every drawn skip with the x of the glyph that makes it and of the ⧺ that takes it."""
    middles = {block.path: frame.centre for block, frame, _ in ends}
    for one in placed:
        middles[one.plan.stage.stage.path] = one.frame.centre
        middles |= {block.path: frame.centre for block, frame in one.slots if block.skip is None}
    wires = []
    for index, one in enumerate(placed):
        for block, frame in one.slots:
            if block.skip is not None:
                source = _nearest(block.skip.source, middles, one.frame.x)
                wires.append(lanes.Wire(source, frame.centre, index, block.skip.shape[1]))
    return wires


def _nearest(path: str, middles: dict[str, float], otherwise: float) -> float:
    """The x of a module, or of the nearest drawn module above it."""
    while path and path not in middles:
        path = path.rpartition(".")[0]
    return middles.get(path, otherwise)


def boxes(row: Row, *, name_above: bool = False) -> Iterator[Item]:
    """The rounded boxes of the stages with their names inside."""
    for one in row.placed:
        stage = one.plan.stage
        tip = f"{stage.stage.path} · {units.params(stage.cost.params)} params, {units.macs(stage.cost.macs)}"
        y = one.frame.y + 15 if name_above else one.frame.bottom - 6.5
        name = text(one.frame.centre, y, stage.stage.name, size=NAME, anchor="middle", bold=True,
                    frame=one.frame, limit=one.frame.width - 6)  # fmt: skip
        box = Box(one.frame, "card", "outline", 1.3, radius=6)
        yield Group((box, name), stage.stage.path, tip)


def glyphs(row: Row, *, names_above: bool = False) -> Iterator[Item]:
    """The glyphs of all stages, and the convolutions at the ends with their word."""
    for one in row.placed:
        yield from (glyph(block, frame) for block, frame in one.slots)
    for block, frame, word in row.ends:
        yield glyph(block, frame)
        y = frame.y - 8 if names_above else frame.bottom + 17
        yield text(frame.centre, y, word, size=NAME, role="dim", anchor="middle")


def size_labels(row: Row, *, tick_to: float, y: float, entry: bool = True) -> Iterator[Item]:
    """C×H×W at every boundary, after that boundary's resampling, like the labels of an axis."""
    if not row.placed:
        return
    labels = [row.placed[0].plan.entry] + [one.plan.exit for one in row.placed]
    for index, (label, x) in enumerate(zip(labels, _boundaries(row), strict=True)):
        half = width(label, SIZE) / 2
        if label and (index or entry):
            yield Line(((x, row.flow), (x, tick_to)), "skip", 1, dashes=lanes.DOTS)
            yield text(
                min(max(x, MARGIN + half), RIGHT - half), y, label, size=SIZE, role="dim", anchor="middle"
            )


def _boundaries(row: Row) -> list[float]:
    """The x of every boundary in the order of execution: before the first stage, behind each."""
    frames = [one.frame for one in row.placed]
    step = -1 if len(frames) > 1 and frames[1].x < frames[0].x else 1
    into = [frame for _, frame, word in row.ends if word == "in"]
    out = [frame for _, frame, word in row.ends if word == "out"]
    step = -1 if out and out[0].x < frames[-1].x else step
    middles = [_between(a, b) for a, b in pairwise([*into, *frames, *out])]
    first, last = frames[0], frames[-1]
    if not into:
        middles.insert(0, (first.right if step < 0 else first.x) - step * GAP / 2)
    if not out:
        middles.append((last.x if step < 0 else last.right) + step * GAP / 2)
    return middles


def _between(a: Frame, b: Frame) -> float:
    """The middle of the gap between two frames, whichever stands left."""
    return (a.right + b.x) / 2 if b.x >= a.x else (b.right + a.x) / 2
