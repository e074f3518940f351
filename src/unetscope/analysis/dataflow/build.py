"""Architecture → its dataflow graph at a depth: what ran as vertices, observed tensors as edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.analysis.cost.conventions import of_call
from unetscope.analysis.dataflow.graph import CONDITIONING, Badge, Cluster, Edge, Graph, Vertex
from unetscope.analysis.dataflow.vertices import (
    ForwardVertices,
    VertexCalls,
    follow,
    origins,
    skip_reads,
    steps,
)
from unetscope.analysis.operation_details import without_casts
from unetscope.calls import InputRole
from unetscope.cost import Cost, total
from unetscope.model import Architecture, Node
from unetscope.paths import parent
from unetscope.sizes import Shape
from unetscope.vocabulary import CONTAINERS

_TIMES: frozenset[InputRole] = frozenset({"time", "guidance"})


@dataclass(frozen=True, slots=True)
class _Flow:
    """What we know of an architecture while its graph is built. `origins` are bits of the inputs a call
    depends on, `shapes` those of calls as modules returned them."""

    architecture: Architecture
    steps: ForwardVertices
    origins: list[int]
    shapes: dict[int, Shape]
    skips: frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Read:
    """One tensor on its way from the call or input `source` to the vertex `target`."""

    source: int
    target: int
    shape: Shape
    skip: bool = False


def graph(architecture: Architecture, *, depth: int = 1) -> Graph:
    """The dataflow graph with the modules of a depth as vertices: 1 is stages, 2 their blocks, ….

    What an opened module does itself becomes a vertex where it joins tensors or computes;
    scalings, casts and copies are passed through. Equal modules in a row are drawn once, whatever is cast; of
    blocks with the same inside, whatever their widths, the first alone is opened.
    """
    architecture = without_casts(architecture)
    flow = _Flow(
        architecture,
        steps(architecture, depth=depth),
        origins(architecture),
        _returned_shapes(architecture),
        skip_reads(architecture),
    )
    inputs = _inputs(flow)
    vertices = [_input(flow, index) for index in inputs] + list(_ran(flow))
    maker = {~index: number for number, index in enumerate(inputs)}
    for number, step in enumerate(flow.steps.steps, start=len(inputs)):
        maker.update(dict.fromkeys(step.calls, number))
    reads = _badged(flow, vertices, maker) + _put_out(flow, vertices, maker)
    return Graph(depth, tuple(vertices), _edges(reads, maker), _clusters(flow, vertices))


def _returned_shapes(architecture: Architecture) -> dict[int, Shape]:
    """Shapes of calls as the outermost module that returned them shows them: a linear layer's
    operation works on a flat matrix, its module on batch × tokens × width."""
    shapes: dict[int, Shape] = {}
    for node in architecture.nodes:
        if node.returned and node.output is not None:
            shapes.setdefault(node.returned[0], node.output)
    return shapes


def _inputs(flow: _Flow) -> list[int]:
    """Indices of the inputs that a step reads, the sample first."""
    calls = flow.architecture.calls
    reads = (read for step in flow.steps.steps for index in step.calls for read in calls[index].reads)
    tensors = {follow(flow.steps.shown, read) for read in reads}
    return sorted(~tensor for tensor in tensors if tensor is not None and tensor < 0)


def _input(flow: _Flow, index: int) -> Vertex:
    input_ = flow.architecture.inputs[index]
    if index == 0:
        return Vertex("input", "", input_.name, shape=input_.shape)
    return Vertex("input", "", input_.name, role="conditioning", shape=input_.shape, cluster="")


def _ran(flow: _Flow) -> Iterator[Vertex]:
    """One vertex per step; the parameters of a module count where it first runs."""
    seen: set[str] = set()
    for step in flow.steps.steps:
        stage, aside = flow.architecture.stage_of(step.path), _is_aside(flow, step)
        yield replace(
            _module(flow, step, again=step.path in seen) if step.closed else _operation(flow, step),
            role="conditioning" if aside else stage.role if stage else None,
            cluster=""
            if aside
            else _around(flow.architecture, parent(step.path) if step.closed else step.path),
        )
        seen.add(step.path)


def _module(flow: _Flow, step: VertexCalls, *, again: bool) -> Vertex:
    architecture, path = flow.architecture, step.path
    node = architecture.by_path[path]
    return Vertex(
        "module",
        path,
        node.type,
        node.kind,
        stage=_stage_name(flow, path),
        cost=_macs(flow, step) + Cost(params=0 if again else architecture.costs[path].params),
        shape=None if node.output is None else _batched(architecture, node.output),
        layers=_layers(architecture, node),
        repeats=flow.steps.repeats.counts.get(path, 1),
        like=flow.steps.alike.get(path, ""),
    )


def _operation(flow: _Flow, step: VertexCalls) -> Vertex:
    call = step.calls[0]
    name = flow.architecture.operations[flow.architecture.calls[call].operation].name
    return Vertex("operation", step.path, name, cost=_macs(flow, step), shape=_shape(flow, call))


def _layers(architecture: Architecture, node: Node) -> int:
    """Transformer blocks inside a transformer; 0 for any other module."""
    if node.kind != "transformer":
        return 0
    return sum(inside.kind == "transformer block" for inside in architecture.below(node.path))


def _macs(flow: _Flow, step: VertexCalls) -> Cost:
    """The MACs of a step's operations, by class; no parameters."""
    architecture = flow.architecture
    return total(of_call(architecture, architecture.calls[call]) for call in step.calls)


