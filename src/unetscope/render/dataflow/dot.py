"""Graph → DOT. Names and labels from outside go through one function each, so none can become markup.

Where there is a decoder it rises: its edges are written head first with dir=back, which puts both
ends of a skip connection on one level.
"""

from __future__ import annotations

from typing import Any

import graphviz

from unetscope.analysis.dataflow.graph import Cluster, Edge, Graph
from unetscope.layout.measure import width
from unetscope.layout.scene import ColourRole
from unetscope.render.dataflow import captions
from unetscope.render.dataflow.dot_labels import cell, row, table
from unetscope.render.dataflow.dot_nodes import (
    INKS,
    NAME,
    PAD,
    SMALL,
    VertexLook,
    look_of,
    vertex_attributes,
)
from unetscope.render.picture.theme import Palette, palettes
from unetscope.vocabulary import about
from unetscope.words.safe import clean

_FONT = "Helvetica,Arial,sans-serif"
_ENTRY = 24
"""Room in a cluster's label for the edge that comes in from above."""
_COMMENT = (
    "Edges with dir=back are written head first, so that the decoder rises; invisible ones only place things."
)


def source(graph: Graph, heading: tuple[str, ...], *, theme: str, unit: str, narrow: bool = False) -> str:
    """The graph as DOT, coloured by a theme; `narrow` breaks the words of vertices into short lines.

    Vertices, edges and clusters bear the ids v0, e0, c0 and on, by their places in the graph.
    """
    palette = palettes(theme)[0]
    dot = graphviz.Digraph("dataflow", comment=_COMMENT)
    dot.attr("graph", **_page(heading, palette))
    dot.attr("node", fontname=_FONT, fontsize=str(SMALL), fixedsize="true", penwidth="1.1", margin="0")
    dot.attr("edge", fontname=_FONT, fontsize=str(SMALL), color=palette["flow"], arrowsize="0.65")
    look = look_of(graph, theme, unit, narrow=narrow)
    _fill(dot, graph, None, look)
    for index, edge in enumerate(graph.edges):
        _edge(dot, graph, edge, f"e{index}", look)
    for upper, lower in _stacked(graph):
        dot.edge(f"v{upper}", f"v{lower}", style="invis")
    return str(dot.source)


def _page(heading: tuple[str, ...], palette: Palette) -> dict[str, str]:
    title, *lines = heading
    label = table(
        row(cell(title, 18, palette["ink"], bold=True)),
        *(row(cell(line, 11, palette["dim"])) for line in lines),
        row('<TD HEIGHT="10"></TD>'),
    )
    return {
        "label": label,
        "labelloc": "t",
        "labeljust": "l",
        "bgcolor": palette["background"],
        "fontname": _FONT,
        "newrank": "true",
        "ranksep": "0.18",
        "nodesep": "0.30",
        "pad": "0.2",
    }


def _fill(dot: Any, graph: Graph, within: str | None, look: VertexLook) -> None:
    """The vertices and clusters directly inside a cluster, or of the whole graph for None."""
    # Vertices come first: the engine keeps this order from left to right, and the input starts the encoder.
    for index, vertex in enumerate(graph.vertices):
        if vertex.cluster == within:
            # One column each for what falls and what rises.
            group = "" if vertex.role == "conditioning" else "rising" if index in look.rising else "falling"
            dot.node(
                f"v{index}", id=f"v{index}", group=group or None, **vertex_attributes(index, vertex, look)
            )
    for index, cluster in enumerate(graph.clusters):
        if cluster.path != within and cluster.parent == within:
            with dot.subgraph(name=f"cluster_{index}") as inner:
                inner.attr(id=f"c{index}", **_cluster(cluster, look))
                _fill(inner, graph, cluster.path, look)


def _cluster(cluster: Cluster, look: VertexLook) -> dict[str, str]:
    """The frame of an opened module, its name at the left and its path at the right of what enters it."""
    palette = look.palette
    role: ColourRole = about(cluster.kind).fill or "card"
    name, rest = captions.cluster_lines(cluster)
    cells = cell(name, NAME, palette["ink"], bold=True)
    if rest and not look.narrow:
        used = width(clean(name), NAME, bold=True) + width(clean(rest), SMALL)
        gap = max(_ENTRY, look.wide + 2 * PAD - used)
        cells += f'<TD WIDTH="{gap:.0f}"></TD>' + cell(rest, SMALL, palette["dim"])
    return {
        "label": table(row(cells)),
        "labeljust": "l",
        "style": "rounded,filled",
        "margin": "7",
        "color": palette["outline" if role == "card" else INKS[role]],
        "fillcolor": palette["card"],
    }


def _stacked(graph: Graph) -> list[tuple[int, int]]:
    """Pairs that stand one above the other, to save width: the badge t, and what becomes c as it is."""
    badges = {vertex.name: index for index, vertex in enumerate(graph.vertices) if vertex.sort == "badge"}
    if len(badges) < 2:
        return []
    plain = (edge.source for edge in graph.edges if edge.target == badges["c"])
    return [(badges["t"], source) for source in plain if graph.vertices[source].sort == "input"]


def _edge(dot: Any, graph: Graph, edge: Edge, id: str, look: VertexLook) -> None:
    """An edge; its size stands at the vertex that makes it, or that a skip is joined at, where there is room:
    a label of its own takes the room of a vertex."""
    palette, looks = look.palette, {"id": id}
    bare = (
        graph.vertices[edge.target].sort != "operation"
        if edge.skip
        else edge.source in look.sizes and captions.is_sign(graph.vertices[edge.source])
    )
    text = captions.edge_label(edge) if bare else ""
    if text:
        # Room between a line and its label, for a skip between the stage it leaves and the label.
        gap = f'<TD WIDTH="{12 if edge.skip else 3}"></TD>'
        wide = look.rungs if edge.skip else None
        looks["label"] = table(row(gap, cell(text, SMALL, palette["dim"], wide=wide)))
    if edge.skip:
        looks |= {"style": "dotted", "color": palette["skip"], "penwidth": "1.4"}
        dot.edge(f"v{edge.source}", f"v{edge.target}", weight=str(look.level), minlen="0", **looks)
    elif edge.target in look.rising:
        dot.edge(f"v{edge.target}", f"v{edge.source}", dir="back", **looks)
    else:
        dot.edge(f"v{edge.source}", f"v{edge.target}", **looks)
