"""An architecture at another size, without another trace: every number follows a verified rule.

The rules are learned from traces at several sizes; nothing here traces, or knows what a number means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from unetscope import families
from unetscope.analysis.scaling.polynomials import whole
from unetscope.calls import Call, Input, Operation
from unetscope.cost import ONCE, Cost
from unetscope.model import Architecture, Node, Skip
from unetscope.sizes import Axes, AxisGrid, Scaling, Size
from unetscope.words import basis

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
"""The fields that may follow the size; `learning` makes sure that all others are equal at all sizes."""


def at(architecture: Architecture, axes: Axes) -> Architecture | None:
    """What a trace at those sizes, with the batch as it is, would give; None where the rules do not reach
    or tell MACs alone.

    Axes that `axes` does not name stay as they are.
    Its MACs are as traced, whatever the architecture counts by.
    """
    scaling = architecture.scaling
    axes = architecture.basis.axes | axes
    if scaling is None or () in scaling.rows or not reaches(architecture, axes):
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


def reaches(architecture: Architecture, axes: Axes) -> bool:
    """Whether the rules of an architecture hold at sizes, and its network takes them."""
    scaling = architecture.scaling
    if scaling is None or not covers(scaling, axes):
        return False
    ends = families.limits(architecture.class_name, architecture.config)
    return all(axes.get(name, 0) <= most for name, most in ends.items())


def _lies_on(grid: AxisGrid, axes: Axes) -> bool:
    size = axes[grid.axis]
    return size == axes.get(grid.tied) if grid.tied else grid.has(size)


def sites(architecture: Architecture) -> Iterator[object]:
    """Everything whose numbers may follow the size; a call stands for its operation too."""
    operations = architecture.operations
    yield from architecture.inputs
    yield from architecture.nodes
    yield from ((operations[call.operation], call) for call in architecture.calls)
    yield from architecture.skips


def numbers_in(value: object) -> Iterator[int]:
    """The whole numbers in a value, in an order that `_filled` knows too."""
    match value:
        case bool():
            return
        case int():
            yield value
        case tuple():
            yield from chain.from_iterable(map(numbers_in, value))
        case dict():
            yield from chain.from_iterable(map(numbers_in, value.values()))
        case _:
            for name in _VARYING.get(type(value), ()):
                yield from numbers_in(getattr(value, name))


def _filled(value: Any, numbers: Iterator[int]) -> Any:
    """A value with other whole numbers in place of its own."""
    match value:
        case bool():
            return value
        case int():
            return next(numbers)
        case tuple():
            return tuple([_filled(item, numbers) for item in value])
        case dict():
            return {name: _filled(item, numbers) for name, item in value.items()}
        case _:
            names = _VARYING.get(type(value), ())
            fields = {name: _filled(getattr(value, name), numbers) for name in names}
            return replace(value, **fields) if fields else value


def _resized(architecture: Architecture, axes: Axes, rows: Iterator[tuple[int, ...]]) -> Architecture:
    inputs, nodes = _each(architecture.inputs, rows), _each(architecture.nodes, rows)
    operations, calls = _calls(architecture, rows)
    return replace(
        architecture,
        counting=ONCE,
        basis=replace(architecture.basis, input=inputs[0].item(architecture.basis.batch), axes=axes),
        inputs=inputs,
        nodes=nodes,
        operations=operations,
        calls=calls,
        skips=_each(architecture.skips, rows),
        notes=basis.called_again(architecture.notes, architecture.inputs, inputs),
    )


def _each(sites: tuple[T, ...], rows: Iterator[tuple[int, ...]]) -> tuple[T, ...]:
    return tuple([_filled(site, iter(next(rows))) for site in sites])


def _calls(
    architecture: Architecture, rows: Iterator[tuple[int, ...]]
) -> tuple[tuple[Operation, ...], tuple[Call, ...]]:
    """Calls with their operations made again: operations that differ at one size may be equal at another."""
    resized: dict[tuple[int, tuple[int, ...]], tuple[int, tuple[int, ...]]] = {}
    distinct: dict[object, int] = {}
    operations: list[Operation] = []
    calls = []
    for call in architecture.calls:
        key = call.operation, next(rows)
        if key not in resized:
            numbers = iter(key[1])
            operation = _filled(architecture.operations[call.operation], numbers)
            number = distinct.setdefault(_content(operation), len(operations))
            operations.extend([operation] if number == len(operations) else [])
            resized[key] = number, tuple(numbers)
        number, allocates = resized[key]
        calls.append(Call(call.node, number, call.reads, allocates, call.frees))
    return tuple(operations), tuple(calls)


def _content(operation: Operation) -> tuple[object, ...]:
    """All that tells operations apart, as a key."""
    fields = operation.name, operation.op_class, operation.macs, operation.inputs, operation.outputs
    return (*fields, operation.dtype, tuple(operation.details.items()))
