"""Graph → DOT. Names and labels from outside go through one function each, so none can become markup.

Where there is a decoder it rises: its edges are written head first with dir=back, which puts both
ends of a skip connection on one level.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import graphviz

from unetscope.analysis.graph import Cluster, Edge, Graph, Vertex
from unetscope.layout.measure import width
from unetscope.layout.scene import ColourRole
from unetscope.render import captions
from unetscope.render.svg import clean
from unetscope.render.theme import Palette, palettes

_FILLS: dict[str, ColourRole] = {
    "resnet block": "residual",
    "transformer": "attention",
    "transformer block": "attention",
    "attention": "attention",
    "feed-forward": "feed-forward",
    "gate": "feed-forward",
    "stage": "card",
    "conv": "conv",
    "downsample": "conv",
    "upsample": "conv",
    "linear": "conv",
}
_INKS: dict[ColourRole, ColourRole] = {
    "residual": "residual-ink",
    "attention": "attention-ink",
    "feed-forward": "feed-forward-ink",
    "card": "ink",
    "conv": "conv-ink",
    "concat": "concat-ink",
    "other": "other-ink",
}
"""Ink for text and outline on each fill."""

_FONT = "Helvetica,Arial,sans-serif"
_POINT = 1 / 72
_PAD, _BADGE = 9.0, 14
_NAME, _SMALL = 11.5, 10.0
_ENTRY = 24
"""Room in a cluster's label for the edge that comes in from above."""
_COMMENT = "Edges with dir=back are written head first, so that the decoder rises; invisible ones only place things."


@dataclass(frozen=True, slots=True)
class _Look:
    """What all vertices share. `wide` is the text width on the main path, `rising` the decoder's vertices."""

    palette: Palette
    unit: str
    wide: float
    rising: frozenset[int]


def source(graph: Graph, heading: tuple[str, str, str], *, theme: str, unit: str) -> str:
    """The graph as DOT, coloured by a theme. Vertices, edges and clusters bear the ids that `ids` gives."""
    palette = palettes(theme)[0]
    dot = graphviz.Digraph("dataflow", comment=_COMMENT)
    dot.attr("graph", **_page(heading, palette))
    dot.attr("node", fontname=_FONT, fontsize=str(_SMALL), fixedsize="true", penwidth="1.1", margin="0")
    dot.attr("edge", fontname=_FONT, fontsize=str(_SMALL), color=palette["flow"], arrowsize="0.65")
    rising = _rising(graph)
    _fill(dot, graph, None, _Look(palette, unit, _widest(graph, unit), rising))
    rungs = max((width(captions.edge_label(e), _SMALL) for e in graph.edges if e.skip), default=0)
    for index, edge in enumerate(graph.edges):
        _edge(dot, edge, f"e{index}", palette, up=edge.target in rising, rungs=rungs)
    for upper, lower in _stacked(graph):
        dot.edge(f"v{upper}", f"v{lower}", style="invis")
    return str(dot.source)


def _page(heading: tuple[str, str, str], palette: Palette) -> dict[str, str]:
    title, counted, told = heading
    label = _table(
        _row(_cell(title, 18, palette["ink"], bold=True)),
        _row(_cell(counted, 11, palette["dim"])),
        _row(_cell(told, 11, palette["dim"])),
        _row('<TD HEIGHT="10"></TD>'),
    )
    return {
        "label": label,
        "labelloc": "t",
        "labeljust": "l",
        "bgcolor": palette["background"],
        "fontname": _FONT,
        "newrank": "true",
        "ranksep": "0.12",
        "nodesep": "0.3",
        "pad": "0.25",
    }


def _fill(dot: Any, graph: Graph, within: str | None, look: _Look) -> None:
    """The vertices and clusters directly inside a cluster, or of the whole graph for None."""
    # Vertices come first: the engine keeps this order from left to right, and the input starts the encoder.
    for index, vertex in enumerate(graph.vertices):
        if vertex.cluster == within:
            # One column each for what falls and what rises.
            group = "" if vertex.role == "conditioning" else "rising" if index in look.rising else "falling"
            dot.node(f"v{index}", id=f"v{index}", group=group or None, **_vertex(vertex, look))
    for index, cluster in enumerate(graph.clusters):
        if cluster.path != within and cluster.parent == within:
            with dot.subgraph(name=f"cluster_{index}") as inner:
                inner.attr(id=f"c{index}", **_cluster(cluster, look))
                _fill(inner, graph, cluster.path, look)


