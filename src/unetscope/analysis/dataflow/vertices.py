"""The operations of one forward, grouped into what a dataflow graph shows as one vertex each.

Consecutive operations inside one module make a step, so that steps never depend on each other in a
circle, whatever the network does: each operation reads only earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from unetscope.analysis.dataflow.repeats import ModuleInside, Repeats, insides, repeats
from unetscope.model import Architecture, Stage
from unetscope.paths import parent, within
from unetscope.sizes import Shape
from unetscope.vocabulary import CONTAINERS, OBSERVED_STAGE

TensorEnds: TypeAlias = dict[tuple["Stage | None", Shape], set[str]]
"""Paths of the modules that skips come from, by the stage they lead to and their shape."""

_PLAIN = frozenset({"add", "sub", "mul", "div", "neg", "clone", "_to_copy", "copy_", "expand", "repeat"})
"""With a single tensor that varies these scale, shift, copy or cast: not worth a vertex."""


@dataclass(frozen=True, slots=True)
class VertexCalls:
    """Calls of one closed module in a row, or one call of an opened module (`closed` False)."""

    path: str
    closed: bool
    calls: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ForwardVertices:
    """The steps of a forward. `shown` maps a call or input to the one whose tensor it passes on:
    itself where no entry is, None for a constant. `alike` are modules that stay closed, with the one
    before that has the same inside and is opened."""

    steps: tuple[VertexCalls, ...]
    shown: dict[int, int | None]
    repeats: Repeats
    alike: dict[str, str]


def steps(architecture: Architecture, *, depth: int) -> ForwardVertices:
    """The steps with modules of a depth closed and those above them opened.

    Lists of modules add no depth; a module with nothing inside is closed at every greater depth, and so is
    one whose inside is that of a module before it, whatever its widths; stages are opened always.
    """
    owners, alike = _owners(architecture, depth)
    opened = [node.path for node, owner in zip(architecture.nodes, owners, strict=True) if owner is None]
    folded = repeats(
        architecture, lists=[path for path in opened if architecture.by_path[path].type in CONTAINERS]
    )
    hidden = _shown(architecture, owners, folded)
    runs: list[tuple[str, bool, list[int]]] = []
    for index, call in enumerate(architecture.calls):
        owner = owners[call.node]
        if index in hidden:
            continue
        if owner is not None and runs and runs[-1][:2] == (owner, True):
            runs[-1][2].append(index)
        else:
            runs.append((owner or architecture.nodes[call.node].path, owner is not None, [index]))
    done = (VertexCalls(path, closed, tuple(calls)) for path, closed, calls in runs)
    return ForwardVertices(tuple(done), hidden, folded, alike)


def _owners(architecture: Architecture, depth: int) -> tuple[list[str | None], dict[str, str]]:
    """For each node the closed module in which it lies, or None if that module is opened. Also the modules
    that stay closed because an equal one is opened before them, each path with that of the opened one."""
    level = {"": 0}
    owners: dict[str, str | None] = {"": None}
    opened: dict[ModuleInside, str] = {}
    alike: dict[str, str] = {}
    stages = {stage.path for stage in architecture.stages}
    ran = insides(architecture)
    for node in sorted(architecture.nodes[1:], key=lambda node: _order(architecture, node.path)):
        path, container = node.path, node.type in CONTAINERS
        level[path] = level[parent(path)] + (not container)
        closed = not container and (level[path] == depth or not architecture.children[path])
        above = owners[parent(path)]
        if above is None and not (closed or container or path in stages) and path in ran:
            first = opened.setdefault(ran[path], path)
            if first != path:
                closed, alike[path] = True, first
        owners[path] = above or (path if closed else None)
    return [owners[node.path] for node in architecture.nodes], alike


def _order(architecture: Architecture, path: str) -> tuple[int, int]:
    """The order of the forward: a module follows what contains it, and what never ran comes last."""
    return architecture.first_call.get(path, len(architecture.calls)), path.count(".")


def _shown(architecture: Architecture, owners: list[str | None], folded: Repeats) -> dict[int, int | None]:
    """The calls that get no step: repeats, constants, and what only passes a tensor on."""
    sources: dict[int, int | None] = dict.fromkeys(folded.hidden)
    sources.update(folded.stands_for)
    for index, call in enumerate(architecture.calls):
        if owners[call.node] is not None or index in folded.hidden:
            continue
        varying = [tensor for read in call.reads if (tensor := follow(sources, read)) is not None]
        if not varying:
            sources[index] = None
        elif len(varying) == 1 and architecture.operations[call.operation].name in _PLAIN:
            sources[index] = varying[0]
    return sources


def follow(sources: Mapping[int, int | None], tensor: int) -> int | None:
    """The call or input whose tensor is shown for a call or input; None for a constant."""
    origin: int | None = tensor
    while origin is not None and origin in sources:
        origin = sources[origin]
    return origin


def origins(architecture: Architecture) -> list[int]:
    """For each call the inputs that its result depends on, as bits: bit i for input i."""
    sources: list[int] = []
    for call in architecture.calls:
        bits = 0
        for read in call.reads:
            bits |= sources[read] if read >= 0 else 1 << ~read
        sources.append(bits)
    return sources


def skip_reads(architecture: Architecture) -> frozenset[tuple[int, int]]:
    """The reads, as call and position, by which skip connections enter their concatenations."""
    stage_of = architecture.stage_of
    ends: TensorEnds = {}
    for skip in architecture.skips:
        ends.setdefault((stage_of(skip.target), skip.shape), set()).add(skip.source)
    returners: dict[int, list[str]] = {}
    for node in architecture.nodes:
        for index in node.returned:
            returners.setdefault(index, []).append(node.path)
    kinds = {skip.kind for skip in architecture.skips}
    joining = {name for kind, names in _JOINING.items() if kind in kinds for name in names}
    entries = set(_over_stages(architecture))
    for index, call in enumerate(architecture.calls):
        operation = architecture.operations[call.operation]
        if operation.name not in joining:
            continue
        here = stage_of(architecture.nodes[call.node].path)
        entering = []
        for at, (read, shape) in enumerate(zip(call.reads, operation.inputs, strict=False)):
            sources = ends.get((here, shape), set())
            made = partial(_made, architecture, sources, returners)
            end = _entering(architecture, (index, at), read, made)
            entering += [end] if end else []
        # where both would do, the first is what is gone on with
        entries.update(entering[len(entering) == len(call.reads) :])
    return frozenset(entries)


def _over_stages(architecture: Architecture) -> Iterator[tuple[int, int]]:
    """The reads that lead over other stages between two that a skip joins, where stages were observed: by a
    gate, or by a block that makes what is joined of it."""
    stage_of, nodes = architecture.stage_of, architecture.nodes
    place = {stage: number for number, stage in enumerate(architecture.stages)}
    pairs = {(stage_of(skip.source), stage_of(skip.target)) for skip in architecture.skips}
    observed = {node.path for node in nodes if node.type == OBSERVED_STAGE}
    for index, call in enumerate(architecture.calls):
        target = stage_of(nodes[call.node].path)
        if target is None or target.path not in observed:
            continue
        for at, read in enumerate(call.reads):
            source = stage_of(nodes[architecture.calls[read].node].path) if read >= 0 else None
            if source and (source, target) in pairs and place[target] > place[source] + 1:
                yield index, at


_JOINING = {"concat": ("cat",), "add": ("add", "add_")}
_CUTTING = ("slice", "narrow", "constant_pad_nd", "pad")
"""Operations that fit a skip to what it joins: a crop, a padding."""


def _entering(
    architecture: Architecture, end: tuple[int, int], read: int, made: Callable[[int], bool]
) -> tuple[int, int] | None:
    """The read by which a skip enters a join, through what cuts it to size; None for what is no skip. A
    network's input is none."""
    while read >= 0:
        if made(read):
            return end
        call = architecture.calls[read]
        if architecture.operations[call.operation].name not in _CUTTING or len(call.reads) != 1:
            return None
        end, read = (read, 0), call.reads[0]
    return None


def _made(
    architecture: Architecture, sources: Set[str], returners: Mapping[int, list[str]], call: int
) -> bool:
    """Whether one of some modules returned a call's result, or it was made inside one."""
    path = architecture.nodes[architecture.calls[call].node].path
    return within(path, sources) is not None or not sources.isdisjoint(returners.get(call, ()))
