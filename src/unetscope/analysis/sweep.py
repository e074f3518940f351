"""The cost of one network at many sizes: from its formulas where they reach, else left to be traced."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.formulas import StageFormula, cost
from unetscope.analysis.resize import covers
from unetscope.model import Architecture, Axes, Cost


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One size and its cost. `traced` where no formula reaches and the size was traced instead."""

    axes: Axes
    batch: int
    cost: Cost
    traced: bool

    @property
    def latent(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        return self.axes["height"], self.axes["width"]

    @property
    def tokens(self) -> int | None:
        """Text tokens; None without text."""
        return self.axes.get("tokens")


@dataclass(frozen=True, slots=True)
class Sweep:
    """The cost of an architecture at many sizes, with the formulas it was taken from (none: all traced)."""

    architecture: Architecture
    formulas: tuple[StageFormula, ...]
    rows: tuple[SweepRow, ...]


def evaluated(
    architecture: Architecture, formula: StageFormula, axes: Axes, *, batch: int
) -> SweepRow | None:
    """The row for a size from the formula of the whole network; None where it does not reach."""
    if architecture.scaling is None or not covers(architecture.scaling, axes):
        return None
    found = cost(formula, axes, batch=batch, params=architecture.cost.params)
    return SweepRow(axes, batch, found, traced=False)


def traced_row(architecture: Architecture) -> SweepRow:
    """The row for a size that was traced."""
    basis = architecture.basis
    return SweepRow(basis.axes, basis.batch, architecture.cost, traced=True)
