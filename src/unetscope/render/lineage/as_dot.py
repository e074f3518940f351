"""A family tree as DOT: a cluster for each network that several models share, the step on each edge."""

from __future__ import annotations

import graphviz

from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.layout.tree import size
from unetscope.render.dataflow.dot_labels import quoted
from unetscope.render.picture.theme import palettes

_FONT = "Helvetica,Arial,sans-serif"


def source(tree: FamilyTree, *, title: str, theme: str) -> str:
    """The tree from left to right, coloured by a theme."""
    palette = palettes(theme)[0]
    dot = graphviz.Digraph("lineage")
    dot.attr("graph", rankdir="LR", label=quoted(title), labelloc="t", fontname=_FONT,
             fontcolor=palette["ink"],
             bgcolor=palette["background"], newrank="true", nodesep="0.2", ranksep="0.4")  # fmt: skip
    dot.attr("node", shape="box", style="rounded,filled", fontname=_FONT, fontsize="11",
             color=palette["outline"], fillcolor=palette["background"], fontcolor=palette["ink"])  # fmt: skip
    dot.attr("edge", fontname=_FONT, fontsize="9", color=palette["flow"], fontcolor=palette["dim"])
    for letter, members in tree.sharing().items():
        with dot.subgraph(name=f"cluster_{letter}") as inner:
            inner.attr(label=quoted(f"{letter}: one network"), style="rounded,filled", fontname=_FONT,
                       color=palette["line"], fillcolor=palette["card"], fontsize="10",
                       fontcolor=palette["dim"])  # fmt: skip
            for member in members:
                _node(inner, tree, member)
    for member in tree.relatives:
        if not member.network:
            _node(dot, tree, member)
    for at, member in enumerate(tree.relatives):
        if member.above is not None:
            dot.edge(f"m{member.above}", f"m{at}", label=quoted(member.step))
    return str(dot.source)


def _node(dot: graphviz.Digraph, tree: FamilyTree, relative: Relative) -> None:
    year = f" · {relative.year}" if relative.year else ""
    wide = {"penwidth": "2"} if relative.id == tree.here else {}
    label = graphviz.escape(relative.id) + r"\n" + graphviz.escape(f"{size(relative)}{year}")
    dot.node(f"m{tree.relatives.index(relative)}", label=label, **wide)
