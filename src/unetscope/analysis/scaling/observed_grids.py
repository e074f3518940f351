"""The sizes at which rules of a network without a config are looked for, from what its stages work at."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, prod

from unetscope.model import Architecture
from unetscope.sizes import AxisGrid

_STEPS = 2
"""The least size in steps: at one a norm may see a single position."""


def observed_grids(architecture: Architecture) -> tuple[AxisGrid, ...]:
    """A grid for each side of the sample: its step is how many positions its coarsest stage makes one of."""
    sample = architecture.inputs[0].shape
    nodes = [architecture.by_path[stage.path] for stage in architecture.stages]
    shapes = [node.input for node in nodes if node.input and len(node.input) == len(sample)]
    grids = []
    for place, axis in enumerate(architecture.basis.axes, start=2):
        least = min((shape[place] for shape in shapes if prod(shape)), default=sample[place])
        step = max(1, 1 << (ceil(Fraction(sample[place], least)) - 1).bit_length())
        grids.append(AxisGrid(axis, step, _STEPS * step))
    return tuple(grids)
