"""Cost over size in a page: the function that `sweep --formula -o cost.js` writes."""

from __future__ import annotations

from typing import Any

from unetscope.analysis.scaling.formulas import by_stage
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.errors import OutputError
from unetscope.model import Architecture
from unetscope.render import formula_code, sweep
from unetscope.sizes import AxisGrid
from unetscope.words import basis
from unetscope.words.safe import clean


def formula(architecture: Architecture) -> Sweep | None:
    """The formulas of a network; None where it has none, or axes that are no names in code."""
    sweep = Sweep(architecture, by_stage(architecture), ())
    if not sweep.formulas:
        return None
    try:
        for grid in formula_code.grids_of(sweep):
            formula_code.variable(grid.axis)
    except OutputError:
        return None
    return sweep


def code(sweep: Sweep) -> str:
    """The function of all sizes as JavaScript; nothing of a file is in it, stages go by their numbers."""
    keys = [str(index) for index in range(len(sweep.formulas))]
    lines = [*formula_code.javascript(sweep, keys), "return { macs, macsByStage };"]
    return "\n".join(("const cost = (() => {", *(f"  {line}" for line in lines), "})();"))


def values(architecture: Architecture) -> dict[str, Any]:
    """Values of part_curve.html.j2: the axes with their usual sizes, and the formulas in words."""
    learned = formula(architecture)
    if learned is None:
        return {"axes": [], "stages": [], "heads": [], "rows": [], "legend": "", "reach": ""}
    heads, rows = sweep.formulas_of(learned)
    names = formula_code.arguments(learned)
    grids = {formula_code.variable(grid.axis): grid for grid in formula_code.grids_of(learned)}
    batch = {"name": "batch", "label": "batch", "value": 1, "least": 1, "step": 1, "note": ""}
    return {
        "axes": [*(_axis(architecture, name, grids[name]) for name in names), batch],
        "stages": [clean(stage_formula.name) for stage_formula in learned.formulas],
        "heads": heads,
        "rows": [[clean(cell) for cell in row] for row in rows],
        "legend": clean(sweep.legend(learned)),
        "reach": clean(sweep.reach(learned)),
    }


def _axis(architecture: Architecture, name: str, grid: AxisGrid) -> dict[str, Any]:
    """One size to choose: its range on the grid, and the one that the page's figures hold for."""
    is_side = grid.axis in ("height", "width")
    word = f"{basis.kind(architecture)} {grid.axis}" if is_side else grid.axis.replace("_", " ")
    value = architecture.basis.axes.get(grid.axis, grid.least)
    least = grid.least + (-(grid.least - grid.offset) % grid.step)
    factor = architecture.factor if is_side else None
    pixels = f"{factor} px each" if factor and factor > 1 else ""
    reach = {"value": value, "least": least, "step": grid.step}
    return {"name": name, "label": clean(word), "note": pixels, **reach}
