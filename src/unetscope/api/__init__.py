"""What the command line and a notebook both call: load, count, draw, compare, save."""

from __future__ import annotations

from unetscope.api import displays
from unetscope.api.budgeted import students
from unetscope.api.budgets import memory, memory_of
from unetscope.api.differences import diff
from unetscope.api.figures import compare, counted, reconcile, table
from unetscope.api.lineage import family_tree, tree_text
from unetscope.api.loading import Fresh, load, presets, save
from unetscope.api.picture import Picture
from unetscope.api.pictures import caption, chart, dataflow, draw, draw_diff, graph
from unetscope.api.pipelines import draw_pipeline, pipeline, pipeline_of
from unetscope.api.plan_reports import report as plan_report
from unetscope.api.planning import plan
from unetscope.api.surveys import survey
from unetscope.api.sweeping import formula, sweep
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
from unetscope.sizes import Size

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
]
