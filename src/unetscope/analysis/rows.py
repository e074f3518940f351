"""Rows of a table over an architecture: disjoint parts whose costs add up to the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.kinds import CONTAINERS
from unetscope.model import Architecture, Cost, Node, Role, Shape, is_within


@dataclass(frozen=True, slots=True)
class Row:
    """One part: a module with everything below it, or, where `rest`, only what it holds itself.

    `name` is the stage's ("Down 1") at depth 1, else the module's path.
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


def rows(architecture: Architecture, *, depth: int = 1) -> tuple[Row, ...]:
    """Parts at a depth, in the order of the forward; lists of modules add no depth.

    Depth 1 is the stages and what stands outside them; a part with nothing below it stays whole at
    every greater depth. Where a module holds parameters or operations of its own above the depth,
    a further row carries them, so that the columns always add up.
    """
    found = tuple(_below(architecture, architecture.nodes[0], 0, depth))
    stages = {stage.path: index for index, stage in enumerate(architecture.stages)}
    never = len(architecture.calls)

    def place(row: Row) -> tuple[int, int]:
        return _stage_index(row.path, stages), architecture.first_call.get(row.path, never)

    return tuple(sorted(found, key=place))


def _below(architecture: Architecture, node: Node, at: int, depth: int) -> Iterator[Row]:
    """Rows of a subtree whose root stands at depth `at`."""
    children = architecture.children[node.path]
    container = node.type in CONTAINERS
    if (at == depth and not container) or (not children and not container):
        yield _row(architecture, node, architecture.costs[node.path])
        return
    if node.own != Cost():
        yield _row(architecture, node, node.own, rest=True)
    for child in children:
        yield from _below(architecture, child, at + (child.type not in CONTAINERS), depth)


def _row(architecture: Architecture, node: Node, cost: Cost, *, rest: bool = False) -> Row:
    stage = next((s for s in architecture.stages if is_within(node.path, s.path)), None)
    name = stage.name if stage and stage.path == node.path else node.path
    role = stage.role if stage else None
    return Row(node.path, name, node.type, node.kind, role, cost, node.input, node.output, rest)


def _stage_index(path: str, order: dict[str, int]) -> int:
    parts = path.split(".")
    return next((order[p] for p in (".".join(parts[:2]), parts[0]) if p in order), -1)
