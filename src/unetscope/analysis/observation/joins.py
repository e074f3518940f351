"""Long skip connections, seen in the record: what left the running path and joins it again after that went
coarser. Residual adds and parallel branches are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal

from unetscope.analysis.observation.levels import Levels, joins_channels, positions
from unetscope.analysis.observation.running_path import SAMPLE, Path
from unetscope.sizes import IMAGE_RANK, Shape

_ADDITIONS = frozenset({"add", "add_"})


@dataclass(frozen=True, slots=True)
class Join:
    """Where a skip ends: the call that joins, the operand with its shape, and the places on the running path
    that it left and reaches. `on_path` is False where the join itself stands beside the running path."""

    call: int
    operand: int
    shape: Shape
    left: int
    reached: int
    kind: Literal["concat", "add"]
    on_path: bool = True


def joins(path: Path, levels: Levels) -> tuple[Join, ...]:
    """All skips: those on the running path in its order, then dense ones beside it."""
    every = [join for at in range(len(path.calls)) for join in _at(path, at)]
    long = [join for join in every if _is_long(levels, join)]
    within = _last_in_first_out(path, levels, long, [join for join in every if join not in long])
    on_path = sorted([*long, *within], key=lambda join: join.reached)
    beside = [join for join in _beside(path, levels) if join.kind == "concat" or not on_path]
    return (*on_path, *beside)


def _at(path: Path, at: int) -> Iterator[Join]:
    """The operands that join the running path at a place."""
    call = path.calls[at]
    kind = _kind(path, call)
    if kind is None:
        return
    candidates = [
        Join(call, read, shape, path.left(read), at, kind)
        for read, shape in _opened(path, call, path.before[call])
    ]
    branches = Counter(join.left for join in candidates)
    yield from (join for join in candidates if branches[join.left] == 1 and join.left < at)


def _kind(path: Path, call: int) -> Literal["concat", "add"] | None:
    operation = path.operation(call)
    if joins_channels(operation):
        return "concat"
    operands = path.operands(call)
    is_sum = operation.name in _ADDITIONS and len(operands) == 2
    return "add" if is_sum and operands[0][1] == operands[1][1] else None


def _opened(path: Path, call: int, running: int) -> list[tuple[int, Shape]]:
    """The operands of a call but the running one, a concatenation among them by its own operands."""
    operands: list[tuple[int, Shape]] = []
    left_out = False
    for read, shape in path.operands(call):
        if read == running and not left_out:
            left_out = True
        elif read not in path.place and read != SAMPLE and joins_channels(path.operation(read)):
            operands += _opened(path, read, SAMPLE - 1)
        else:
            operands.append((read, shape))
    return operands


def _is_long(levels: Levels, join: Join) -> bool:
    """Whether the running path went coarser between; for a sum, coarser than both of its ends. What leaves
    the path after the bottom is one of the decoder's own maps, which it fuses with others."""
    if join.left >= levels.bottom:
        return False
    between = levels.coarsest_between(join.left, join.reached)
    ends = levels.at(join.reached)
    return between > (max(ends, levels.at(join.left)) if join.kind == "add" else ends)


def _last_in_first_out(path: Path, levels: Levels, long: list[Join], others: list[Join]) -> list[Join]:
    """Concatenations across the bottom, or of a network of one resolution: each source has one target, and
    the last source the first one."""
    others = [join for join in others if join.kind == "concat"]
    sources = Counter(join.left for join in (*long, *others))
    targets = Counter(join.reached for join in others)
    nested = [
        join
        for join in others
        if sources[join.left] == targets[join.reached] == 1
        and levels.at(join.left) == levels.at(join.reached)
        and levels.coarsest_between(join.left, join.reached) in (-1, levels.at(join.left))
        and (not long or levels.at(join.left) == levels.coarsest)
    ]
    nested = [
        join for join in nested if all(_nest(join, other) for other in (*long, *nested) if other is not join)
    ]
    return nested if long or len(nested) > 1 or all(_leads_on(path, join) for join in nested) else []


def _leads_on(path: Path, join: Join) -> bool:
    """Whether a skip leads from one part of the network into another."""
    start, end = (path.node(path.calls[at]).partition(".")[0] for at in (join.left, join.reached))
    return bool(start and end) and start != end


def _nest(one: Join, other: Join) -> bool:
    """Whether one of two skips lies inside the other."""
    inner, outer = sorted((one, other), key=lambda join: join.reached - join.left)
    return outer.left <= inner.left and inner.reached <= outer.reached


def _beside(path: Path, levels: Levels) -> Iterator[Join]:
    """What joins beside the running path: concatenations (UNet++), and sums (the lateral ones of a pyramid).

    The operand that left it last is the running one. A concatenation that another opens is none of its own.
    """
    opened, nodes = _opened_by_others(path), {path.node(call) for call in path.calls} - {""}
    for call in path.before:
        kind = None if call in path.place or call in opened else _kind(path, call)
        operands = _opened(path, call, SAMPLE - 1) if kind else []
        count = _positions(path, call) if kind else None
        again = kind == "add" and path.node(call) in nodes  # a module of the running path, on other frames
        if kind is None or again or len(operands) < 2 or not count:
            continue
        left = [path.left(read) for read, _ in operands]
        running = max(range(len(left)), key=lambda index: left[index])
        here = levels.nearest(count)
        for index, (read, shape) in enumerate(operands):
            coarsest = levels.coarsest_between(left[index], left[running] + 1)
            if index != running and coarsest > here:
                yield Join(call, read, shape, left[index], left[running], kind, on_path=False)


def _positions(path: Path, call: int) -> float | None:
    """Positions for each sample of what a join makes; None for a sum of anything but images."""
    operation, batch = path.operation(call), path.architecture.basis.batch
    if operation.name not in _ADDITIONS:
        return positions(operation, batch)
    shape = operation.outputs[0]
    return shape[0] * prod(shape[2:]) / batch if len(shape) >= IMAGE_RANK else None


def _opened_by_others(path: Path) -> set[int]:
    """The concatenations beside the running path that another one reads."""
    joining = [call for call in path.before if _kind(path, call) == "concat"]
    return {
        read
        for call in joining
        for read, _ in path.operands(call)
        if read != path.before[call] or call not in path.place
    }
