"""A dataflow graph as the bytes of a file, in each format that one can be written in."""

from __future__ import annotations

from unetscope.analysis.dataflow.graph import Graph, without_conditioning
from unetscope.errors import OutputError
from unetscope.limits import MAX_EDGES, MAX_VERTICES
from unetscope.model import Architecture
from unetscope.render.dataflow import as_mermaid, captions, dot, engine, page
from unetscope.render.dataflow.in_words import in_words
from unetscope.render.picture import pdf, png, schemes

FORMATS = ("svg", "png", "pdf", "dot", "mermaid")


def graph(
    architecture: Architecture, graph: Graph, *, format: str, theme: str = "light", unit: str = "macs",
    width: str = "full", command: str = "",
) -> bytes:  # fmt: skip
    """The bytes of a file; `width` is that of pictures. Raises OutputError for an unknown choice, without an
    engine, for a graph too large to lay out, and for one too wide for a column."""
    if format not in FORMATS:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(FORMATS))
    if format == "mermaid":
        bare = captions.heading(architecture, graph, unit=unit)
        return as_mermaid.source(graph, bare, theme=theme, unit=unit).encode()
    narrow = width == "column"
    graph = without_conditioning(graph) if narrow else graph
    heading = captions.heading(architecture, graph, unit=unit, command=command, narrow=narrow)
    if format == "dot":
        return dot.source(graph, heading, theme=theme, unit=unit, narrow=narrow).encode()
    if format == "svg" and theme == "auto":
        light, dark = (
            _svg(architecture, graph, heading, scheme, unit, width) for scheme in ("light", "dark")
        )
        return schemes.both(light, dark).encode()
    picture = _svg(architecture, graph, heading, theme, unit, width)
    match format:
        case "png":
            return png.render(picture)
        case "pdf":
            return pdf.render(picture)
        case _:
            return picture.encode()


def _check_size(graph: Graph) -> None:
    """Refuse what the engine would not lay out in reasonable time, before it is asked."""
    vertices, edges = len(graph.vertices), len(graph.edges)
    if vertices > MAX_VERTICES or edges > MAX_EDGES:
        raise OutputError(
            f"a graph of {vertices} vertices and {edges} edges is too large to draw: the most is "
            f"{MAX_VERTICES} and {MAX_EDGES}",
            hint="use a smaller --depth, or write .dot or .mmd",
        )


def _svg(
    architecture: Architecture, graph: Graph, heading: tuple[str, ...], theme: str, unit: str, width: str
) -> str:
    _check_size(graph)
    titles = {f"v{i}": captions.vertex_title(vertex, unit=unit) for i, vertex in enumerate(graph.vertices)}
    titles |= {f"e{i}": captions.edge_title(graph, edge) for i, edge in enumerate(graph.edges)}
    titles |= {f"c{i}": " ".join((cluster.path, cluster.type)) for i, cluster in enumerate(graph.clusters)}
    source = dot.source(graph, heading, theme=theme, unit=unit, narrow=width == "column")
    dressed, scale = page.fitted(engine.run(source), width)
    title, description = f"{architecture.title}, dataflow graph", in_words(architecture, graph)
    return engine.dress(dressed, title=title, description=description, titles=titles, scale=scale)
