"""Rows of a table over an architecture: disjoint parts whose costs add up to the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

from unetscope.analysis.cost.by_kind import STAGED, part_of
from unetscope.analysis.cost.conventions import work
from unetscope.analysis.once import once
from unetscope.cost import Cost, OpClass, total
from unetscope.model import Architecture, Node, Role
from unetscope.paths import is_within, parent
from unetscope.sizes import Shape
from unetscope.spec import DTYPES
from unetscope.vocabulary import ADAPTER, CONTAINERS, SPENDINGS, Part

DEEPEST = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One part: a module with everything below it, or, where `rest`, only what it holds itself.

    `name` is the stage's ("Down 1") at depth 1, else the module's path; `stage` is the path of its
    stage, "" outside them. A row of `repeats` equal parts holds their sum: `members` are their paths
    and `path` shows them together ("resnets.{0,1}"). `activation` is the bytes of the outputs,
    `moved` those that counted operations read and write. `theirs` are torchinfo's mult-adds, None where
    it was not asked.
    """

    path: str
    name: str
    type: str
    kind: str
    role: Role | None
    cost: Cost
    input: Shape | None
    output: Shape | None
    rest: bool = False
    stage: str = ""
    repeats: int = 1
    members: tuple[str, ...] = ()
    activation: int = 0
    moved: int = 0
    theirs: int | None = None


def rows(architecture: Architecture, *, depth: int = 1) -> tuple[Row, ...]:
    """Parts at a depth, in the order of the forward; lists of modules add no depth.

    Depth 1 is the stages and what stands outside them; a part with nothing below it stays whole at
    every greater depth. Where a module holds parameters or operations of its own above the depth,
    a further row carries them, so that the columns always add up. Adapters of peft stand apart, in a
    last row of their own; every other row is that of the network without them.
    """
    return _parts(architecture, lambda _, at: at == depth)


def by_stage(architecture: Architecture) -> tuple[Row, ...]:
    """One row per stage, and one for each module outside them."""
    return rows(architecture, depth=1)


def by_block(architecture: Architecture) -> tuple[Row, ...]:
    """The blocks inside the stages (R, A, Cv in the diagrams); what stands outside stays whole."""
    staged = {stage.path for stage in architecture.stages if stage.role in STAGED}
    return _parts(architecture, lambda node, at: at == 2 or (at == 1 and node.path not in staged))


def by_layer(architecture: Architecture) -> tuple[Row, ...]:
    """The modules with nothing below them, and what others hold themselves; adapters one by one."""
    return _parts(architecture, lambda _, at: at == DEEPEST, adapters=_each)


def by_kind(architecture: Architecture) -> tuple[Row, ...]:
    """What the network is made of: residual blocks, attention and so on, wherever they stand."""
    places = part_of(architecture)
    costs: dict[Part, list[Cost]] = {part: [] for part in SPENDINGS}
    for node in architecture.nodes:
        own, part = node.own, places[node.path]
        if part == "projection":
            costs["scores"].append(Cost(attention=own.attention))
            own = replace(own, attention=0)
        costs[part].append(own)
    return tuple(
        Row("", SPENDINGS[part].words, "", part, None, total(part_costs), None, None)
        for part, part_costs in costs.items()
    )


PARTITIONS: dict[str, Callable[[Architecture], tuple[Row, ...]]] = {
    "stage": by_stage,
    "block": by_block,
    "kind": by_kind,
    "layer": by_layer,
}


def measured(
    architecture: Architecture, rows: Iterable[Row], theirs: Mapping[str, int] | None = None
) -> tuple[Row, ...]:
    """The same rows with the bytes of their outputs and those that their counted operations move.

    `theirs` are torchinfo's mult-adds by the path of the module that it counts them at.
    """
    width = DTYPES.get(architecture.basis.dtype, 4)
    own, whole, by_part = _moved(architecture)
    return tuple(
        replace(
            row,
            activation=prod(row.output) * width if row.output and not row.rest else 0,
            moved=own[row.path] if row.rest else whole[row.path] if row.members else by_part[row.kind],
            theirs=None if theirs is None else _within(row, theirs),
        )
        for row in rows
    )


def _within(row: Row, theirs: Mapping[str, int]) -> int:
    """torchinfo's mult-adds of all that a row holds."""
    if row.rest:
        return theirs.get(row.path, 0)
    return sum(
        count for path, count in theirs.items() if any(is_within(path, member) for member in row.members)
    )


