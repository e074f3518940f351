"""A dataflow graph in words, for readers who cannot see it."""

from __future__ import annotations

from unetscope.analysis.dataflow.graph import Graph, Vertex
from unetscope.model import Architecture
from unetscope.render.dataflow.captions import edge_label, first_line
from unetscope.words import caption, units
from unetscope.words.messages import joined

_MOST = 40
"""So many vertices are told one by one."""


def in_words(architecture: Architecture, graph: Graph) -> str:
    """What the graph is of, and where what each vertex makes goes, skips last."""
    leading = sorted({edge.source for edge in graph.edges})
    sentences = [_vertex(graph, number) for number in leading[:_MOST]]
    rest = len(leading) - _MOST
    sentences += [f"And so on, in {rest} more."] if rest > 0 else []
    return " ".join(
        [f"Dataflow graph, at depth {graph.depth}, of {caption.of_network(architecture)}", *sentences]
    )


def _vertex(graph: Graph, number: int) -> str:
    edges = [edge for edge in graph.edges if edge.source == number]
    flows = dict.fromkeys(_name(graph.vertices[edge.target]) for edge in edges if not edge.skip)
    skips = dict.fromkeys(
        f"{_name(graph.vertices[edge.target])} as a skip of {edge_label(edge)}" for edge in edges if edge.skip
    )
    vertex = graph.vertices[number]
    params = (
        f" ({units.params(vertex.cost.params * vertex.repeats)} parameters)" if vertex.cost.params else ""
    )
    return f"{_name(vertex)}{params} leads to {joined([*flows, *skips])}."


def _name(vertex: Vertex) -> str:
    """A vertex by its words; an operation by those of what it does."""
    return {"+": "a sum", "×": "a product", "−": "a difference"}.get(first_line(vertex), first_line(vertex))
