"""What the parameters and the work of a network are spent on, from the boxes of its blocks: adds up to
all of it."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.cost import Cost, total
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.reading.cells import Cell
from unetscope.model import Architecture

KINDS: dict[str, str] = {
    "projection": "attention projections",
    "scores": "QKᵀ, PV",
    "feed-forward": "MLP",
    "modulation": "modulation",
    "norm": "norms",
    "layers": "other layers",
    "outside": "outside",
}
"""What costs are for, in the order of the bars."""


def feed_forward_word(runs: tuple[OpenedRun, ...]) -> str:
    """What the boxes call their feed-forward parts, where all have one name (SANA's Mix-FFN); else "MLP"."""
    cells = [cell for run in runs for cell in run.inside.cells if cell.kind == "feed-forward"]
    named = {cell.brief[0] for cell in cells} - {""}
    return named.pop() if len(named) == 1 else "MLP"


def spent_on(architecture: Architecture, runs: tuple[OpenedRun, ...]) -> dict[str, Cost]:
    """The cost of each kind; what costs nothing is left out."""
    spent = dict.fromkeys(KINDS, Cost())
    for run in runs:
        times = len(run.blocks.paths)
        counted = Cost()
        for cell in run.inside.cells:
            counted += _times(cell.cost, times)
            for kind, cost in _parts(cell):
                spent[kind] += _times(cost, times)
        spent["modulation" if run.inside.remarks else "layers"] += _less(run.blocks.cost, counted)
    spent["outside"] = _less(architecture.cost, total(run.blocks.cost for run in runs))
    return {kind: cost for kind, cost in spent.items() if cost != Cost()}


def _parts(cell: Cell) -> Iterator[tuple[str, Cost]]:
    """A box by kind.

    A layer that reads or makes attention's and the MLP's together is split by their widths.
    """
    if cell.kind == "norm":
        yield ("modulation" if "t" in cell.reads and cell.notes else "norm"), cell.cost
    elif cell.mixes and cell.kind in ("linear", "projection"):
        first = _portion(cell.cost, cell.mixes[0], sum(cell.mixes))
        yield "projection", first
        yield "feed-forward", _less(cell.cost, first)
    elif cell.kind in ("linear", "conv"):
        yield "layers", cell.cost
    else:
        yield ("layers" if cell.kind == "other" else cell.kind), cell.cost


def _times(cost: Cost, number: int) -> Cost:
    """The cost of several equal blocks, each with parameters of its own."""
    return Cost(*(number * field for field in _fields(cost)))


def _less(cost: Cost, part: Cost) -> Cost:
    return Cost(
        *(
            whole_field - part_field
            for whole_field, part_field in zip(_fields(cost), _fields(part), strict=True)
        )
    )


def _portion(cost: Cost, part: int, whole: int) -> Cost:
    return Cost(*(field * part // whole for field in _fields(cost)))


def _fields(cost: Cost) -> tuple[int, ...]:
    return (cost.params, cost.conv, cost.linear, cost.attention, cost.other, cost.elementwise)