@once
def _moved(architecture: Architecture) -> tuple[Mapping[str, int], Mapping[str, int], Mapping[str, int]]:
    """Bytes moved by each module itself, by it and everything below it, and by each kind of part."""
    places = part_of(architecture)
    own = {node.path: 0 for node in architecture.nodes}
    by_part: dict[str, int] = dict.fromkeys(SPENDINGS, 0)
    for spent in work(architecture, architecture.counting):
        path = architecture.nodes[spent.node].path
        own[path] += spent.moved
        by_part[_part(places[path], spent.op_class)] += spent.moved
    whole = dict(own)
    for node in reversed(architecture.nodes[1:]):
        if not _is_beside(architecture, node):
            whole[parent(node.path)] += whole[node.path]
    return own, whole, by_part


def _part(place: Part, op_class: OpClass) -> Part:
    return "scores" if (place, op_class) == ("projection", "attention") else place


def _is_beside(architecture: Architecture, node: Node) -> bool:
    """Whether a module is an adapter beside a layer, which is no part of the layer's own cost."""
    return node.kind == ADAPTER and architecture.by_path[parent(node.path)].kind != ADAPTER


def _costs(architecture: Architecture) -> dict[str, Cost]:
    """Cost of each module with everything below it but adapters; theirs stays with themselves."""
    if not any(node.kind == ADAPTER for node in architecture.nodes):
        return architecture.costs
    summed = {node.path: node.own for node in architecture.nodes}
    for node in reversed(architecture.nodes[1:]):
        if not _is_beside(architecture, node):
            summed[parent(node.path)] += summed[node.path]
    return summed


def _together(architecture: Architecture) -> Iterator[Row]:
    """All adapters as one row, where there are any."""
    adapted = [node.own for node in architecture.nodes if node.kind == ADAPTER]
    if adapted:
        yield Row("", SPENDINGS["adapter"].words, "", ADAPTER, None, total(adapted), None, None)


def _each(architecture: Architecture) -> Iterator[Row]:
    """A row for every module of an adapter that holds or does something itself."""
    for node in architecture.nodes:
        if node.kind == ADAPTER and node.own != Cost():
            yield _row(architecture, node, node.own, rest=bool(architecture.children[node.path]))


def _parts(
    architecture: Architecture,
    stops: Callable[[Node, int], bool],
    *,
    adapters: Callable[[Architecture], Iterator[Row]] = _together,
) -> tuple[Row, ...]:
    """Disjoint parts down to where `stops` says so of a module and its depth, in the order of the forward.

    `adapters` makes the rows of what stands beside the network's own layers; all of it as one comes last.
    """
    parts = tuple(_below(architecture, _costs(architecture), architecture.nodes[0], 0, stops))
    stages = {stage.path: index for index, stage in enumerate(architecture.stages)}
    never = len(architecture.calls)

    def place(row: Row) -> tuple[int, int]:
        if row.kind == ADAPTER and not row.path:
            return len(stages), never
        return stages.get(row.stage, -1), architecture.first_call.get(row.path, never)

    return tuple(sorted((*parts, *adapters(architecture)), key=place))


def _below(
    architecture: Architecture,
    costs: dict[str, Cost],
    node: Node,
    at: int,
    stops: Callable[[Node, int], bool],
) -> Iterator[Row]:
    """Rows of a subtree whose root stands at depth `at`, adapters left out."""
    children = [child for child in architecture.children[node.path] if child.kind != ADAPTER]
    container = node.type in CONTAINERS
    if (not container and stops(node, at)) or (not children and not container):
        yield _row(architecture, node, costs[node.path])
        return
    if node.own != Cost():
        yield _row(architecture, node, node.own, rest=True)
    for child in children:
        yield from _below(architecture, costs, child, at + (child.type not in CONTAINERS), stops)


def _row(architecture: Architecture, node: Node, cost: Cost, *, rest: bool = False) -> Row:
    stage = next((s for s in architecture.stages if is_within(node.path, s.path)), None)
    name = stage.name if stage and stage.path == node.path else node.path
    role, inside = (stage.role, stage.path) if stage else (None, "")
    return Row(
        node.path, name, node.type, node.kind, role, cost, node.input, node.output, rest, inside,
        members=(node.path,),
    )  # fmt: skip
