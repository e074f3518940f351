"""The sizes at which rules of a network without a config are looked for, from the levels that it works at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, prod

from unetscope.model import Architecture
from unetscope.sizes import AxisGrid, Size

_STEPS = 2
"""The least size in steps: at one a norm may see a single position."""


def observed_grids(
    architecture: Architecture, runs: Callable[[Size], bool]
) -> Iterator[tuple[AxisGrid, ...]]:
    """Grids for the sides of the sample, the likeliest first; the sample's own size lies on each.

    A step is what becomes one position at the coarsest level, as far as the levels or the shapes of the
    stages tell. `runs` says whether the network runs at a size with the same stages: it does from the
    least on.
    """
    own = tuple(architecture.basis.axes.values())
    for steps in dict.fromkeys((_by_level(architecture), _by_shape(architecture))):
        grids = tuple(
            AxisGrid(axis, step, _STEPS * step + side % step, side % step)
            for axis, step, side in zip(architecture.basis.axes, steps, own, strict=True)
        )
        if (more := _steps_more(architecture, grids, runs)) is not None:
            yield tuple(
                AxisGrid(grid.axis, grid.step, grid.least + more * grid.step, grid.offset) for grid in grids
            )


def _by_level(architecture: Architecture) -> tuple[int, ...]:
    """A step for each side, by the coarsest level of a stage."""
    coarsest = max((stage.level or 0 for stage in architecture.stages), default=0)
    return (1 << coarsest,) * len(architecture.basis.axes)


def _by_shape(architecture: Architecture) -> tuple[int, ...]:
    """A step for each side, by the smallest shape that a stage takes or makes."""
    sample = architecture.inputs[0].shape
    nodes = [architecture.by_path[stage.path] for stage in architecture.stages]
    shapes = [
        shape
        for node in nodes
        for shape in (node.input, node.output)
        if shape and len(shape) == len(sample) and prod(shape)
    ]
    sides = range(2, 2 + len(architecture.basis.axes))
    least = [min((shape[place] for shape in shapes), default=sample[place]) for place in sides]
    ratios = [ceil(sample[place] / side) for place, side in zip(sides, least, strict=True)]
    return tuple(1 << max(ratio - 1, 0).bit_length() for ratio in ratios)


def _steps_more(
    architecture: Architecture, grids: tuple[AxisGrid, ...], runs: Callable[[Size], bool]
) -> int | None:
    """By how many steps the least size that runs is above that of the grids; None where only the sample's
    own size does. What refuses a size is taken to refuse all smaller ones."""
    sides = architecture.basis.axes

    def enough(more: int) -> bool:
        least = {grid.axis: grid.least + more * grid.step for grid in grids}
        return runs(Size.at(architecture.basis).with_axes(sides | least))

    refused, most = -1, min((sides[grid.axis] - grid.least) // grid.step for grid in grids)
    if most < 0 or enough(0):
        return None if most < 0 else 0
    refused, ran = 0, most
    while ran - refused > 1:
        middle = (refused + ran) // 2
        refused, ran = (refused, middle) if enough(middle) else (middle, ran)
    return ran
