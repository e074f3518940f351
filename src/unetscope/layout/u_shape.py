"""The U: encoder left, mid below, decoder right, one line per layer, skips as level rungs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope import units
from unetscope.layout import costs, u_gutter
from unetscope.layout.blocks import Block, Chain, StageBlocks, chain
from unetscope.layout.costs import Scale
from unetscope.layout.lanes import DOTS
from unetscope.layout.measure import centred, text, width
from unetscope.layout.page import WIDTH, bottom_lines, title_lines
from unetscope.layout.scene import Box, Frame, Group, Item, Line, Scene
from unetscope.layout.u_cells import BETWEEN, HEIGHT, cell, divide, size
from unetscope.layout.u_grid import Grid, GridRow, grid
from unetscope.layout.words import description
from unetscope.model import Architecture

PITCH = 43.0
TOP = 105.0
_LEFT, _RIGHT, _BOX = 146.0, 518.0, 236.0
_PAD = 7.0
_MID_WIDTH = 352.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of the grid in its place."""

    row: GridRow
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]


def draw(architecture: Architecture, *, unit: str, command: str) -> Scene:
    """The U of an architecture with what stands outside its stages, insight and legend."""
    drawn = chain(architecture)
    on = costs.scale(architecture.cost, [stage.cost for stage in drawn.stages], unit=unit)
    items: list[Item] = [*title_lines(architecture, on)]
    rows = grid(drawn)
    encoder = [_placed(row, _LEFT) for row in rows.encoder]
    decoder = [_placed(row, _RIGHT) for row in rows.decoder]
    items += _halves(architecture, drawn, on, encoder, decoder)
    items += _rungs(rows, encoder, decoder)
    items += _cells(architecture, (*encoder, *decoder))
    items += _ends(architecture, encoder, decoder)
    y = TOP + PITCH * rows.lines
    middle, y = _mid(architecture, drawn, on, encoder, decoder, y)
    items += middle
    card, y = u_gutter.outside_card(architecture, drawn, on, y=y + 20)
    items += card
    last, bottom = bottom_lines(architecture, drawn, on, y=y + 24, command=command, lettered=True)
    items += last
    return Scene(WIDTH, bottom, architecture.title, description(architecture, drawn, "U"), tuple(items))


def _placed(row: GridRow, x: float) -> Placed:
    frame = Frame(x + _PAD, TOP + PITCH * row.line, _BOX - 2 * _PAD, HEIGHT)
    return Placed(row, frame, tuple(zip(row.blocks, divide(row.blocks, frame), strict=True)))


def _halves(
    architecture: Architecture, drawn: Chain, on: Scale, encoder: Sequence[Placed], decoder: Sequence[Placed]
) -> Iterator[Item]:
    """Stage boxes, their gutters, the resolutions between, and the flow of both halves."""
    for stage in drawn.stages:
        for half, left in ((encoder, True), (decoder, False)):
            lines = [line for line in half if line.row.stage is stage]
            if lines:
                frame = _around(lines)
                yield _box(stage, frame)
                yield from u_gutter.gutter(stage, on, frame, left=left)
    yield from _resolutions(architecture, encoder)
    for before, after in pairwise(encoder):
        yield _downwards(before, after)
    for above, below in pairwise(decoder):
        yield _upwards(below, above)


def _box(stage: StageBlocks, frame: Frame) -> Group:
    tip = f"{stage.stage.path} · {units.params(stage.cost.params)} params, {units.macs(stage.cost.macs)}"
    return Group((Box(frame, "card", "outline", 1.2, radius=9),), stage.stage.path, tip)


def _around(lines: Sequence[Placed]) -> Frame:
    first, last = lines[0].frame, lines[-1].frame
    return Frame(first.x - _PAD, first.y - _PAD, _BOX, last.bottom - first.y + 2 * _PAD)


def _cells(architecture: Architecture, lines: Sequence[Placed]) -> Iterator[Item]:
    for line in lines:
        for (_, before), (_, after) in pairwise(line.slots):
            if after.x - before.right > BETWEEN / 2:
                yield _arrow((before.right, before.middle), (after.x - 0.5, before.middle))
        yield from (cell(architecture, block, frame) for block, frame in line.slots)


def _downwards(before: Placed, after: Placed) -> Line:
    """The flow from one encoder row to the next: straight where one box stands above the other."""
    source, target = before.slots[-1][1], after.slots[0][1]
    end = target.y - 0.5
    x = _shared(source, target)
    if x is not None:
        return _arrow((x, source.bottom), (x, end))
    y = target.y - 9
    return _bent(
        ((source.centre, source.bottom), (source.centre, y), (target.centre, y), (target.centre, end))
    )


def _upwards(below: Placed, above: Placed) -> Line:
    """The flow from one decoder row to the one above it: into ⧺ where there is one."""
    source, target = below.slots[-1][1], above.slots[0][1]
    end = target.bottom + 0.5
    if above.slots[0][0].kind != "concat":
        x = _shared(source, target)
        x = target.centre if x is None else x
        return _arrow((x, source.y), (x, end))
    y = source.y - 6.5
    return _bent(((source.centre, source.y), (source.centre, y), (target.centre, y), (target.centre, end)))


def _shared(source: Frame, target: Frame) -> float | None:
    """An x at which one frame stands above the middle of the other."""
    if target.x + 8 <= source.centre <= target.right - 8:
        return source.centre
    return target.centre if source.x + 8 <= target.centre <= source.right - 8 else None


