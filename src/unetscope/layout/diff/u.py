"""A diff in the layout of a U: one where both networks have the same blocks, else one beside the other, on
the same lines: what one of them lacks leaves a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from unetscope.choices import Look
from unetscope.difference import Diff
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.diff import frame, labels, rails
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.skips import STYLES, fates, stroke
from unetscope.layout.measure import text
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import scale
from unetscope.layout.scene import Group, Item, shifted
from unetscope.layout.u.grid import GridRow, UGrid, grid, part_of
from unetscope.layout.u.measures import UForm, fits, half_form, u_form
from unetscope.layout.u.shape import u_shape

_HEADING = 34.0


def two_us(diff: Diff, columns: Columns, look: Look) -> tuple[Page, list[Item], float]:
    """Page, picture and the y below it."""
    whole = replace(u_form(look), railed=(*rails.differing(diff, columns),) if columns.is_aligned else ())
    top = 14.0 if look.paper else frame.title(diff, columns, whole.page)[1] + 10
    if columns.is_aligned:
        items, y = _one(diff, columns, whole, after=True, top=top + whole.top + 14)
        more, y = rails.rows(diff, columns, whole.page, y=y + 14)
        return whole.page, [Group(tuple(items), side="b"), *more], y + 10
    form, apart = half_form(look)
    drawings: list[Item] = []
    feet = []
    for after in (False, True):
        items, y = _one(diff, columns, form, after=after, top=top + _HEADING + form.top + 14)
        items = [*_heading(diff, columns, form, after=after, y=top + 4), *items]
        moved = shifted(items, whole.page.margin + apart * after)
        drawings.append(Group(tuple(moved), side="b" if after else "a"))
        feet.append(y)
    more, y = rails.rows(diff, columns, whole.page, y=max(feet) + 14)
    return whole.page, [*drawings, *more], y + 10


def _heading(diff: Diff, columns: Columns, form: UForm, *, after: bool, y: float) -> list[Item]:
    """Which network a half shows, and below it what became of its skips."""
    network = diff.b if after else diff.a
    named = f"{frame.roles(diff)[after]} {network.id}"
    note = frame.skip_note(diff, columns, after=after)
    room = form.page.content
    return [
        text(0, y, named, size=12, bold=True, limit=room),
        text(0, y + 15, note, size=10.5, role="dim", limit=room),
    ]


def _one(diff: Diff, columns: Columns, form: UForm, *, after: bool, top: float) -> tuple[list[Item], float]:
    network = diff.b if after else diff.a
    chain = columns.chain(after=after)
    costs = scale(network.cost, [stage.cost for stage in chain.stages], unit="macs")
    styles = {
        ends: (STYLES[fate][0], partial(stroke, fate))
        for ends, fate in fates(diff, columns, after=after).items()
    }
    rows = None if columns.is_apart else _rows(columns, chain, form, after=after)
    notes = _notes(columns, form, after=after) if form.page.narrow else {}
    return u_shape(
        network,
        chain,
        costs,
        form,
        top=top,
        rows=rows,
        styles=styles,
        notes=notes,
        ring=partial(rails.ring, radius=5.4),
    )


def _rows(columns: Columns, chain: Chain, form: UForm, *, after: bool) -> UGrid:
    """The rows of one network, on the lines that those of both together stand on."""
    ends = [end for end in (columns.inlet, columns.outlet) if end]
    slots = {slot.drawn: slot for slot in (*ends, *columns.slots)}
    merged = [column.stage for column in columns.stages]
    own = iter(chain.stages)
    lines = {
        id(stage): next(own) for stage, column in zip(merged, columns.stages, strict=True)
        if (column.after if after else column.before)
    }  # fmt: skip

    def of_side(row: GridRow) -> GridRow | None:
        sides = [slots[block].after if after else slots[block].before for block in row.blocks]
        blocks = tuple(side for side in sides if side)
        return GridRow(lines[id(row.stage)] if row.stage else None, blocks, row.line) if blocks else None

    inlet, outlet = (end.drawn if end else None for end in (columns.inlet, columns.outlet))
    whole = Chain(inlet, tuple(merged), outlet)
    return part_of(grid(whole, partial(fits, form=form)), of_side)


def _notes(columns: Columns, form: UForm, *, after: bool) -> dict[str, Sequence[labels.Words]]:
    """What became of each stage, beside it in A, or in B where A has no such stage."""
    return {
        column.stage.stage.path: labels.words_of(column, room=form.gutter)
        for column in columns.stages
        if after is (column.before is None)
    }