def _stage_name(flow: _Flow, path: str) -> str:
    stage = flow.architecture.stage_of(path)
    return stage.name if stage and stage.path == path and stage.role in STAGED else ""


def _is_aside(flow: _Flow, step: VertexCalls) -> bool:
    """Whether a step belongs to the conditioning: it lies outside the stages and does not depend on the
    sample."""
    stage = flow.architecture.stage_of(step.path)
    touched = any(flow.origins[call] & 1 for call in step.calls)
    return not touched and (stage is None or stage.role not in STAGED)


def _around(architecture: Architecture, path: str) -> str | None:
    """The innermost module that is no list at or above a path; None for the network itself."""
    while path and architecture.by_path[path].type in CONTAINERS:
        path = parent(path)
    return path or None


def _shape(flow: _Flow, tensor: int) -> Shape:
    """The shape of a call's result or, for ~i, of an input; () where it is unknown."""
    if tensor < 0:
        return flow.architecture.inputs[~tensor].shape
    outputs = flow.architecture.operations[flow.architecture.calls[tensor].operation].outputs
    return _batched(flow.architecture, flow.shapes.get(tensor) or (outputs[0] if outputs else ()))


def _batched(architecture: Architecture, shape: Shape) -> Shape:
    """A shape that starts with the batch: six time ids of each sample, flattened with it, get an axis."""
    batch = architecture.basis.batch
    if len(shape) < 2 or shape[0] == batch or shape[0] % batch:
        return shape
    return batch, shape[0] // batch, *shape[1:]


def _reads(flow: _Flow, maker: dict[int, int]) -> Iterator[_Read]:
    """Every tensor that a step reads and another step made, in order."""
    for step in flow.steps.steps:
        target = maker[step.calls[0]]
        for index in step.calls:
            for at, read in enumerate(flow.architecture.calls[index].reads):
                source = follow(flow.steps.shown, read)
                if source is not None and maker[source] != target:
                    yield _Read(source, target, _shape(flow, read), (index, at) in flow.skips)


def _badged(flow: _Flow, vertices: list[Vertex], maker: dict[int, int]) -> list[_Read]:
    """What is drawn as edges. A reader of conditioning outside the conditioning gets a badge, and a vertex
    for the badge reads in its place; both change `vertices`."""
    reads: list[_Read] = []
    badges: dict[Badge, list[_Read]] = {}
    for read in _reads(flow, maker):
        here = vertices[read.target]
        if here.role == "conditioning" or vertices[maker[read.source]].role != "conditioning":
            reads.append(read)
            continue
        badge = _badge(flow, read.source)
        badges.setdefault(badge, []).append(read)
        vertices[read.target] = replace(here, badges=tuple(sorted({*here.badges, badge}, reverse=True)))
    for badge in sorted(badges, reverse=True):
        reads += [replace(read, target=len(vertices)) for read in badges[badge]]
        vertices.append(Vertex("badge", "", badge, role="conditioning", cluster=""))
    return reads


def _badge(flow: _Flow, tensor: int) -> Badge:
    """The badge of a tensor: t if it depends on the time step, else c."""
    bits = flow.origins[tensor] if tensor >= 0 else 1 << ~tensor
    roles = {input_.role for index, input_ in enumerate(flow.architecture.inputs) if bits >> index & 1}
    return "t" if roles & _TIMES else "c"


def _put_out(flow: _Flow, vertices: list[Vertex], maker: dict[int, int]) -> list[_Read]:
    """What the network returns, each read by an output vertex that is added to `vertices`."""
    reads: list[_Read] = []
    for tensor in dict.fromkeys(flow.architecture.nodes[0].returned):
        source = follow(flow.steps.shown, tensor)
        if source in maker:
            reads.append(_Read(source, len(vertices), _shape(flow, tensor)))
            vertices.append(Vertex("output", "", "output", shape=reads[-1].shape))
    return reads


def _edges(reads: Iterable[_Read], maker: dict[int, int]) -> tuple[Edge, ...]:
    """One edge per pair of vertices, skips apart, with the shape of each tensor it carries."""
    shapes: dict[tuple[int, int, bool], dict[int, Shape]] = {}
    for read in reads:
        ends = (maker[read.source], read.target, read.skip)
        shapes.setdefault(ends, {}).setdefault(read.source, read.shape)
    return tuple(Edge(a, b, tuple(shapes[a, b, skip].values()), skip) for a, b, skip in sorted(shapes))


def _clusters(flow: _Flow, vertices: Iterable[Vertex]) -> tuple[Cluster, ...]:
    """The opened modules that vertices stand in, each after the one around it."""
    clusters: dict[str, Cluster] = {}
    for vertex in vertices:
        inner: list[str] = []
        path = vertex.cluster
        while path is not None and path not in clusters:
            inner.append(path)
            path = _around(flow.architecture, parent(path))
        for path in reversed(inner):
            clusters[path] = _cluster(flow, path)
    return tuple(clusters.values())


def _cluster(flow: _Flow, path: str) -> Cluster:
    if not path:
        return Cluster("", CONDITIONING, "")
    node = flow.architecture.by_path[path]
    above = _around(flow.architecture, parent(path))
    repeats = flow.steps.repeats.counts.get(path, 1)
    return Cluster(path, _stage_name(flow, path), node.type, node.kind, repeats, above)