def _resolutions(architecture: Architecture, encoder: Sequence[Placed]) -> Iterator[Item]:
    """H×W and channels in the first empty line of each encoder stage."""
    for before, after in pairwise(encoder):
        free = after.row.line - before.row.line - 1
        shape = architecture.by_path[before.row.blocks[-1].path].output
        if free > 0 and shape and before.row.stage is not None:
            x, y = before.frame.x + 8, before.frame.y + PITCH + 10
            # The flow comes down under the last block of the row above.
            room = before.slots[-1][1].centre - x - 8
            yield text(x, y, size(shape), size=12, role="dim", bold=True, limit=room)
            yield text(x, y + 15, f"{shape[1]} channels", size=10.5, role="dim", limit=room)


def _rungs(rows: Grid, encoder: Sequence[Placed], decoder: Sequence[Placed]) -> Iterator[Item]:
    """Skips with their sizes; one that cannot be level goes down in the middle."""
    wide = max((width(units.dimensions(skip.shape), 10) for skip, _, _ in rows.rungs), default=0) + 14
    for skip, made, taken in rows.rungs:
        source, row = encoder[made].frame, decoder[taken]
        target = next(frame for block, frame in row.slots if block.skip is skip)
        start, end = (source.right, source.middle), (target.x - 0.5, target.middle)
        middle = (_LEFT + _BOX + _RIGHT) / 2
        level = abs(start[1] - end[1]) < 0.1
        bend = middle - wide / 2 - 12
        points = (start, end) if level else (start, (bend, start[1]), (bend, end[1]), end)
        yield Line(points, "skip", 1.1, 5, DOTS, 6.5)
        frame = Frame(middle - wide / 2, end[1] - 9, wide, 18)
        yield Box(frame, "background", "skip", 1, radius=9)
        yield centred(frame, units.dimensions(skip.shape), size=10, role="dim")


def _ends(architecture: Architecture, encoder: Sequence[Placed], decoder: Sequence[Placed]) -> Iterator[Item]:
    """What goes in and what comes out, at the top of both halves."""
    if encoder:
        x, y = encoder[0].frame.centre, encoder[0].frame.y
        words = f"{u_gutter.given(architecture)} {units.dimensions(architecture.inputs[0].shape)}"
        yield text(x, y - 30, words, size=11, anchor="middle", bold=True, limit=330)
        yield _arrow((x, y - 24), (x, y - 0.5))
        groups = u_gutter.groups(architecture)
        if groups and y > TOP:  # on the first line the title stands there
            yield text(x, y - 45, groups, size=10.5, role="dim", anchor="middle", limit=360)
    if decoder:
        x, y = decoder[0].frame.centre, decoder[0].frame.y
        shape = architecture.by_path[decoder[0].row.blocks[-1].path].output
        words = f"{u_gutter.made(architecture)} {units.dimensions(shape or ())}".strip()
        yield text(x, y - 19, words, size=11, anchor="middle", bold=True, limit=330)
        yield _arrow((x, y), (x, y - 14))


def _mid(
    architecture: Architecture,
    drawn: Chain,
    on: Scale,
    encoder: Sequence[Placed],
    decoder: Sequence[Placed],
    y: float,
) -> tuple[list[Item], float]:
    """The mid stage below both halves, with the flow down into it and up out of it."""
    stages = [stage for stage in drawn.stages if stage.stage.role == "mid"]
    frame = Frame((WIDTH - _MID_WIDTH) / 2, y + 4, _MID_WIDTH, 60)
    items: list[Item] = []
    if not stages:
        if encoder and decoder:
            items.append(_around_the_foot(encoder[-1], decoder[-1], y + 12))
        return items, y + 16
    stage = stages[0]
    items += _into_mid(encoder, decoder, frame, stage)
    items.append(_box(stage, frame))
    items += u_gutter.mid_heading(stage, on, frame)
    row = GridRow(stage, stage.blocks)
    inner = Frame(frame.x + _PAD, frame.y + 26, frame.width - 2 * _PAD, HEIGHT)
    items += _cells(
        architecture,
        [Placed(row, inner, tuple(zip(row.blocks, divide(row.blocks, inner, evenly=True), strict=True)))],
    )
    return items, frame.bottom


def _into_mid(
    encoder: Sequence[Placed], decoder: Sequence[Placed], frame: Frame, stage: StageBlocks
) -> Iterator[Item]:
    y = frame.y + 26 + HEIGHT / 2
    if encoder:
        source = encoder[-1].slots[-1][1]
        bend, x = source.bottom + 13, _LEFT + 58
        yield _bent(
            ((source.centre, source.bottom), (source.centre, bend), (x, bend), (x, y), (frame.x - 0.5, y)), 6
        )
        if stage.input:
            yield text(x - 6, y - 4, units.dimensions(stage.input), size=10.5, role="dim", anchor="end")
    if decoder:
        target = decoder[-1].slots[0][1]
        bend, x = target.bottom + 13, _RIGHT + _BOX - 58
        end = (target.centre, target.bottom + 0.5)
        yield _bent(((frame.right, y), (x, y), (x, bend), (target.centre, bend), end), 6)
        if stage.output:
            yield text(x + 6, y - 4, units.dimensions(stage.output), size=10.5, role="dim")


def _around_the_foot(last: Placed, first: Placed, y: float) -> Line:
    source, target = last.slots[-1][1], first.slots[0][1]
    end = (target.centre, target.bottom + 0.5)
    return _bent(((source.centre, source.bottom), (source.centre, y), (target.centre, y), end))


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Line:
    return Line((start, end), "flow", 1.5, head=7)


def _bent(points: tuple[tuple[float, float], ...], radius: float = 4) -> Line:
    return Line(points, "flow", 1.5, radius, head=7)
