"""A family tree as the bytes of a file, in each format that one can be written in."""

from __future__ import annotations

from unetscope.analysis.family_tree import FamilyTree
from unetscope.errors import OutputError
from unetscope.layout import tree
from unetscope.render.lineage import as_dot, as_mermaid, as_text
from unetscope.render.picture import pdf, png, svg

FORMATS = ("text", "svg", "png", "pdf", "dot", "mermaid")


def drawn(
    family_tree: FamilyTree, *, title: str, format: str, theme: str = "light", command: str = ""
) -> bytes:
    """The bytes of a file. Raises OutputError for an unknown choice."""
    if format not in FORMATS:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(FORMATS))
    match format:
        case "text":
            return as_text.lines(family_tree).encode()
        case "dot":
            return as_dot.source(family_tree, title=title, theme=theme).encode()
        case "mermaid":
            return as_mermaid.source(family_tree, title=title).encode()
    picture = svg.render(tree.draw(family_tree, title=title, command=command), theme=theme)
    if format == "svg":
        return picture.encode()
    return png.render(picture) if format == "png" else pdf.render(picture)
