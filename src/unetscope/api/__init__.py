"""What the command line and a notebook both call: load, count, draw, compare, save."""

from __future__ import annotations

from importlib import import_module

from unetscope.api import displays
from unetscope.sizes import Size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from unetscope.api.budgets import memory, memory_of
    from unetscope.api.budgets.budgeted import students
    from unetscope.api.charting import chart
    from unetscope.api.differences import diff
    from unetscope.api.figures import compare, counted, reconcile, table
    from unetscope.api.lineage import family_tree, tree_text
    from unetscope.api.loading import Fresh, load, presets, save
    from unetscope.api.picture import Picture
    from unetscope.api.pictures import caption, dataflow, draw, draw_diff, graph
    from unetscope.api.pipelines import draw_pipeline, pipeline, pipeline_of
    from unetscope.api.planning import plan
    from unetscope.api.planning.reports import plan_report
    from unetscope.api.surveys import survey
    from unetscope.api.sweeping import formula, sweep, with_formula
    from unetscope.api.weights import (
        check,
        draw_weights,
        identify,
        identify_all,
        keys,
        overlay,
        verify,
        weight_diff,
        weight_map,
    )

__all__ = [
    "Fresh",
    "Picture",
    "Size",
    "caption",
    "chart",
    "check",
    "compare",
    "counted",
    "dataflow",
    "diff",
    "displays",
    "draw",
    "draw_diff",
    "draw_pipeline",
    "draw_weights",
    "family_tree",
    "formula",
    "graph",
    "identify",
    "identify_all",
    "keys",
    "load",
    "memory",
    "memory_of",
    "overlay",
    "pipeline",
    "pipeline_of",
    "plan",
    "plan_report",
    "presets",
    "reconcile",
    "save",
    "students",
    "survey",
    "sweep",
    "table",
    "tree_text",
    "verify",
    "weight_diff",
    "weight_map",
    "with_formula",
]

_HOMES = {
    "budgets.budgeted": ("students",),
    "budgets": ("memory", "memory_of"),
    "charting": ("chart",),
    "differences": ("diff",),
    "figures": ("compare", "counted", "reconcile", "table"),
    "lineage": ("family_tree", "tree_text"),
    "loading": ("Fresh", "load", "presets", "save"),
    "picture": ("Picture",),
    "pictures": ("caption", "dataflow", "draw", "draw_diff", "graph"),
    "pipelines": ("draw_pipeline", "pipeline", "pipeline_of"),
    "planning.reports": ("plan_report",),
    "planning": ("plan",),
    "surveys": ("survey",),
    "sweeping": ("formula", "sweep", "with_formula"),
    "weights": (
        "check", "draw_weights", "identify", "identify_all", "keys", "overlay", "verify", "weight_diff",
        "weight_map",
    ),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}
"""The file of each verb: a command waits for its own and not for all of them."""


def __getattr__(name: str) -> Any:
    """A verb; its file is imported on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    verb = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = verb
    return verb
