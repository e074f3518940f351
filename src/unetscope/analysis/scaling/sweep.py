"""The cost of one network at many sizes: from its formulas where they reach, else left to be traced."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.cost.conventions import counted
from unetscope.analysis.scaling.formulas import StageFormula, cost
from unetscope.analysis.scaling.resize import at, reaches
from unetscope.cost import ONCE, Cost, Counting
from unetscope.errors import ConfigError
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.sizes import Axes

_LISTED = "unetscope sweep lists the cost over sizes of any axis"


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One size and its cost. `traced` where no formula reaches and the size was traced instead."""

    axes: Axes
    batch: int
    cost: Cost
    traced: bool

    @property
    def latent(self) -> tuple[int, int] | None:
        """Height and width of the network's input; None where it has none."""
        return (self.axes["height"], self.axes["width"]) if "height" in self.axes else None

    @property
    def side(self) -> int:
        """The height. Raises ConfigError for a network without one."""
        if self.latent is None:
            raise ConfigError("the network has no height and width to draw its cost over", hint=_LISTED)
        return self.latent[0]

    @property
    def is_square(self) -> bool:
        """Whether the network's input has sides of one length."""
        return len(set(self.latent or ())) == 1

    @property
    def tokens(self) -> int | None:
        """Text tokens; None without text."""
        return self.axes.get("tokens")


@dataclass(frozen=True, slots=True)
class Sweep(Shown):
    """The cost of an architecture at many sizes, with the formulas it was taken from (none: all traced)."""

    architecture: Architecture
    formulas: tuple[StageFormula, ...]
    rows: tuple[SweepRow, ...]

    def __repr__(self) -> str:
        rows, formulas = len(self.rows), len(self.formulas)
        return f"Sweep({self.architecture.title!r}, rows={rows}, formulas={formulas})"

    def records(self) -> list[dict[str, int | bool]]:
        """A dict for each size, of its axes by their names, its batch and its cost, for a data frame."""
        return [
            {
                **row.axes,
                "batch": row.batch,
                "params": row.cost.params,
                "macs": row.cost.macs,
                "flops": row.cost.flops,
                "traced": row.traced,
            }
            for row in self.rows
        ]


def evaluated(
    architecture: Architecture, formula: StageFormula, axes: Axes, *, batch: int, counting: Counting = ONCE
) -> SweepRow | None:
    """The row for a size from the formula of the whole network; None where it does not reach.

    Other conventions than full count the operations that the rules give at that size.
    """
    if not reaches(architecture, axes):
        return None
    if counting.convention == ONCE.convention:
        one_forward = cost(formula, axes, batch=batch, params=architecture.cost.params)
        spent = one_forward.times(counting.forwards)
    elif (there := at(architecture, axes)) is not None:
        spent = counted(there, counting).cost.times(batch)
    else:
        return None
    return SweepRow(axes, batch, spent, traced=False)


def traced_row(architecture: Architecture) -> SweepRow:
    """The row for a size that was traced."""
    basis = architecture.basis
    return SweepRow(basis.axes, basis.batch, architecture.cost, traced=True)
