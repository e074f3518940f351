"""An architecture at another size, without another trace: every number follows a verified rule.

The rules are learned from traces at several sizes; nothing here traces, or knows what a number means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from unetscope.analysis.polynomials import Point, fit, whole
from unetscope.errors import ConfigError, TraceError
from unetscope.model import ONCE, Architecture, Basis, Call, Cost, Input, Node, Operation, Scaling, Skip
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

_PROBES = (
    # height and width in strides, tokens: no two alike, so that no two rules agree on all
    (2, 3, 5), (3, 2, 7), (5, 3, 2), (3, 7, 13), (4, 5, 3), (7, 2, 17), (5, 6, 19), (2, 9, 23),
)  # fmt: skip
_LEAST = 2
"""Least side in strides: at one stride the coarsest map is a single cell, and PyTorch takes other paths."""
LEAST_TOKENS = 2
"""Least number of text tokens: a norm over tokens refuses one."""
_CHECKS = ((_LEAST, _LEAST, LEAST_TOKENS), (127, 61, 1021))
_BATCH = 67
"""The batch that shows MACs to be proportional to it; above 64 diffusers takes another branch."""


def learn(first: Architecture, trace: Callable[[Size], Architecture], *, watch: Watch = iter) -> Architecture:
    """An architecture with its `scaling`; as it was where no rule holds, or its batch is not 1.

    `trace` traces the same network at another size, eleven times: eight to find the rules, two that
    must equal what they foretell, at the least size and at a large one, and one with a batch.
    """
    stride = total_stride(first)
    if stride is None or first.basis.batch != 1:
        return first
    sizes = [_size(first, stride, one) for one in (*_PROBES, *_CHECKS)]
    sizes.append(replace(sizes[0], batch=_BATCH))
    traces = [found for size in watch(sizes) if (found := _attempt(trace, size)) is not None]
    if len(traces) < len(sizes):
        return first
    learned = replace(first, scaling=_scaling([first, *traces[: len(_PROBES)]], stride))
    checks, batched = traces[len(_PROBES) : -1], traces[-1]
    holds = all(_foretells(learned, one) for one in checks) and _proportional(learned, batched)
    return learned if holds else first


def at(architecture: Architecture, point: Point) -> Architecture | None:
    """What a trace at that size, with the batch as it is, would give; None where the rules do not reach.

    Its MACs are as traced, whatever the architecture counts by.
    """
    scaling = architecture.scaling
    if scaling is None or not covers(scaling, point):
        return None
    values = [number for rule in scaling.rules if (number := whole(rule, point)) is not None]
    if len(values) < len(scaling.rules):
        return None
    rows = [tuple([values[rule] for rule in row]) for row in scaling.rows]
    try:
        return _resized(architecture, point, (rows[number] for number in scaling.sites))
    except (StopIteration, RuntimeError):  # rows that do not fit their sites: a file made by hand
        return None


def covers(scaling: Scaling, point: Point) -> bool:
    """Whether a size lies where the rules were seen to hold."""
    sides = point.height, point.width
    enough = point.tokens is None or point.tokens >= LEAST_TOKENS
    return enough and all(side >= scaling.least and side % scaling.stride == 0 for side in sides)


def total_stride(architecture: Architecture) -> int | None:
    """Height of the input over the least height of a stage; None where that is no whole number."""
    height, width = architecture.basis.input[-2:]
    outputs = [architecture.by_path[stage.path].output for stage in architecture.stages]
    sides = [output[-2:] for output in outputs if output is not None and len(output) == 4]
    if not sides:
        return None
    least_height, least_width = min(sides)
    stride = height // max(least_height, 1)
    on_grid = (stride * least_height, stride * least_width) == (height, width)
    return stride if on_grid and stride else None


def _size(first: Architecture, stride: int, probe: tuple[int, int, int]) -> Size:
    height, width, tokens = probe
    text = tokens if first.basis.tokens is not None else None
    return Size((height * stride, width * stride), tokens=text, dtype=first.basis.dtype)


def _attempt(trace: Callable[[Size], Architecture], size: Size) -> Architecture | None:
    """A trace, or None where the network refuses the size."""
    try:
        return trace(size)
    except (TraceError, ConfigError):
        return None


def _scaling(traces: Sequence[Architecture], stride: int) -> Scaling | None:
    """The rules behind the numbers of several traces of one network; None where there are none."""
    numbers = [[tuple(_numbers(site)) for site in _sites(one)] for one in traces]
    if len({tuple(map(len, one)) for one in numbers}) != 1:
        return None
    rows: dict[tuple[tuple[int, ...], ...], int] = {}
    sites = tuple(rows.setdefault(site, len(rows)) for site in zip(*numbers, strict=True))
    columns = {row: tuple(zip(*row, strict=True)) for row in rows}
    rules = fit([_point(one) for one in traces], sorted(set(chain.from_iterable(columns.values()))))
    if rules is None:
        return None
    known = {rule: number for number, rule in enumerate(dict.fromkeys(rules.values()))}
    found = tuple(tuple(known[rules[column]] for column in columns[row]) for row in rows)
    return Scaling(stride, _LEAST * stride, tuple(known), found, sites)


def _foretells(learned: Architecture, traced: Architecture) -> bool:
    """Whether the rules give the whole of a trace."""
    resized = at(learned, _point(traced))
    return resized is not None and replace(resized, scaling=None) == traced


def _proportional(learned: Architecture, batched: Architecture) -> bool:
    """Whether each module costs a batch times what it costs alone."""
    alone = at(learned, _point(batched))
    if alone is None:
        return False
    times = batched.basis.batch
    return [node.own.times(times) for node in alone.nodes] == [node.own for node in batched.nodes]


def _point(architecture: Architecture) -> Point:
    basis = architecture.basis
    height, width = basis.input[-2:]
    return Point(height, width, basis.tokens)


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


def _resized(architecture: Architecture, point: Point, rows: Iterator[tuple[int, ...]]) -> Architecture:
    basis = architecture.basis
    shape = (*basis.input[:-2], point.height, point.width)
    inputs, nodes = _each(architecture.inputs, rows), _each(architecture.nodes, rows)
    operations, calls = _calls(architecture, rows)
    return replace(
        architecture,
        counting=ONCE,
        basis=Basis(basis.batch, shape, point.tokens, basis.dtype),
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
    """Calls and their operations anew: operations that differ at one size may be equal at another."""
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
