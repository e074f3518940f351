"""A family tree as a Mermaid flowchart: a subgraph for each network that several models share."""

from __future__ import annotations

from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.layout.tree import size
from unetscope.render.dataflow.as_mermaid import label


def source(given: FamilyTree, *, title: str) -> str:
    """The tree from left to right, the step on each edge."""
    lines = ["flowchart LR", f"  %% {title}"]
    for letter, members in given.sharing().items():
        lines.append(f"  subgraph network_{letter}[{label(f'{letter}: one network')}]")
        lines += [f"    {_node(given, member)}" for member in members]
        lines.append("  end")
    lines += [f"  {_node(given, relative)}" for relative in given.relatives if not relative.network]
    lines += [
        f"  m{one.above} -->|{label(one.step)}| m{at}"
        for at, one in enumerate(given.relatives)
        if one.above is not None
    ]
    return "\n".join(lines) + "\n"


def _node(given: FamilyTree, one: Relative) -> str:
    year = f" · {one.year}" if one.year else ""
    return f"m{given.relatives.index(one)}[{label(one.id, f'{size(one)}{year}')}]"
