"""The words of a dataflow graph: what stands on its vertices, edges, clusters and above them."""

from __future__ import annotations

from unetscope.analysis.dataflow.graph import Cluster, Edge, Graph, Vertex
from unetscope.analysis.remarks import remarks
from unetscope.cost import Cost
from unetscope.layout.measure import wrapped
from unetscope.layout.parts.frame import command_lines
from unetscope.model import Architecture
from unetscope.vocabulary import OBSERVED_STAGE, WORDS
from unetscope.words import basis, units
from unetscope.words.conventions import per

_SIGNS = {
    "add": "+",
    "sub": "−",
    "mul": "×",
    "cat": "concat",
    "scaled_dot_product_attention": "attention",
    "upsample_nearest2d": "nearest",
}
_ROOM, _NARROW, _SIZE = 620.0, 300.0, 11.0
"""What a line above the graph takes at most, on a page and in a column, and the size of its letters."""
_BADGES = {"t": "time", "c": "context"}


def heading(
    architecture: Architecture, graph: Graph, *, unit: str, command: str = "", narrow: bool = False
) -> tuple[str, ...]:
    """The title, what was counted, on what basis, how to read the picture, and what draws it again."""
    room = _NARROW if narrow else _ROOM
    cost = architecture.cost
    spent = f"{work(cost, unit)} {per(architecture.counting)}"
    counted = f"{architecture.class_name} · {units.params(cost.params)} parameters · {spent}"
    parts = [f"dataflow at depth {graph.depth}", "sizes where they change"]
    if any(edge.skip for edge in graph.edges):
        parts.append("dotted: skip connections, with channels")
    used = {badge for vertex in graph.vertices for badge in vertex.badges}
    if any(vertex.like for vertex in graph.vertices):
        parts.append("of blocks with the same inside, whatever their widths, the first is opened")
    parts += [f"{badge}: reads {_BADGES[badge]}" for badge in sorted(used, reverse=True)]
    parts += remarks(architecture, limit=3)
    holds = [
        f"basis: {basis.short(architecture)}",
        *basis.notes(architecture.counting, architecture.uncounted),
    ]
    lines = [line for part in (holds, parts) for line in wrapped(" · ".join(part), room, _SIZE)]
    title = wrapped(architecture.title, room * _SIZE / 18, _SIZE) if narrow else [architecture.title]
    counts = wrapped(counted, room, _SIZE)
    return (*title, *counts, *lines, *command_lines(command, room, _SIZE))


def work(cost: Cost, unit: str) -> str:
    """MACs, or FLOPs for unit flops, with the unit's name."""
    return units.macs(cost.flops, "FLOP") if unit == "flops" else units.macs(cost.macs)


def first_line(vertex: Vertex, *, layers: bool = True) -> str:
    """What a vertex is: a stage's name, the field's word, the class where there is none, a sign."""
    match vertex.sort:
        case "operation":
            return _SIGNS.get(vertex.name, vertex.name)
        case "input":
            return vertex.name.rpartition(".")[2]
        case "badge":
            return _BADGES[vertex.name]
        case "output":
            return vertex.name
    named = vertex.path if vertex.name == OBSERVED_STAGE else vertex.name
    word = vertex.stage or (vertex.kind if vertex.name in WORDS else named)
    if vertex.layers and layers:
        word += f", {vertex.layers} layer{'s' if vertex.layers > 1 else ''}"
    return f"{word} ×{vertex.repeats}" if vertex.repeats > 1 else word


def second_line(vertex: Vertex, *, unit: str) -> str:
    """Where a module is inside the opened one around it, and what it costs with all its repeats.

    What little the conditioning costs is left out, to keep it narrow.
    """
    if vertex.sort != "module":
        return ""
    parts = [_range(_inside(vertex.path, vertex.cluster), vertex.repeats)]
    if vertex.cost.params and vertex.role != "conditioning":
        parts.append(units.params(vertex.cost.params * vertex.repeats))
    if vertex.cost.macs and vertex.role != "conditioning":
        parts.append(work(Cost(other=vertex.cost.macs * vertex.repeats), unit))
    return " · ".join(parts)


