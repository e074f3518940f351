"""Blocks of a running path: whole modules, with words from what is in them rather than from their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Literal, TypeAlias

from unetscope.analysis.observation.joins import Join
from unetscope.analysis.observation.levels import Levels
from unetscope.analysis.observation.running_path import Path
from unetscope.paths import is_within
from unetscope.vocabulary import CONTAINERS

Content: TypeAlias = Literal["attention", "residual", "conv", "linear", "down", "up", "layer"]
_FEW = 3
"""Weighted operations of a module that is a block whatever else it is: double convolutions and smaller."""
_WEIGHTED = ("conv", "linear")
_ADDITIONS = ("add", "add_")


@dataclass(frozen=True, slots=True)
class PathBlock:
    """A module on the running path from one place to another, or one operation outside of modules.

    `module` is its path; of an operation that of the module that executes it, and `operation` its name.
    `weighted` are the places of its convolutions and matmuls with a weight.
    """

    module: str
    first: int
    last: int
    content: Content
    weighted: tuple[int, ...]
    operation: str = ""

    @property
    def is_layer(self) -> bool:
        """Whether it neither has weights that multiply nor resamples: a norm, an activation."""
        return self.content == "layer"


@dataclass(frozen=True)
class PathRecord:
    """What blocks are found in."""

    path: Path
    levels: Levels
    joins: tuple[Join, ...]
    attending: frozenset[str]
    modules: frozenset[str]

    def resampled(self, first: int, last: int) -> list[int]:
        """The places between two at which the level changes."""
        return [at for at in range(first, last + 1) if self.levels.resamples(at)]

    def weighted(self, first: int, last: int) -> tuple[int, ...]:
        """The places between two of convolutions and matmuls with a weight."""
        calls = self.path.calls
        return tuple(
            at for at in range(first, last + 1) if self.path.operation(calls[at]).op_class in _WEIGHTED
        )


def blocks(path: Path, levels: Levels, joins: tuple[Join, ...]) -> tuple[PathBlock, ...]:
    """The blocks of a running path, in order."""
    architecture = path.architecture
    ran = frozenset(
        node.path
        for node in architecture.nodes[1:]
        if node.type not in CONTAINERS
        and (node.input or node.output)
        and node.path in architecture.first_call
    )
    attending = frozenset(
        architecture.nodes[call.node].path
        for call in architecture.calls
        if architecture.operations[call.operation].op_class == "attention"
    )
    seen = PathRecord(path, levels, joins, attending, ran)
    return tuple(_blocks(seen, "", range(len(path.calls))))


def _blocks(seen: PathRecord, above: str, places: Sequence[int]) -> Iterator[PathBlock]:
    """The blocks below a module, at places that lie in it."""
    for child, run in groupby(places, key=lambda at: _child(seen.path.node(seen.path.calls[at]), above)):
        inside = list(run)
        if child is None:
            yield from (block for at in inside if (block := _operation(seen, above, at)))
        elif child in seen.modules and _is_block(seen, child, inside[0], inside[-1]):
            yield _block(seen, child, inside[0], inside[-1])
        else:
            yield from _blocks(seen, child, inside)


def _child(node: str, above: str) -> str | None:
    """The direct child of a module in which another lies; None for the module itself."""
    if node == above:
        return None
    return ".".join(node.split(".")[: above.count(".") + 2 if above else 1])


def _is_block(seen: PathRecord, module: str, first: int, last: int) -> bool:
    """Whether a module is one block: no skip starts or ends inside of it, it resamples once at most, and it
    owns a residual add, or holds attention, or is small and no residual block beside a sampler."""
    on_path = [join for join in seen.joins if join.on_path]
    if any(first <= join.reached <= last or first <= join.left < last for join in on_path):
        return False
    if len(seen.resampled(first, last)) > 1:
        return False
    owners = _owners(seen, first, last)
    if len(seen.weighted(first, last)) <= _FEW:
        return module in owners or not (owners and _resamples_beside(seen, owners, first, last))
    return module in owners or (not owners and any(is_within(owner, module) for owner in seen.attending))


def _owners(seen: PathRecord, first: int, last: int) -> set[str]:
    """The modules that add to what they work on something that left it between two places."""
    return {
        seen.path.node(seen.path.calls[at])
        for at in range(first, last + 1)
        if any(first - 1 <= left < at for left in _added(seen.path, at))
    }


def _resamples_beside(seen: PathRecord, owners: set[str], first: int, last: int) -> bool:
    """Whether something between two places resamples that lies in none of the modules that own a sum: a
    residual block and a sampler in one list."""
    makers = [seen.path.node(seen.path.calls[at]) for at in seen.resampled(first, last)]
    return any(not any(is_within(maker, owner) for owner in owners) for maker in makers)


def _added(path: Path, at: int) -> list[int]:
    """Where the operands of a sum left the running path, but the running one."""
    call = path.calls[at]
    if path.operation(call).name not in _ADDITIONS:
        return []
    operands = path.operands(call)
    alike = len(operands) == 2 and operands[0][1] == operands[1][1]
    return [path.left(read) for read, _ in operands if read != path.before[call]] if alike else []


def _block(seen: PathRecord, module: str, first: int, last: int) -> PathBlock:
    weighted = seen.weighted(first, last)
    content = _content(seen, module, first, last, weighted)
    return PathBlock(module, first, last, content, weighted)


def _content(seen: PathRecord, module: str, first: int, last: int, weighted: Collection[int]) -> Content:
    if any(is_within(owner, module) for owner in seen.attending):
        return "attention"
    if weighted and _owners(seen, first, last):
        return "residual"
    if seen.path.architecture.by_path[module].kind == "linear":
        return "linear"  # of a mean, or of patches that a view made
    if seen.resampled(first, last) and len(weighted) <= 1 and not _begins(seen, weighted):
        return _way(seen, first, last)
    kinds = {seen.path.operation(seen.path.calls[at]).op_class for at in weighted}
    return "conv" if "conv" in kinds else "linear" if kinds else "layer"


def _begins(seen: PathRecord, weighted: Collection[int]) -> bool:
    """Whether these are the first weights of a network: its stem, which makes features of the sample, also
    where its stride is larger than 1."""
    return bool(weighted) and not seen.weighted(0, min(weighted) - 1)


def content_beside(path: Path, calls: Collection[int]) -> Content | None:
    """What a module beside the running path holds by its calls; None for what is neither residual nor
    convolutions. A residual sum needs one thing to leave: a gate that adds two is none."""
    operations = [path.operation(call) for call in calls]
    if any(operation.op_class == "attention" for operation in operations):
        return "attention"
    taken = {read for call in calls for read, _ in path.operands(call) if read not in calls}
    added = any(operation.name in _ADDITIONS and len(set(operation.inputs)) == 1 and len(operation.inputs) > 1
                for operation in operations)  # fmt: skip
    whole = [operation for operation in operations if operation.op_class == "conv"]
    if any(prod(operation.outputs[0][2:]) > 1 for operation in whole):  # of a mean alone: a gate
        return "residual" if added and len(taken) == 1 else "conv"
    return None


def _way(seen: PathRecord, first: int, last: int) -> Literal["down", "up"]:
    return "down" if seen.levels.at(last) > seen.levels.at(first - 1) else "up"


def _operation(seen: PathRecord, module: str, at: int) -> PathBlock | None:
    """An operation outside of modules, if it has weights or resamples."""
    operation, weighted = seen.path.operation(seen.path.calls[at]), seen.weighted(at, at)
    resamples = seen.levels.resamples(at) and operation.name != "cat"
    if not weighted and not resamples:
        return None
    content: Content = "conv" if operation.op_class == "conv" else "linear"
    if resamples and not _begins(seen, weighted):
        content = _way(seen, at, at)
    return PathBlock(module, at, at, content, weighted, operation.name.removesuffix("_with_indices"))
