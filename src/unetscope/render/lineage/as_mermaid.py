"""A family tree as a Mermaid flowchart: a subgraph for each network that several models share."""

from __future__ import annotations

from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.layout.tree import size
from unetscope.render.dataflow.as_mermaid import label


def source(tree: FamilyTree, *, title: str) -> str:
    """The tree from left to right, the step on each edge."""
    lines = ["flowchart LR", f"  %% {title}"]
    for letter, members in tree.sharing().items():
        lines.append(f"  subgraph network_{letter}[{label(f'{letter}: one network')}]")
        lines += [f"    {_node(tree, member)}" for member in members]
        lines.append("  end")
    lines += [f"  {_node(tree, relative)}" for relative in tree.relatives if not relative.network]
    lines += [
        f"  m{member.above} -->|{label(member.step)}| m{at}"
        for at, member in enumerate(tree.relatives)
        if member.above is not None
    ]
    return "\n".join(lines) + "\n"


def _node(tree: FamilyTree, relative: Relative) -> str:
    year = f" · {relative.year}" if relative.year else ""
    return f"m{tree.relatives.index(relative)}[{label(relative.id, f'{size(relative)}{year}')}]"
