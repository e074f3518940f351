"""How the vertices of a dataflow graph look in DOT: shape, size, colours and label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from unetscope.analysis.dataflow.graph import Graph, Vertex
from unetscope.layout.measure import width
from unetscope.layout.scene import ColourRole
from unetscope.render.dataflow import captions
from unetscope.render.dataflow.dot_labels import BADGE, badge, cell, quoted, row, table
from unetscope.render.picture.theme import CUES, Cue, Palette, palettes
from unetscope.vocabulary import about

INKS: dict[ColourRole, ColourRole] = {
    "residual": "residual-ink",
    "attention": "attention-ink",
    "feed-forward": "feed-forward-ink",
    "conv-block": "conv-block-ink",
    "card": "ink",
    "conv": "conv-ink",
    "concat": "concat-ink",
    "other": "other-ink",
}
"""Ink for text and outline on each fill."""

_CUED: dict[Cue, dict[str, str]] = {
    "ruled": {"peripheries": "2"},
    "dashed": {"style": "rounded,filled,dashed"},
}
"""A second mark in the words of DOT, which rules no boxes: a second outline."""

PAD = 7.0
NAME, SMALL = 11.5, 10.0
_POINT = 1 / 72
_LEVEL = 250
"""A skip's pull to be level; that of a column's edges is 100, the engine's for vertices of one group."""


@dataclass(frozen=True, slots=True)
class VertexLook:
    """What all vertices share. `cues` mark fills that are too alike. `wide` is the text width on the main
    path, `rungs` that of the skips' labels, `level` how much it matters that skips are level; `rising` are
    the decoder's vertices, `sizes` what vertices make, by their numbers; `narrow` breaks words into short
    lines."""

    palette: Palette
    cues: Mapping[ColourRole, Cue]
    unit: str
    wide: float
    rungs: float
    level: int
    rising: frozenset[int]
    sizes: Mapping[int, str]
    narrow: bool


def look_of(graph: Graph, theme: str, unit: str, *, narrow: bool = False) -> VertexLook:
    """What the vertices of a graph share in a theme. Raises OutputError for an unknown one."""
    sizes = captions.made_sizes(graph, narrow=narrow)
    numbered = ((i, v) for i, v in enumerate(graph.vertices) if v.role != "conditioning")
    words = (_words(vertex, sizes.get(index, ""), unit, narrow=narrow) for index, vertex in numbered)
    wide = max((word.width for word in words), default=0)
    skips = [edge for edge in graph.edges if edge.skip]
    rungs = max((width(captions.edge_label(edge), SMALL) for edge in skips), default=0)
    # Where skips end at their concatenation one rung holds one; where stages are closed, several
    # lead to a stage from different levels.
    single = all(graph.vertices[edge.target].sort == "operation" for edge in skips)
    first = next((i for i, vertex in enumerate(graph.vertices) if vertex.role == "up"), len(graph.vertices))
    rising = (i for i, vertex in enumerate(graph.vertices) if i >= first and vertex.role != "conditioning")
    level = _LEVEL if single else 1
    cues = CUES.get(theme, {})
    return VertexLook(palettes(theme)[0], cues, unit, wide, rungs, level, frozenset(rising), sizes, narrow)