def _cluster(cluster: Cluster, look: _Look) -> dict[str, str]:
    """The frame of an opened module, its name at the left and its path at the right of what enters it."""
    palette, (name, rest) = look.palette, captions.cluster_lines(cluster)
    cells = _cell(name, _NAME, palette["ink"], bold=True)
    if rest and cluster.parent != "":
        used = width(clean(name), _NAME, bold=True) + width(clean(rest), _SMALL)
        gap = max(_ENTRY, look.wide + 2 * _PAD - used)
        cells += f'<TD WIDTH="{gap:.0f}"></TD>' + _cell(rest, _SMALL, palette["dim"])
    return {
        "label": _table(_row(cells)),
        "labeljust": "l",
        "style": "rounded,filled",
        "margin": "9",
        "color": palette["outline" if cluster.path else "line"],
        "fillcolor": palette["card"],
    }


def _rising(graph: Graph) -> frozenset[int]:
    """Vertices from the first up stage on, if there is one, conditioning left out."""
    first = next((i for i, vertex in enumerate(graph.vertices) if vertex.role == "up"), len(graph.vertices))
    return frozenset(i for i, vertex in enumerate(graph.vertices) if i >= first and vertex.role != "conditioning")


def _stacked(graph: Graph) -> list[tuple[int, int]]:
    """Pairs that stand one above the other, to save width: the badge t, and what becomes c as it is."""
    badges = {vertex.name: index for index, vertex in enumerate(graph.vertices) if vertex.sort == "badge"}
    if len(badges) < 2:
        return []
    plain = (edge.source for edge in graph.edges if edge.target == badges["c"])
    return [(badges["t"], source) for source in plain if graph.vertices[source].sort == "input"]


def _edge(dot: Any, edge: Edge, id: str, palette: Palette, *, up: bool, rungs: float) -> None:
    """One edge; `up` where it leads upwards, `rungs` is the width of all skips' labels."""
    looks = {"id": id}
    text = captions.edge_label(edge)
    if text:
        gap = '<TD WIDTH="3"></TD>'  # between the line and its label
        looks["label"] = _table(_row(gap, _cell(text, _SMALL, palette["dim"], wide=rungs if edge.skip else None)))
    if edge.skip:
        looks |= {"style": "dotted", "color": palette["skip"], "penwidth": "1.4", "weight": "250", "minlen": "0"}
        dot.edge(f"v{edge.source}", f"v{edge.target}", **looks)
    elif up:
        dot.edge(f"v{edge.target}", f"v{edge.source}", dir="back", **looks)
    else:
        dot.edge(f"v{edge.source}", f"v{edge.target}", **looks)


def _vertex(vertex: Vertex, look: _Look) -> dict[str, str]:
    """Shape, size, colours and label of a vertex."""
    palette = look.palette
    wide = _text_width(vertex, look.unit) if vertex.role == "conditioning" else look.wide
    if _is_small(vertex):
        return _small(vertex, look)
    fill, ink = (palette[role] for role in colours_of(vertex))
    rows = _row(_cell(captions.first_line(vertex), _NAME, ink, bold=True, wide=wide - _badges_width(vertex)),
                *(_badge(badge, palette) for badge in vertex.badges))  # fmt: skip
    second = captions.second_line(vertex, unit=look.unit)
    lines = [rows]
    if second:
        lines.append(_row(_cell(second, _SMALL, ink, wide=wide, span=1 + len(vertex.badges))))
    looks = {"shape": "box", "style": "rounded,filled", "fillcolor": fill, "color": ink}
    if vertex.sort in ("input", "output"):
        looks |= {"color": palette["dim"], "style": "rounded,filled,dashed"}
    return looks | _size(wide + 2 * _PAD, 34 if second else 22) | {"label": _table(*lines)}


