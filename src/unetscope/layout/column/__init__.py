"""The column: a transformer from top to bottom, every run of equal blocks once, with the inside of each
beside it.

What the blocks are, how many are equal, which streams of tokens run through them and what conditions them
is read from the recorded operations.
"""

from __future__ import annotations

from unetscope.analysis.once import once
from unetscope.choices import Look
from unetscope.layout.column.drawing.composing import composed
from unetscope.layout.column.drawing.flowchart import ColumnNetwork
from unetscope.layout.column.reading import read_network
from unetscope.layout.column.reading.conditions import outside_of
from unetscope.layout.column.reading.tokens import Descent
from unetscope.layout.scene import Scene
from unetscope.model import Architecture
from unetscope.paths import is_within


def draw(architecture: Architecture, options: Look) -> Scene:
    """The column of an architecture."""
    return composed(_network(architecture), options)


@once
def _network(architecture: Architecture) -> ColumnNetwork:
    """The network as all its columns show it."""
    descent = Descent(architecture)
    runs = read_network(architecture, descent)
    stacks = [run.blocks.stage.path for run in runs]
    last = max(
        index
        for index, call in enumerate(architecture.calls)
        if any(is_within(architecture.nodes[call.node].path, path) for path in stacks)
    )
    return ColumnNetwork(architecture, runs, outside_of(architecture, descent, last))
