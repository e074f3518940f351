"""Where the rows of a U stand: on lines as high as their highest cell, in both halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block
from unetscope.layout.scene import Frame
from unetscope.layout.u.cells import divide
from unetscope.layout.u.grid import GridRow, UGrid
from unetscope.layout.u.measures import UForm

BETWEEN = 16.0
"""Between two lines: room for the flow."""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row of the grid in its place."""

    row: GridRow
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]

    @property
    def path(self) -> list[Frame]:
        """The frames on the main path; all of them where it does not lead through this row. Of a row with
        dense skips it takes the last ⧺ and what follows."""
        bars = [at for at, (block, _) in enumerate(self.slots) if block.skip is not None]
        if any(block.dense for block, _ in self.slots):
            return [frame for _, frame in self.slots[bars[-1] :]]
        return [frame for block, frame in self.slots if not block.beside] or [f for _, f in self.slots]


@dataclass(frozen=True, slots=True)
class Halves:
    """Both halves from top to bottom, and the measures."""

    encoder: tuple[PlacedRow, ...]
    decoder: tuple[PlacedRow, ...]
    form: UForm


def halves_of(rows: UGrid, form: UForm, top: float) -> tuple[Halves, float]:
    """Both halves from `top` on, and the y below their lines."""
    lines = _lines(rows, form, top)
    halves = Halves(
        tuple(_placed(row, form.cells_left, form, lines) for row in rows.encoder),
        tuple(_placed(row, form.right + form.pad, form, lines) for row in rows.decoder),
        form,
    )
    return halves, lines[-1][1] + BETWEEN if lines else top


def _lines(rows: UGrid, form: UForm, top: float) -> list[tuple[float, float]]:
    """Top and foot of every line: as high as its highest cell."""
    both = (*rows.encoder, *rows.decoder)
    spans: list[tuple[float, float]] = []
    y = top
    for line in range(rows.lines):
        high = max((form.cell(row.blocks) for row in both if row.line == line), default=form.height)
        spans.append((y, y + high))
        y += high + BETWEEN
    return spans


def _placed(row: GridRow, x: float, form: UForm, lines: Sequence[tuple[float, float]]) -> PlacedRow:
    """A row in the middle of its line."""
    top, foot = lines[row.line]
    high = form.cell(row.blocks)
    frame = Frame(x, (top + foot - high) / 2, form.room, high)
    return PlacedRow(row, frame, tuple(zip(row.blocks, divide(row.blocks, frame, form), strict=True)))
