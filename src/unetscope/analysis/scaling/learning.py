"""The rules behind the numbers of an architecture, learned from traces that others make at several sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeAlias

from unetscope.analysis.scaling.formulas import macs_rules
from unetscope.analysis.scaling.polynomials import Powers, SizePoint, fit, monomials, telling, whole
from unetscope.analysis.scaling.resize import Watch, at, covers, numbers_in, sites
from unetscope.calls import Call, Operation
from unetscope.cost import OpClass
from unetscope.errors import ConfigError, TraceError
from unetscope.families import limits
from unetscope.limits import MAX_LATENT
from unetscope.model import Architecture
from unetscope.sizes import Axes, AxisGrid, Polynomial, Scaling, Size

Numbers: TypeAlias = tuple[tuple[int, ...], ...]
"""The numbers of one site, those of each trace."""
Taken: TypeAlias = Callable[[object], tuple[int, ...]]
"""Which numbers of a site rules are looked for; none where it does not matter."""

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
    grids: Sequence[AxisGrid],
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
    checked = _checks(free, limits(first.class_name, first.config))
    sizes = [_size(first, free, tied, number) for number in (*probes, *checked)]
    sizes.append(replace(sizes[0], batch=_BATCH))
    traces: list[Architecture] = []
    for size in watch(sizes):
        if (traced := attempt(trace, size)) is None:
            return first
        traces.append(traced)
    for taken, predicts in ((_all_numbers, _predicts), (_macs_alone, _costs_right)):
        learned = replace(first, scaling=_scaling([first, *traces[: len(probes)]], grids, choices, taken))
        checks, batched = traces[len(probes) : -1], traces[-1]
        if all(predicts(learned, check) for check in checks) and _costs_right(learned, batched):
            return learned
    return first


def _candidates(grids: Sequence[AxisGrid], monomials: int) -> list[SizePoint]:
    """Small sizes in which no two axes grow together."""
    return [
        tuple(
            grid.least + grid.step * (number * times % cycle)
            for grid, (cycle, times) in zip(grids, _CYCLES, strict=False)
        )
        for number in range(8 * monomials)
    ]


def _checks(grids: Sequence[AxisGrid], most: Axes) -> tuple[SizePoint, SizePoint]:
    """The least size, and a large one, or the largest that there is."""
    large = (
        min(grid.offset + grid.step * _LARGE.get(grid.axis, _LARGE_LIST), most.get(grid.axis, MAX_LATENT))
        for grid in grids
    )
    return tuple(grid.least for grid in grids), tuple(large)


def _size(first: Architecture, free: Sequence[AxisGrid], tied: Mapping[str, str], point: SizePoint) -> Size:
    axes = {grid.axis: size for grid, size in zip(free, point, strict=True)}
    axes |= {axis: axes[other] for axis, other in tied.items()}
    return Size.at(first.basis).with_axes(first.basis.axes | axes)


def attempt(trace: Callable[[Size], Architecture], size: Size) -> Architecture | None:
    """A trace, or None where the network refuses the size."""
    try:
        return trace(size)
    except (TraceError, ConfigError):
        return None


def _scaling(
    traces: Sequence[Architecture], grids: Sequence[AxisGrid], choices: Sequence[Powers], taken: Taken
) -> Scaling | None:
    """The rules behind the numbers `taken` of several traces of one network; None where there are none."""
    own = [taken(site) for site in sites(traces[0])]
    others = [[row for site in sites(trace) if (row := taken(site))] for trace in traces[1:]]
    numbers = [[row for row in own if row], *others]
    if len({tuple(map(len, rows)) for rows in numbers}) != 1:
        return None
    together = list(zip(*numbers, strict=True))
    columns = {row: tuple(zip(*row, strict=True)) for row in dict.fromkeys(together)}
    points = [_point(trace, [grid for grid in grids if not grid.tied]) for trace in traces]
    rules = fit(points, sorted(set(chain.from_iterable(columns.values()))), choices)
    if rules is None:
        return None
    known = {rule: number for number, rule in enumerate(dict.fromkeys(rules.values()))}
    by_row = {row: tuple(known[rules[column]] for column in columns[row]) for row in columns}
    return _placed(grids, tuple(known), by_row, together, own)


def _placed(
    grids: Sequence[AxisGrid],
    rules: tuple[Polynomial, ...],
    by_row: Mapping[Numbers, tuple[int, ...]],
    together: Iterable[Numbers],
    own: Iterable[tuple[int, ...]],
) -> Scaling:
    """Rules with the row of each site; the row of a site without numbers is empty."""
    rows: dict[object, int] = {row: number for number, row in enumerate(by_row)}
    each = iter(together)
    places = tuple(rows.setdefault(next(each) if row else (), len(rows)) for row in own)
    return Scaling(tuple(grids), rules, (*by_row.values(), *[()] * (len(rows) - len(by_row))), places)


def _all_numbers(site: object) -> tuple[int, ...]:
    """Everything that may follow the size."""
    return tuple(numbers_in(site))


def _macs_alone(site: object) -> tuple[int, ...]:
    """The MACs of a call that multiplies: networks run further operations at some sizes, which are free."""
    match site:
        case Operation() as operation, Call() if operation.op_class != "none":
            return (operation.macs,)
        case _:
            return ()


def _predicts(learned: Architecture, traced: Architecture) -> bool:
    """Whether the rules give the whole of a trace."""
    resized = at(learned, traced.basis.axes)
    return resized is not None and replace(resized, scaling=None) == traced


def _costs_right(learned: Architecture, traced: Architecture) -> bool:
    """Whether each module of a trace costs its batch times what the rules say of one."""
    if learned.scaling is None or learned.uncounted != traced.uncounted:
        return False
    point = tuple(traced.basis.axes[axis] for axis in learned.scaling.axes)
    expected, seen = Counter[tuple[int, OpClass]](), Counter[tuple[int, OpClass]]()
    for node, op_class, rule in macs_rules(learned, learned.scaling):
        expected[node, op_class] += traced.basis.batch * (whole(rule, point) or 0)
    for call in traced.calls:
        operation = traced.operations[call.operation]
        if operation.op_class != "none":
            seen[call.node, operation.op_class] += operation.macs
    return expected == seen


def _point(architecture: Architecture, grids: Sequence[AxisGrid]) -> SizePoint:
    """The sizes of an architecture in the order of the grids; 0 for an axis that it does not have."""
    return tuple(architecture.basis.axes.get(grid.axis, 0) for grid in grids)
