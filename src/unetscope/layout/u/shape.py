"""The U: encoder left, mid below, decoder right, one line per layer, skips as level rungs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise

from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.ends import sides
from unetscope.layout.chain.names import size
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.lanes import DOTS, HEAD, skip_name
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Frame, Group, Item, Line
from unetscope.layout.u import gutter
from unetscope.layout.u.arrows import PLAIN, Style, around_mid, around_the_foot, rung
from unetscope.layout.u.cells import cell, divide
from unetscope.layout.u.ends import comes_out, goes_in
from unetscope.layout.u.grid import GridRow, UGrid, grid
from unetscope.layout.u.measures import RAIL, UForm, fits
from unetscope.layout.u.places import BETWEEN, Halves, PlacedRow, halves_of
from unetscope.layout.u.rails import Readers, Ring, no_ring, rails
from unetscope.layout.u.stages import stage_box
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.words import units


def u_shape(
    architecture: Architecture,
    chain: Chain,
    scale: CostScale,
    form: UForm,
    *,
    top: float,
    rows: UGrid | None = None,
    styles: Mapping[tuple[str, str], Style] = {},
    notes: Mapping[str, Sequence[gutter.Note]] = {},
    ring: Ring = no_ring,
) -> tuple[list[Item], float]:
    """The U of a chain from `top` on, and the y below it; `rows` where they are not those of the chain alone,
    `styles` of skips by source and target, `notes` beside stages by path, a `ring` at the heads of rails."""
    rows = rows or grid(chain, partial(fits, form=form))
    halves, foot = halves_of(rows, form, top)
    items: list[Item] = [*_boxes(architecture, chain, scale, halves, notes)]
    items += _rungs(rows, halves, styles)
    items += _cells(architecture, (*halves.encoder, *halves.decoder), halves)
    for half, draw in ((halves.encoder, goes_in), (halves.decoder, comes_out)):
        items += draw(architecture, half[0].frame, form, top=top) if half else ()
    middle, mid_row, y = _mid(architecture, chain, scale, halves, foot, notes)
    around = mid_row.frame.bottom if mid_row else foot + 12
    return [*items, *middle, *rails(architecture, _readers(halves, mid_row, around), form, ring)], y


def _readers(halves: Halves, mid_row: PlacedRow | None, foot: float) -> Readers:
    """Where rows stand that may read what comes from outside the stages."""
    encoder, decoder = (
        [(r.frame.middle, r.row.blocks) for r in half] for half in (halves.encoder, halves.decoder)
    )
    mid = [(frame.centre, (block,)) for block, frame in mid_row.slots] if mid_row else []
    first = halves.encoder[0] if halves.encoder else None
    head = (first.frame.y - 24 if first.row.stage else first.frame.y + 7) if first else 0.0
    return Readers(encoder, mid, decoder, head, foot)


def _boxes(
    architecture: Architecture,
    chain: Chain,
    scale: CostScale,
    halves: Halves,
    notes: Mapping[str, Sequence[gutter.Note]],
) -> Iterator[Item]:
    """Stage boxes, their gutters, the resolutions between, and the flow of both halves."""
    for stage in chain.stages:
        for half, left in ((halves.encoder, True), (halves.decoder, False)):
            lines = [line for line in half if line.row.stage is stage]
            if lines:
                frame = _around(lines, halves.form, left=left)
                yield stage_box(stage, frame)
                noted = notes.get(stage.stage.path, ())
                yield gutter.gutter(stage, scale, frame, left=left, form=halves.form, notes=noted)
    yield from _resolutions(architecture, halves)
    for before, after in pairwise(halves.encoder):
        yield _downwards(before, after)
    for above, below in pairwise(halves.decoder):
        yield _upwards(below, above)


def _around(lines: Sequence[PlacedRow], form: UForm, *, left: bool) -> Frame:
    first, last = lines[0].frame, lines[-1].frame
    return Frame(
        form.left if left else form.right, first.y - form.pad, form.box, last.bottom - first.y + 2 * form.pad
    )


def _cells(architecture: Architecture, lines: Sequence[PlacedRow], halves: Halves) -> Iterator[Item]:
    form = halves.form
    for line in lines:
        for (first, before), (second, after) in pairwise(line.slots):
            gap = after.x - before.right
            if second.dense:
                ends = ((before.right, before.middle), (after.x - 0.5, before.middle))
                yield Line(ends, "skip", 1.1, 0, DOTS, HEAD)
            elif first.beside == second.beside and gap > 0.9 * form.between:
                yield Line(((before.right, before.middle), (after.x - 0.5, before.middle)), "flow", 1.5,
                           head=min(7.0, gap - 1))  # fmt: skip
        for block, frame in line.slots:
            yield cell(architecture, block, frame, form)


def _downwards(before: PlacedRow, after: PlacedRow) -> Line:
    """The flow from one encoder row to the next: straight where one box stands above the other."""
    source, target = before.path[-1], after.path[0]
    end = target.y - 0.5
    x = _shared(source, target)
    if x is not None:
        return arrow((x, source.bottom), (x, end))
    y = target.y - 9
    return arrow(
        (source.centre, source.bottom), (source.centre, y), (target.centre, y), (target.centre, end), radius=4
    )


def _upwards(below: PlacedRow, above: PlacedRow) -> Line:
    """The flow from one decoder row to the one above it: into ⧺ where there is one."""
    source, target = below.path[-1], above.path[0]
    end = target.bottom + 0.5
    if above.slots[0][0].kind != "concat":
        x = _shared(source, target)
        x = target.centre if x is None else x
        return arrow((x, source.y), (x, end))
    y = source.y - 6.5
    return arrow(
        (source.centre, source.y), (source.centre, y), (target.centre, y), (target.centre, end), radius=4
    )


def _shared(source: Frame, target: Frame) -> float | None:
    """An x at which one frame stands above the middle of the other."""
    if target.x + 8 <= source.centre <= target.right - 8:
        return source.centre
    return target.centre if source.x + 8 <= target.centre <= source.right - 8 else None


def _resolutions(architecture: Architecture, halves: Halves) -> Iterator[Item]:
    """H×W and channels in the first empty line of each encoder stage."""
    for before, after in pairwise(halves.encoder):
        free = after.row.line - before.row.line - 1
        shape = architecture.by_path[before.row.blocks[-1].path].output
        if free > 0 and shape and before.row.stage is not None:
            x, y = before.frame.x + 8, before.frame.bottom + 26
            flow = _shared(before.path[-1], after.path[0]) or before.path[-1].centre
            room = flow - x - 8
            if room < before.frame.right - 8 - flow - 8:  # more of it is at the other side of the flow
                x, room = flow + 8, before.frame.right - 8 - flow - 8
            large = 12
            if width(size(shape), large, bold=True) > room:
                continue
            yield text(x, y, size(shape), size=large, role="dim", bold=True)
            if width(f"{shape[1]} channels", 10.5) <= room:
                yield text(x, y + 15, f"{shape[1]} channels", size=10.5, role="dim")


_PILL = 28.0
"""What a pill between both halves needs beside its words: its ends, and the lines on both sides."""


def _briefly(shape: Shape) -> str:
    """A shape with equal sides as powers: "32×128×128²"."""
    return f"{shape[1]}×{sides(shape)}"


def _rungs(rows: UGrid, halves: Halves, styles: Mapping[tuple[str, str], Style]) -> Iterator[Item]:
    """Skips with their sizes; one that cannot be level goes down in the middle."""
    form = halves.form
    narrow = form.page.narrow
    words = {skip: str(skip.channels) for skip, _, _ in rows.rungs}
    for wording in () if narrow else (units.dimensions, _briefly):
        sized = {skip: wording(skip.shape) for skip in words}
        if (
            max((width(word, 10) for word in sized.values()), default=0)
            <= form.right - form.left - form.box - _PILL
        ):
            words = sized
            break
    wide = max((width(word, 10) for word in words.values()), default=0) + 12
    for skip, maker, taken in rows.rungs:
        source, row = halves.encoder[maker].frame, halves.decoder[taken]
        target = next(frame for block, frame in row.slots if block.skip is skip)
        start, end = (source.right, source.middle), (target.x - 0.5, target.middle)
        middle = (form.left + form.box + form.right) / 2
        style = styles.get((skip.source, skip.target))
        items = rung(start, end, words[skip], wide, middle, style or PLAIN)
        yield Group(tuple(items), skip_name(skip.source, skip.target))


def _mid(
    architecture: Architecture,
    chain: Chain,
    scale: CostScale,
    halves: Halves,
    y: float,
    notes: Mapping[str, Sequence[gutter.Note]],
) -> tuple[list[Item], PlacedRow | None, float]:
    """The mid stage below both halves, with the flow into it and out of it; its row, if there is one."""
    form, encoder, decoder = halves.form, halves.encoder, halves.decoder
    stages = [stage for stage in chain.stages if stage.stage.role == "mid"]
    if not stages:
        if not encoder or not decoder:
            return [], None, y
        source, target = encoder[-1].slots[-1][1], decoder[-1].slots[0][1]
        y = max(source.bottom, target.bottom) + BETWEEN
        return [*around_the_foot(source, target, y + 12)], None, y + 16 + RAIL * form.rails
    stage = stages[0]
    high = form.cell(stage.blocks)
    frame = Frame((form.page.width - form.mid) / 2, y + 4, form.mid, 33 + high + RAIL * form.rails)
    inner = Frame(frame.x + form.pad, frame.y + 26, frame.width - 2 * form.pad, high)
    into, out = (
        [(half[-1].path[end].centre, half[-1].path[end].bottom)] if half else []
        for half, end in ((encoder, -1), (decoder, 0))
    )
    items: list[Item] = [*around_mid(into, out, frame, inner.middle, stage, form), stage_box(stage, frame)]
    noted = notes.get(stage.stage.path, ())
    items += gutter.mid_heading(stage, scale, frame, form, ink="ink", notes=noted)
    frames = divide(stage.blocks, inner, form, evenly=True)
    row = PlacedRow(GridRow(stage, stage.blocks), inner, tuple(zip(stage.blocks, frames, strict=True)))
    items += _cells(architecture, [row], halves)
    return items, row, frame.bottom
