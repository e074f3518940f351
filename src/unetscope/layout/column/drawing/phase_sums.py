"""What a phase of a block is and what all of it costs, at a bracket beside its boxes."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.cost import total
from unetscope.layout.column.drawing.sizes import Measures
from unetscope.layout.column.reading.cells import Phase, flat_cells
from unetscope.layout.pieces import (
    Piece,
    align,
    paragraph,
    row,
    sketch,
    space,
    stack,
    words,
)
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.words import units


def phase_sum(phase: Phase, sizes: Measures, unit: str, wide: float) -> Piece:
    """What a phase is and what all of it costs, at a bracket."""
    cells = [cell for lane in (*phase.before, *phase.after) for cell in flat_cells(lane)]
    cells += phase.shared
    named = list(dict.fromkeys(cell.brief[0] for cell in cells if cell.kind in ("scores", "feed-forward")))
    named = [name for name in named if name]
    if not named:
        return space()
    cost = total(cell.cost for cell in cells)
    role: ColourRole = "attention-ink" if any(cell.kind == "scores" for cell in cells) else "feed-forward-ink"
    work = units.macs(cost.total(unit), "FLOP" if unit == "flops" else "MAC")
    lines = stack(
        paragraph(" + ".join(named), wide - 14, size=sizes.strong, role="ink", bold=True),
        words(f"{units.params(cost.params)} parameters", size=sizes.plain, role="ink"),
        words(work, size=sizes.plain, role="dim"),
    )

    def bracket(frame: Frame) -> Iterator[Item]:
        x, end = frame.x, frame.x + 6
        yield Line(((x, frame.y), (end, frame.y), (end, frame.bottom), (x, frame.bottom)), role, 1.2)

    return row(sketch(6, 10, bracket), align(lines, "start", middle=True), gap=7)
