"""Long skip connections, found in a recording: tensors of earlier stages, joined on the channel axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.calls import Call, Operation
from unetscope.model import Node, Skip, Stage
from unetscope.paths import is_within, within
from unetscope.sizes import IMAGE_RANK
from unetscope.vocabulary import CONTAINERS

_JOINED = frozenset({"down", "mid", "up", "body"})
_SKIPPED = frozenset({"stem", "down", "mid", "up", "body"})


def find_skips(
    nodes: Sequence[Node], stages: Sequence[Stage], operations: Sequence[Operation], calls: Sequence[Call]
) -> tuple[Skip, ...]:
    """Every operand after the first of a channel concatenation that an earlier stage produced.

    The first operand is the running path and never a skip, even where it is the same tensor as
    another (BK-SDM-Tiny has no mid stage between them).
    """
    by_path = {stage.path: stage for stage in stages}
    stage_of = [by_path.get(within(node.path, by_path) or "") for node in nodes]
    skips: list[Skip] = []
    for index, call in enumerate(calls):
        here = stage_of[call.node]
        if here is None or here.role not in _JOINED or not _joins_channels(operations[call.operation]):
            continue
        for producer, shape in list(zip(call.reads, operations[call.operation].inputs, strict=False))[1:]:
            there = stage_of[calls[producer].node] if producer >= 0 else None
            if there is not None and there is not here and there.role in _SKIPPED:
                target = _reader(nodes, here, calls, index)
                skips.append(Skip(_maker(nodes, there, producer), target, shape))
    return tuple(skips)


def _joins_channels(operation: Operation) -> bool:
    """Whether an operation is a concatenation on axis 1 (4-D and up) or the last (token tensors)."""
    if operation.name != "cat":
        return False
    rank = len(operation.outputs[0])
    axis = int(operation.details.get("dim", 0) or 0) % max(rank, 1)  # type: ignore[arg-type]
    return axis == (1 if rank >= IMAGE_RANK else rank - 1) and rank >= 3


def _above(path: str) -> Iterator[str]:
    """The path and all those above it, the outermost first."""
    parts = path.split(".")
    return (".".join(parts[: depth + 1]) for depth in range(len(parts)))


def _maker(nodes: Sequence[Node], stage: Stage, call: int) -> str:
    """The outermost module inside a stage that returned what `call` made; else the stage."""
    makers = [
        node.path
        for node in nodes
        if call in node.returned and node.path != stage.path and is_within(node.path, stage.path)
    ]
    return min(makers, key=lambda path: path.count("."), default=stage.path)


def _reader(nodes: Sequence[Node], stage: Stage, calls: Sequence[Call], joined: int) -> str:
    """The outermost module inside a stage that first reads a concatenation; else the stage."""
    containers = {node.path for node in nodes if node.type in CONTAINERS}
    reader = next((call for call in calls[joined + 1 :] if joined in call.reads), None)
    if reader is None:
        return stage.path
    inside = (
        path
        for path in _above(nodes[reader.node].path)
        if is_within(path, stage.path) and path != stage.path and path not in containers
    )
    return next(inside, stage.path)