def vertex_attributes(number: int, vertex: Vertex, look: VertexLook) -> dict[str, str]:
    """Shape, size, colours and label of a vertex."""
    palette, output = look.palette, look.sizes.get(number, "")
    words = _words(vertex, output, look.unit, narrow=look.narrow)
    wide = words.width if vertex.role == "conditioning" else look.wide
    if _is_small(vertex):
        return _small(vertex, output, look)
    role = colours_of(vertex)[0]
    fill, ink = (palette[role] for role in colours_of(vertex))
    beside = [cell(words.size, SMALL, ink, wide=_size_width(words.size))] if words.size else []
    beside += [badge(letter, palette) for letter in vertex.badges]
    room = wide - _badges_width(vertex) - _size_width(words.size)
    lines = [row(cell(words.name, NAME, ink, bold=True, wide=room), *beside)]
    lines += [row(cell(line, SMALL, ink, wide=wide, span=1 + len(beside))) for line in words.below]
    looks = {"shape": "box", "style": "rounded,filled", "fillcolor": fill, "color": ink}
    if vertex.sort in ("input", "output"):
        looks |= {"color": palette["dim"], "style": "rounded,filled,dashed"}
    elif vertex.kind == "stage":
        looks["color"] = palette["outline"]
    elif role in look.cues:
        looks |= _CUED[look.cues[role]]
    return looks | _size(wide + 2 * PAD, 22 + 12 * len(words.below)) | {"label": table(*lines)}


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands on a vertex: its name, what it makes beside that, lines below; how wide all of it is."""

    name: str
    size: str
    below: tuple[str, ...]
    width: float


def _words(vertex: Vertex, output: str, unit: str, *, narrow: bool) -> _Words:
    name = captions.first_line(vertex, layers=not narrow)
    if _is_small(vertex):
        return _Words(name, output, (), width(f"{name} {output}", SMALL) + 2)
    second = captions.second_line(vertex, unit=unit)
    if vertex.role == "conditioning":  # beside the blocks there is less room
        size, below = "", tuple(filter(None, (" · ".join(filter(None, (second, output))),)))
    elif narrow:
        size, below = "", captions.narrow_lines(vertex, output, unit=unit)
    else:
        size, below = output, tuple(filter(None, (second,)))
    first = width(name, NAME, bold=True) + _badges_width(vertex) + _size_width(size)
    return _Words(name, size, below, max(first, *(width(line, SMALL) for line in below), 0.0))


def _small(vertex: Vertex, output: str, look: VertexLook) -> dict[str, str]:
    """A sign in a circle, an operation in a bar, a badge as the blocks that read it wear it.

    A concatenation is as wide as a module, so that a skip can end at its level without pushing it aside.
    """
    text, palette = captions.first_line(vertex), look.palette
    if vertex.sort == "badge":
        cells = (
            badge(vertex.name, palette),
            '<TD WIDTH="4"></TD>',
            cell(text, NAME, palette["ink"], bold=True),
        )
        return {"shape": "plain", "fixedsize": "false", "label": table(row(*cells))}
    sign = captions.is_sign(vertex)
    text += f" {output}" if output and not sign else ""
    label = {"label": quoted(text)}
    if sign:
        ink = palette["flow"]
        looks = {"shape": "circle", "style": "filled", "fillcolor": palette["background"], "color": ink}
        return looks | _size(17, 17) | label | {"fontsize": "12", "fontcolor": ink}
    fill, ink = (palette[role] for role in colours_of(vertex))
    looks = {"shape": "box", "style": "rounded,filled", "fillcolor": fill, "color": palette["outline"]}
    full = vertex.name == "cat" and vertex.role != "conditioning"
    return (
        looks
        | _size(look.wide + 2 * PAD if full else width(text, SMALL) + 12, 17)
        | label
        | {"fontcolor": ink}
    )


def colours_of(vertex: Vertex) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a vertex: those of its kind, in every format."""
    if vertex.sort in ("input", "output", "badge"):
        return "background", "ink"
    unknown: ColourRole = "concat" if vertex.sort == "operation" and vertex.name == "cat" else "other"
    fill = about(vertex.kind).fill or unknown
    return fill, INKS[fill]


def _is_small(vertex: Vertex) -> bool:
    return vertex.sort in ("operation", "badge")


def _size_width(output: str) -> float:
    return width(output, SMALL) + 8 if output else 0.0


def _badges_width(vertex: Vertex) -> float:
    return (BADGE + 4) * len(vertex.badges)


def _size(wide: float, high: float) -> dict[str, str]:
    return {"width": f"{wide * _POINT:.4f}", "height": f"{high * _POINT:.4f}"}
