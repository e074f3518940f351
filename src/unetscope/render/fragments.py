"""Sweeps as fragments of HTML, as `table/as_fragment.py` makes them of tables."""

from __future__ import annotations

from unetscope.analysis.scaling.sweep import Sweep
from unetscope.render import sweep as sweeps
from unetscope.render.table.as_fragment import fragment


def sweep(sweep: Sweep) -> str:
    """A row for each size or, without any, the formula of each stage."""
    title, notes = sweeps.title(sweep), sweeps.notes(sweep)
    if sweep.rows:
        return fragment(title, *sweeps.grid_of(sweep), notes=notes)
    return fragment(title, *sweeps.formulas_of(sweep), notes=[sweeps.legend(sweep), *notes], align="left")
