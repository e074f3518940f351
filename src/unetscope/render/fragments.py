"""Sweeps as fragments of HTML, as `table/as_fragment.py` makes them of tables."""

from __future__ import annotations

from unetscope.analysis.scaling.sweep import Sweep
from unetscope.render import sweep as sweeps
from unetscope.render.table.as_fragment import fragment


def sweep(given: Sweep) -> str:
    """A row for each size or, without any, the formula of each stage."""
    title, notes = sweeps.title(given), sweeps.notes(given)
    if given.rows:
        return fragment(title, *sweeps.grid_of(given), notes=notes)
    return fragment(title, *sweeps.formulas_of(given), notes=[sweeps.legend(given), *notes], align="left")