def narrow_lines(vertex: Vertex, output: str, *, unit: str) -> tuple[str, ...]:
    """What stands below a vertex's name in a column of a paper: what it makes, its layers, what it costs."""
    layers = f"{vertex.layers} layer{'s' if vertex.layers > 1 else ''}" if vertex.layers else ""
    params = units.params(vertex.cost.params * vertex.repeats) if vertex.cost.params else ""
    spent = work(Cost(other=vertex.cost.macs * vertex.repeats), unit) if vertex.cost.macs else ""
    both = " · ".join(filter(None, (layers, params)))
    return tuple(filter(None, (output, both, spent) if vertex.sort == "module" else (output,)))


def cluster_lines(cluster: Cluster) -> tuple[str, str]:
    """What an opened module is, and where inside the one around it, with the number of equal ones."""
    if not cluster.path:
        return cluster.name, ""
    inside = _range(_inside(cluster.path, cluster.parent), cluster.repeats)
    name = cluster.name or (cluster.kind if cluster.type in WORDS else cluster.type)
    return name, f"{inside} · {cluster.repeats} equal, drawn once" if cluster.repeats > 1 else inside


def edge_label(edge: Edge) -> str:
    """C×H×W of what an edge carries, for skips the channels: "320×64×64", "3 × 320"."""
    sizes = [str(s[1]) if edge.skip and len(s) > 1 else units.dimensions(s) for s in edge.shapes]
    counts = {size: sizes.count(size) for size in sizes if size}
    return ", ".join(size if count == 1 else f"{count} × {size}" for size, count in counts.items())


def made_sizes(graph: Graph, *, narrow: bool = False) -> dict[int, str]:
    """What vertices make where it is not what they were given, by their numbers: "320×64×64"; at a
    concatenation with the channels of the skips that end there. Of inputs, what they hold."""
    received: dict[int, list[str]] = {}
    sent: dict[int, list[str]] = {}
    joined: dict[int, list[str]] = {}
    for edge in graph.edges:
        (joined if edge.skip else received).setdefault(edge.target, []).append(edge_label(edge))
        if not edge.skip:
            sent.setdefault(edge.source, []).append(edge_label(edge))
    changed = {}
    for number, sizes in sent.items():
        new = [size for size in dict.fromkeys(sizes) if size and size not in received.get(number, ())]
        if graph.vertices[number].sort == "operation" and number in joined:
            channels = "with " + " + ".join(joined[number])
            new = [channels] if narrow else [f"{channels} · {', '.join(new)}"]
        if new:
            changed[number] = ", ".join(new)
    return changed


def is_sign(vertex: Vertex) -> bool:
    """Whether a vertex is a mere sign in a circle, with no room for a size."""
    return vertex.sort == "operation" and len(first_line(vertex)) == 1


def vertex_title(vertex: Vertex, *, unit: str) -> str:
    """One line on a vertex with its full path and class, for tooltips."""
    if vertex.sort != "module":
        return " in ".join(filter(None, (vertex.name, vertex.path)))
    output = f", makes {units.dimensions(vertex.shape)}" if vertex.shape and len(vertex.shape) > 1 else ""
    cost = f": {units.exact(vertex.cost.params)} parameters, {work(vertex.cost, unit)}"
    inside = f", inside as in {vertex.like}" if vertex.like else ""
    return f"{_range(vertex.path, vertex.repeats)}, {vertex.name}{cost}{output}{inside}"


def edge_title(graph: Graph, edge: Edge) -> str:
    """One line on an edge: from where to where, and the shapes."""
    ends = (graph.vertices[end] for end in (edge.source, edge.target))
    source, target = (vertex.path or vertex.name for vertex in ends)
    shapes = ", ".join("×".join(map(str, shape)) for shape in edge.shapes)
    return f"{'skip ' if edge.skip else ''}{source} → {target}: {shapes}"


def _inside(path: str, around: str | None) -> str:
    return path[len(around) + 1 :] if around else path


def _range(path: str, repeats: int) -> str:
    """The path of the first of some modules in a list, extended to the last: blocks.0–9."""
    above, _, index = path.rpartition(".")
    if repeats == 1 or not (index.isascii() and index.isdigit()):
        return path
    return f"{above}.{index}–{int(index) + repeats - 1}"