def _small(vertex: Vertex, look: _Look) -> dict[str, str]:
    """A sign in a circle, an operation in a bar, a badge as the blocks that read it wear it.

    A concatenation is as wide as a module, so that a skip can end at its level without pushing it aside.
    """
    text, palette = captions.first_line(vertex), look.palette
    if vertex.sort == "badge":
        return {"shape": "plain", "fixedsize": "false",
                "label": _table(_row(_badge(vertex.name, palette), _cell(text, _NAME, palette["ink"], bold=True)))}  # fmt: skip
    if len(text) == 1:
        looks = {"shape": "circle", "style": "filled", "fillcolor": palette["background"], "color": palette["flow"]}
        return looks | _size(17, 17) | {"label": _table(_row(_cell(text, 12, palette["flow"])))}
    fill, ink = (palette[role] for role in colours_of(vertex))
    looks = {"shape": "box", "style": "rounded,filled", "fillcolor": fill, "color": palette["outline"]}
    label = _table(_row(_cell(text, _SMALL, ink)))
    full = vertex.name == "cat" and vertex.role != "conditioning"
    return looks | _size(look.wide + 2 * _PAD if full else width(text, _SMALL) + 12, 17) | {"label": label}


def colours_of(vertex: Vertex) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a vertex: those of its kind, in every format."""
    if vertex.sort in ("input", "output", "badge"):
        return "background", "ink"
    fill: ColourRole = "concat" if vertex.sort == "operation" and vertex.name == "cat" else "other"
    fill = _FILLS.get(vertex.kind, fill)
    return fill, _INKS[fill]


def _is_small(vertex: Vertex) -> bool:
    return vertex.sort in ("operation", "badge")


def _widest(graph: Graph, unit: str) -> float:
    """The widest text of a vertex outside the conditioning."""
    drawn = (v for v in graph.vertices if v.role != "conditioning" and not _is_small(v))
    return max((_text_width(vertex, unit) for vertex in drawn), default=0)


def _text_width(vertex: Vertex, unit: str) -> float:
    first = width(captions.first_line(vertex), _NAME, bold=True) + _badges_width(vertex)
    return max(first, width(captions.second_line(vertex, unit=unit), _SMALL))


def _badges_width(vertex: Vertex) -> float:
    return (_BADGE + 4) * len(vertex.badges)


def _size(wide: float, high: float) -> dict[str, str]:
    return {"width": f"{wide * _POINT:.4f}", "height": f"{high * _POINT:.4f}"}


def _table(*rows: str) -> str:
    """An HTML-like label; what it is made of is escaped already."""
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="1">{"".join(rows)}</TABLE>>'


def _row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def _cell(
    text: str, size: float, colour: str, *, bold: bool = False, wide: float | None = None, span: int = 1
) -> str:
    """Text at the left of a cell wide enough for it in any font, for the engine knows but one."""
    wide = width(clean(text), size, bold=bold) if wide is None else wide
    shown = escaped(text)
    shown = f"<B>{shown}</B>" if bold and shown else shown
    spans = f' COLSPAN="{span}"' if span > 1 else ""
    return (
        f'<TD ALIGN="LEFT" WIDTH="{wide:.0f}"{spans}>'
        f'<FONT POINT-SIZE="{size:g}" COLOR="{colour}">{shown or " "}</FONT></TD>'
    )


def _badge(letter: str, palette: Palette) -> str:
    """The letter on its colour: round for time, square for context."""
    role: ColourRole = "time" if letter == "t" else "context"
    style = ' STYLE="ROUNDED"' if letter == "t" else ""
    return (
        f'<TD FIXEDSIZE="TRUE" WIDTH="{_BADGE + 2}" HEIGHT="{_BADGE}"><TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" '
        f'CELLSPACING="0" BGCOLOR="{palette[role]}"{style}><TR><TD FIXEDSIZE="TRUE" WIDTH="{_BADGE}" HEIGHT="{_BADGE}">'
        f'<FONT POINT-SIZE="10" COLOR="{palette["background"]}"><B>{letter}</B></FONT></TD></TR></TABLE></TD>'
    )


def escaped(text: str) -> str:
    """Text from outside for an HTML-like label: no markup, no escape sequence, no line break."""
    return re.sub(r"\\", "&#92;", html.escape(clean(text)))
