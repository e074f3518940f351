"""The graph of a network that is no U-Net, which its diagram is where no layout is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from unetscope.errors import OutputError
from unetscope.model import Architecture

if TYPE_CHECKING:
    from unetscope.analysis.dataflow.graph import Graph

_MOST = 64
"""Vertices of a graph of blocks, at most; of more, stages are its vertices."""
_ONLY_DIAGRAMS: dict[str, Any] = {
    "layout": None, "detail": "block", "color_by": "kind", "background": "theme", "title": True,
    "names": None, "overlay": None,
}  # fmt: skip
"""What only other pictures have, as it is where none of it is asked for."""


def usual_graph(
    architecture: Architecture, look: Mapping[str, Any], *, format: str, command: str
) -> bytes | None:
    """The file of the graph; None where another picture is the usual one, is asked for, or no graph can be
    drawn: a graph has no width of a column, and needs a Graphviz engine."""
    asked = any(look[name] != usual for name, usual in _ONLY_DIAGRAMS.items())
    if asked or look["width"] == "column" or format not in ("svg", "png", "pdf"):
        return None
    from unetscope.render.dataflow import formats

    chosen = {name: look[name] for name in ("theme", "unit", "width")}
    for graph in graphs_of(architecture):
        try:
            return formats.graph(architecture, graph, format=format, command=command, **chosen)
        except OutputError:
            continue
    return None


def in_words(architecture: Architecture) -> str:
    """What that graph is, in words; "" where another picture is the usual one."""
    from unetscope.render.dataflow import in_words

    return next((in_words.in_words(architecture, graph) for graph in graphs_of(architecture)), "")


def graphs_of(architecture: Architecture) -> Iterator[Graph]:
    """The graphs that may stand for a network that is no U-Net, the preferred one first: of blocks, unless
    these are many, then of stages."""
    from unetscope.api.pictures import dataflow
    from unetscope.layout.suiting import suits_column, why_no_u

    if not why_no_u(architecture) or suits_column(architecture):
        return
    for depth in (2, 1):
        graph = dataflow(architecture, depth=depth)
        if depth == 1 or len(graph.vertices) <= _MOST:
            yield graph
