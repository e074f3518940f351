"""The inside of a block in brief: small boxes of attention and MLP, in the card of its stack."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.layout.chain import Ramp
from unetscope.layout.column.drawing.boxes import dotted, shade
from unetscope.layout.column.drawing.sizes import FILLS, Measures
from unetscope.layout.column.reading.cells import Cell, Fork, Link, Opened, Phase, flat_cells
from unetscope.layout.pieces import (
    Piece,
    align,
    at_least,
    box,
    marked,
    pad,
    row,
    space,
    stack,
)
from unetscope.layout.scene import ColourRole


def in_brief(inside: Opened, room: float, sizes: Measures, steps: Ramp | None, name: str) -> Piece:
    """The attention and the MLP of each phase, on lanes where there are several."""
    lanes = [
        number
        for number in range(len(inside.lanes))
        if any(_shown(flat_cells(phase.before[number])) for phase in inside.phases)
    ]
    minis = _Minis(sizes, steps, name, lanes)
    return stack(*(minis.phase(phase, room) for phase in inside.phases), gap=sizes.gap - 3)


@dataclass
class _Minis:
    """Small boxes of attention and MLP; those that read conditions have a mark at the side of their rail."""

    sizes: Measures
    steps: Ramp | None
    name: str
    lanes: list[int]
    count: int = 0

    def phase(self, phase: Phase, room: float) -> Piece:
        """One phase of a block."""
        gap, last = 8.0, len(self.lanes) - 1
        wide = (room - gap * last) / max(1, len(self.lanes))
        rows: list[Piece] = []
        if any(_shown(flat_cells(phase.before[lane])) for lane in self.lanes):
            minis = [
                self._lane(phase.before[lane], wide, _conditions(phase, lane), (at == 0, at == last))
                for at, lane in enumerate(self.lanes)
            ]
            filled = (mini if mini.height else space(wide, 1) for mini in minis)
            rows.append(row(*(Piece(wide, mini.height, mini.paint) for mini in filled), gap=gap))
        shared = [cell for cell in phase.shared if cell.kind in ("scores", "feed-forward")]
        rows += [self._mini(cell, room, _conditions(phase, 0), sides=(True, True)) for cell in shared]
        return stack(*rows, gap=gap)

    def _lane(self, links: tuple[Link, ...], wide: float, reads: str, sides: tuple[bool, bool]) -> Piece:
        rows: list[Piece] = []
        for link in links:
            if isinstance(link, Fork):
                minis = [cell for branch in link.branches for cell in _shown([*branch])]
                part = (wide - 8 * (len(minis) - 1)) / max(1, len(minis))
                rows.append(
                    row(
                        *(
                            self._mini(cell, part, reads, sides=(sides[0] and cell is minis[0], sides[1]))
                            for cell in minis
                        ),
                        gap=8,
                    )
                )
            elif _shown([link]):
                rows.append(self._mini(link, wide, reads, sides=sides))
        return stack(*rows, gap=self.sizes.gap - 3)

    def _mini(self, cell: Cell, wide: float, reads: str, *, sides: tuple[bool, bool]) -> Piece:
        fill, ink = shade(self.steps, cell.cost) if self.steps else FILLS[cell.kind]
        name, detail = cell.brief
        lines = stack(
            dotted(name, wide - 12, size=self.sizes.strong, role=ink, bold=True),
            dotted(detail, wide - 12, size=self.sizes.plain, role=ink),
        )
        outline: ColourRole = "outline" if self.steps else ink
        mini = at_least(box(pad(align(lines, "fill", middle=True), 6, 5), fill, outline), wide)
        for letter in reads:
            if (letter == "t" and sides[0]) or (letter == "c" and letter in cell.reads and sides[1]):
                self.count += 1
                mini = marked(mini, f"{self.name} {letter} {self.count}")
        return mini


def _shown(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.kind in ("scores", "feed-forward") and cell.brief[0]]


def _conditions(phase: Phase, lane: int) -> str:
    """What the boxes of a lane read in a phase."""
    cells = [*flat_cells(phase.before[lane]), *flat_cells(phase.after[lane]), *phase.shared]
    return "".join(sorted({letter for cell in cells for letter in cell.reads}))
