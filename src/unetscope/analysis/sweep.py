"""The cost of one network at many sizes: from its formulas where they reach, else left to be traced."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.conventions import counted
from unetscope.analysis.formulas import StageFormula, cost
from unetscope.analysis.polynomials import Point
from unetscope.analysis.resize import at, covers
from unetscope.model import ONCE, Architecture, Cost, Counting


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One size and its cost. `traced` where no formula reaches and the size was traced instead."""

    latent: tuple[int, int]
    batch: int
    tokens: int | None
    cost: Cost
    traced: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """The cost of an architecture at many sizes, with the formulas it was taken from (none: all traced)."""

    architecture: Architecture
    formulas: tuple[StageFormula, ...]
    rows: tuple[SweepRow, ...]


def evaluated(
    architecture: Architecture, formula: StageFormula, point: Point, *, batch: int, counting: Counting = ONCE
) -> SweepRow | None:
    """The row for a size from the formula of the whole network; None where it does not reach.

    Other conventions than full count the operations that the rules give at that size.
    """
    if architecture.scaling is None or not covers(architecture.scaling, point):
        return None
    if counting.convention == ONCE.convention:
        one = cost(formula, point, batch=batch, params=architecture.cost.params)
        found = one.times(counting.forwards)
    elif (there := at(architecture, point)) is not None:
        found = counted(there, counting).cost.times(batch)
    else:
        return None
    return SweepRow((point.height, point.width), batch, point.tokens, found, traced=False)


def traced_row(architecture: Architecture) -> SweepRow:
    """The row for a size that was traced."""
    basis = architecture.basis
    height, width = basis.input[-2:]
    return SweepRow((height, width), basis.batch, basis.tokens, architecture.cost, traced=True)
