"""What the command line and a notebook both call: load, count, draw, compare, save."""

from __future__ import annotations

from unetscope.api.differences import diff
from unetscope.api.figures import compare, counted, memory, sweep, table
from unetscope.api.loading import Fresh, load, presets, save
from unetscope.api.pictures import draw, draw_chart, draw_diff, draw_graph, graph
from unetscope.sizes import Size

__all__ = [
    "Fresh",
    "Size",
    "compare",
    "counted",
    "diff",
    "draw",
    "draw_chart",
    "draw_diff",
    "draw_graph",
    "graph",
    "load",
    "memory",
    "presets",
    "save",
    "sweep",
    "table",
]
