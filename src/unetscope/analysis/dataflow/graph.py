"""What a dataflow graph is made of: vertices, edges and clusters as frozen plain data.

Knows no colours, sizes or formats; `flow` derives one from an Architecture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from unetscope.cost import Cost
from unetscope.model import Role
from unetscope.sizes import Shape

Sort: TypeAlias = Literal["input", "module", "operation", "badge", "output"]
Badge: TypeAlias = Literal["t", "c"]

CONDITIONING = "Conditioning"
"""The name of the cluster that holds what turns time and text into what the blocks read."""


@dataclass(frozen=True, slots=True)
class Vertex:
    """A module, an operation done between modules, or an end of the graph.

    `path` is the module's, for an operation that of the module doing it; `name` its class, the
    operation's name, the input's name or the badge; `stage` the name of a stage (Down 1). A module
    that ran twice has two vertices; its parameters count at the first. `cost` is that of one of
    `repeats` equal modules drawn once. `layers` counts the transformer blocks inside. `badges` say
    which conditioning it reads: t for what derives from the time step, c for anything else.
    `cluster` is the path of the opened module around it, "" for anything in the conditioning; `like` that of
    an opened module with the same inside, for which it stays closed.
    """

    sort: Sort
    path: str
    name: str
    kind: str = ""
    role: Role | None = None
    stage: str = ""
    cost: Cost = field(default_factory=Cost)
    shape: Shape | None = None
    layers: int = 0
    repeats: int = 1
    badges: tuple[Badge, ...] = ()
    cluster: str | None = None
    like: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """Tensors that one vertex made and another reads; both are indices into `Graph.vertices`.

    `shapes` holds one shape, with batch, per tensor. `skip` marks long skip connections.
    """

    source: int
    target: int
    shapes: tuple[Shape, ...]
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """A module that was opened, or with path "" the conditioning. `name` is that of a stage, else "".

    `repeats` counts equal ones in a row, drawn once; `parent` is the path of the cluster around it.
    """

    path: str
    name: str
    type: str
    kind: str = ""
    repeats: int = 1
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A dataflow graph: vertices in the order of the forward, so that edges only lead onwards."""

    depth: int
    vertices: tuple[Vertex, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]

    def __repr__(self) -> str:
        return f"Graph(depth={self.depth}, vertices={len(self.vertices)}, edges={len(self.edges)})"


def without_conditioning(graph: Graph) -> Graph:
    """The graph without what makes t and c: blocks keep the badges of what they read."""
    numbers = [number for number, vertex in enumerate(graph.vertices) if vertex.role != "conditioning"]
    places = {number: place for place, number in enumerate(numbers)}
    edges = tuple(
        replace(edge, source=places[edge.source], target=places[edge.target])
        for edge in graph.edges
        if edge.source in places and edge.target in places
    )
    clusters = tuple(cluster for cluster in graph.clusters if cluster.path)
    return replace(graph, vertices=tuple(graph.vertices[n] for n in numbers), edges=edges, clusters=clusters)
