"""An architecture at another size, without another trace: every number follows a verified rule.

The rules are learned from traces at several sizes; nothing here traces, or knows what a number means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from unetscope.analysis.polynomials import Point, Powers, fit, monomials, telling, whole
from unetscope.errors import ConfigError, TraceError
from unetscope.model import (
    Architecture,
    Axes,
    Call,
    Cost,
    Grid,
    Input,
    Node,
    Operation,
    Scaling,
    Skip,
)
from unetscope.spec import Size

T = TypeVar("T")
Watch: TypeAlias = Callable[[Sequence[Size]], Iterable[Size]]
"""Goes through sizes that take a while, and may show how far it has come."""

_VARYING: dict[type, tuple[str, ...]] = {
    Input: ("shape", "bytes"),
    Node: ("own", "input", "output"),
    Cost: ("conv", "linear", "attention", "other"),
    Operation: ("macs", "inputs", "outputs", "details"),
    Call: ("allocates",),
    Skip: ("shape",),
}
"""The fields that may follow the size; `learn` makes sure that all others are equal at all sizes."""

_LARGE = {"height": 127, "width": 61, "frames": 11}
"""The large size that rules must predict, in steps; of any other axis _LARGE_LIST."""
_LARGE_LIST = 1021
_CYCLES = ((7, 2), (5, 3), (11, 4), (13, 6), (17, 5), (19, 7))
"""How probes go through the sizes of each axis: over how many, and how many at a time. Each goes
through a prime number of sizes, so that no two keep step."""
_BATCH = 67
"""The batch that shows MACs to be proportional to it; above 64 diffusers takes another branch."""


def learn(
    first: Architecture,
    grids: Sequence[Grid],
    trace: Callable[[Size], Architecture],
    *,
    watch: Watch = iter,
) -> Architecture:
    """An architecture with its `scaling`; as it was where no rule holds, or its batch is not 1.

    `grids` are the sizes of each axis to look at. `trace` traces the same network at other sizes: as
    many as there are monomials to find the rules, two that must equal what they predict, at the least
    size and at a large one, and one with a batch.
    """
    empty = Scaling(tuple(grids), (), (), ())
    if not grids or not covers(empty, first.basis.axes) or first.basis.batch != 1:
        return first
    tied = {grid.axis: grid.tied for grid in grids if grid.tied}
    free = [grid for grid in grids if not grid.tied]
    choices = monomials(empty.axes, tied)
    probes = telling([_point(first, free), *_candidates(free, len(choices))], choices)[1:]
    sizes = [_size(first, free, tied, one) for one in (*probes, *_checks(free))]
    sizes.append(replace(sizes[0], batch=_BATCH))
    traces = [found for size in watch(sizes) if (found := _attempt(trace, size)) is not None]
    if len(traces) < len(sizes):
        return first
    learned = replace(first, scaling=_scaling([first, *traces[: len(probes)]], grids, choices))
    checks, batched = traces[len(probes) : -1], traces[-1]
    holds = all(_predicts(learned, one) for one in checks) and _proportional(learned, batched)
    return learned if holds else first


def _candidates(grids: Sequence[Grid], monomials: int) -> list[Point]:
    """Small sizes in which no axis keeps step with another."""
    return [
        tuple(
            grid.least + grid.step * (number * times % cycle)
            for grid, (cycle, times) in zip(grids, _CYCLES, strict=False)
        )
        for number in range(8 * monomials)
    ]


def _checks(grids: Sequence[Grid]) -> tuple[Point, Point]:
    """The least size, and a large one."""
    large = (grid.offset + grid.step * _LARGE.get(grid.axis, _LARGE_LIST) for grid in grids)
    return tuple(grid.least for grid in grids), tuple(large)


def at(architecture: Architecture, axes: Axes) -> Architecture | None:
    """What a trace at those sizes, with the batch as it is, would give; None where the rules do not reach.

    Axes that `axes` does not name stay as they are.
    """
    scaling = architecture.scaling
    axes = architecture.basis.axes | axes
    if scaling is None or not covers(scaling, axes):
        return None
    point = tuple(axes[axis] for axis in scaling.axes)
    values = [number for rule in scaling.rules if (number := whole(rule, point)) is not None]
    if len(values) < len(scaling.rules):
        return None
    rows = [tuple([values[rule] for rule in row]) for row in scaling.rows]
    try:
        return _resized(architecture, axes, (rows[number] for number in scaling.sites))
    except (StopIteration, RuntimeError):  # rows that do not fit their sites: a file made by hand
        return None


def covers(scaling: Scaling, axes: Axes) -> bool:
    """Whether sizes lie where the rules were seen to hold."""
    return all(grid.axis in axes and _lies_on(grid, axes) for grid in scaling.grids)


def _lies_on(grid: Grid, axes: Axes) -> bool:
    size = axes[grid.axis]
    return size == axes.get(grid.tied) if grid.tied else grid.has(size)


def _size(first: Architecture, free: Sequence[Grid], tied: Mapping[str, str], point: Point) -> Size:
    axes = {grid.axis: size for grid, size in zip(free, point, strict=True)}
    axes |= {axis: axes[other] for axis, other in tied.items()}
    return Size.at(first.basis).on(first.basis.axes | axes)


def _attempt(trace: Callable[[Size], Architecture], size: Size) -> Architecture | None:
    """A trace, or None where the network refuses the size."""
    try:
        return trace(size)
    except (TraceError, ConfigError):
        return None


def _scaling(
    traces: Sequence[Architecture], grids: Sequence[Grid], choices: Sequence[Powers]
) -> Scaling | None:
    """The rules behind the numbers of several traces of one network; None where there are none."""
    numbers = [[tuple(_numbers(site)) for site in _sites(one)] for one in traces]
    if len({tuple(map(len, one)) for one in numbers}) != 1:
        return None
    rows: dict[tuple[tuple[int, ...], ...], int] = {}
    sites = tuple(rows.setdefault(site, len(rows)) for site in zip(*numbers, strict=True))
    columns = {row: tuple(zip(*row, strict=True)) for row in rows}
    points = [_point(one, [grid for grid in grids if not grid.tied]) for one in traces]
    rules = fit(points, sorted(set(chain.from_iterable(columns.values()))), choices)
    if rules is None:
        return None
    known = {rule: number for number, rule in enumerate(dict.fromkeys(rules.values()))}
    found = tuple(tuple(known[rules[column]] for column in columns[row]) for row in rows)
    return Scaling(tuple(grids), tuple(known), found, sites)


def _predicts(learned: Architecture, traced: Architecture) -> bool:
    """Whether the rules give the whole of a trace."""
    resized = at(learned, traced.basis.axes)
    return resized is not None and replace(resized, scaling=None) == traced


def _proportional(learned: Architecture, batched: Architecture) -> bool:
    """Whether each module costs a batch times what it costs alone."""
    alone = at(learned, batched.basis.axes)
    if alone is None:
        return False
    times = batched.basis.batch
    return [_times(node.own, times) for node in alone.nodes] == [node.own for node in batched.nodes]


def _times(cost: Cost, batch: int) -> Cost:
    return Cost(cost.params, *(batch * macs for macs in cost.macs_by_op.values()))


def _point(architecture: Architecture, grids: Sequence[Grid]) -> Point:
    """The sizes of an architecture in the order of the grids; 0 for an axis that it has not."""
    return tuple(architecture.basis.axes.get(grid.axis, 0) for grid in grids)


def _sites(architecture: Architecture) -> Iterator[object]:
    """Everything whose numbers may follow the size; a call stands for its operation too."""
    operations = architecture.operations
    yield from architecture.inputs
    yield from architecture.nodes
    yield from ((operations[call.operation], call) for call in architecture.calls)
    yield from architecture.skips


def _numbers(value: object) -> Iterator[int]:
    """The whole numbers in a value, in an order that `_filled` knows too."""
    match value:
        case bool():
            return
        case int():
            yield value
        case tuple():
            yield from chain.from_iterable(map(_numbers, value))
        case dict():
            yield from chain.from_iterable(map(_numbers, value.values()))
        case _:
            for name in _VARYING.get(type(value), ()):
                yield from _numbers(getattr(value, name))


def _filled(value: Any, numbers: Iterator[int]) -> Any:
    """A value with other whole numbers in place of its own."""
    match value:
        case bool():
            return value
        case int():
            return next(numbers)
        case tuple():
            return tuple([_filled(one, numbers) for one in value])
        case dict():
            return {name: _filled(one, numbers) for name, one in value.items()}
        case _:
            names = _VARYING.get(type(value), ())
            fields = {name: _filled(getattr(value, name), numbers) for name in names}
            return replace(value, **fields) if fields else value


def _resized(architecture: Architecture, axes: Axes, rows: Iterator[tuple[int, ...]]) -> Architecture:
    inputs, nodes = _each(architecture.inputs, rows), _each(architecture.nodes, rows)
    operations, calls = _calls(architecture, rows)
    return replace(
        architecture,
        basis=replace(architecture.basis, input=inputs[0].shape[1:], axes=axes),
        inputs=inputs,
        nodes=nodes,
        operations=operations,
        calls=calls,
        skips=_each(architecture.skips, rows),
    )


def _each(sites: tuple[T, ...], rows: Iterator[tuple[int, ...]]) -> tuple[T, ...]:
    return tuple([_filled(site, iter(next(rows))) for site in sites])


def _calls(
    architecture: Architecture, rows: Iterator[tuple[int, ...]]
) -> tuple[tuple[Operation, ...], tuple[Call, ...]]:
    """Calls with their operations made again: operations that differ at one size may be equal at another."""
    made: dict[tuple[int, tuple[int, ...]], tuple[int, tuple[int, ...]]] = {}
    distinct: dict[object, int] = {}
    operations: list[Operation] = []
    calls = []
    for call in architecture.calls:
        key = call.operation, next(rows)
        if key not in made:
            numbers = iter(key[1])
            operation = _filled(architecture.operations[call.operation], numbers)
            number = distinct.setdefault(_content(operation), len(operations))
            operations.extend([operation] if number == len(operations) else [])
            made[key] = number, tuple(numbers)
        number, allocates = made[key]
        calls.append(Call(call.node, number, call.reads, allocates, call.frees))
    return tuple(operations), tuple(calls)


def _content(operation: Operation) -> tuple[object, ...]:
    """All that tells operations apart, as a key."""
    fields = operation.name, operation.op_class, operation.macs, operation.inputs, operation.outputs
    return (*fields, operation.dtype, tuple(operation.details.items()))
