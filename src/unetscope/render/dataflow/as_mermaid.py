"""Graph → Mermaid text, for pages that draw it themselves. Labels are reduced to safe characters."""

from __future__ import annotations

import json
from collections.abc import Iterator

from unetscope.analysis.dataflow.graph import Cluster, Edge, Graph, Vertex
from unetscope.layout.scene import ColourRole
from unetscope.render.dataflow import captions
from unetscope.render.dataflow.dot_nodes import colours_of
from unetscope.render.picture.theme import Palette, palettes
from unetscope.words.safe import clean

_SAFE = frozenset(" .,_-+/()=:·×→−–")
_INDENT = "  "


def source(graph: Graph, heading: tuple[str, ...], *, theme: str, unit: str) -> str:
    """The graph as a Mermaid flowchart; stages are subgraphs, skips dotted links. The title says it all: no
    other text of a flowchart stands outside its boxes."""
    palette = palettes(theme)[0]
    title, counted, *rest = heading
    words = ", ".join((title, counted, " ".join(rest)))
    lines = ["---", f"title: {_quoted(words)}", "---", "flowchart TB"]
    lines += _within(graph, None, _INDENT, unit)
    lines += [_INDENT + _link(edge) for edge in graph.edges]
    lines += [_INDENT + line for line in _styles(graph, palette)]
    return "\n".join(lines) + "\n"


def label(*lines: str) -> str:
    """Text from outside as a quoted Mermaid label: what is not plainly harmless becomes its number."""
    return '"' + "<br>".join("".join(map(_character, clean(line))) for line in lines if line) + '"'


def _character(char: str) -> str:
    if char in _SAFE or char.isalnum():
        return char
    return f"#{ord(char)};"


def _quoted(text: str) -> str:
    """YAML for a title: ASCII without a character that YAML, HTML or Mermaid would read as markup."""
    safe_text = "".join(char if char in _SAFE or char.isalnum() else " " for char in clean(text))
    return json.dumps(" ".join(safe_text.split()), ensure_ascii=False)


def _within(graph: Graph, path: str | None, indent: str, unit: str) -> Iterator[str]:
    """The subgraphs and vertices directly inside a cluster, or of the whole graph for None."""
    for index, cluster in enumerate(graph.clusters):
        if cluster.parent == path and cluster.path != path:
            yield f"{indent}subgraph c{index}[{_name(cluster)}]"
            yield from _within(graph, cluster.path, indent + _INDENT, unit)
            yield f"{indent}end"
    for index, vertex in enumerate(graph.vertices):
        if vertex.cluster == path:
            yield f"{indent}v{index}{_shaped(vertex, unit)}"


def _name(cluster: Cluster) -> str:
    return label(" · ".join(filter(None, captions.cluster_lines(cluster))))


def _shaped(vertex: Vertex, unit: str) -> str:
    """The label of a vertex in the brackets of its shape."""
    badges = "".join(f" ({badge})" for badge in vertex.badges)
    words = label(captions.first_line(vertex) + badges, captions.second_line(vertex, unit=unit))
    if vertex.sort in ("input", "output"):
        return f"([{words}])"
    is_sign = vertex.sort == "operation" and len(captions.first_line(vertex)) == 1
    return f"(({words}))" if is_sign or vertex.sort == "badge" else f"[{words}]"


def _link(edge: Edge) -> str:
    text, arrow = captions.edge_label(edge), "-.->" if edge.skip else "-->"
    caption = f"|{label(text)}|" if text else ""
    return f"v{edge.source} {arrow}{caption} v{edge.target}"


def _styles(graph: Graph, palette: Palette) -> Iterator[str]:
    """A class per pair of colours in use with the vertices that have it, and the colours of subgraphs."""
    members: dict[tuple[ColourRole, ColourRole], list[str]] = {}
    for index, vertex in enumerate(graph.vertices):
        members.setdefault(colours_of(vertex), []).append(f"v{index}")
    for (fill, ink), names in sorted(members.items()):
        name = fill.replace("-", "")
        yield f"classDef {name} fill:{palette[fill]},color:{palette[ink]},stroke:{palette[ink]}"
        yield f"class {','.join(names)} {name}"
    for index in range(len(graph.clusters)):
        yield f"style c{index} fill:{palette['card']},color:{palette['ink']},stroke:{palette['outline']}"
