"""How fine each block works: the pixels of its tensors, by which pictures draw heights and widths."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.chain.ends import area, with_frames
from unetscope.model import Architecture
from unetscope.sizes import IMAGE_RANK, Shape

Areas = dict[tuple[str, str], int]
"""Pixels by kind and path of a block: a concatenation has the path of the block behind it."""


def areas(architecture: Architecture, chain: Chain) -> Areas:
    """The pixels of every block and of both ends."""
    areas: Areas = {
        (block.kind, block.path): _area(architecture, stage, block)
        for stage in chain.stages
        for block in stage.blocks
    }
    first = chain.stages[0].input if chain.stages else None
    last = chain.stages[-1].output if chain.stages else None
    for block, shape in ((chain.inlet, first), (chain.outlet, last)):
        if block:
            areas[block.kind, block.path] = _end_area(architecture, block, shape)
    return areas


def levels(architecture: Architecture, chain: Chain) -> list[int]:
    """The resolutions in rising order."""
    empty = [area_of(stage) for stage in chain.stages if not stage.blocks]
    return sorted({*areas(architecture, chain).values(), *empty})


def area_of(stage: StageBlocks) -> int:
    """The pixels of a stage's finer side."""
    return max((area(shape) for shape in (stage.input, stage.output) if shape), default=1)


def _area(architecture: Architecture, stage: StageBlocks, block: Block) -> int:
    """The pixels of a block's finer side, of its coarser one where it resamples; those of the tensor that a
    concatenation takes."""
    if block.skip is not None:
        signal = stage.observed and len(block.skip.shape) < IMAGE_RANK  # whose skips have their channels last
        return prod(block.skip.shape[1:-1]) if signal else area(block.skip.shape)
    node = architecture.by_path[block.path]
    rank = max((len(shape) for shape in (stage.input, stage.output) if shape), default=0)
    shapes = [with_frames(architecture, shape) for shape in (node.input, node.output)]
    sizes = [area(shape) for shape in shapes if shape and len(shape) == rank]
    return _side(block, sizes) if sizes else area_of(stage)


def _side(block: Block, sizes: Sequence[int]) -> int:
    return min(sizes) if block.kind in ("down", "up") or block.resamples else max(sizes)


def _end_area(architecture: Architecture, block: Block, shape: Shape | None) -> int:
    """The pixels at an end of the network."""
    output = with_frames(architecture, architecture.by_path[block.path].output)
    same = output and shape and len(output) == len(shape)
    return area(output) if output and same else area(shape) if shape else 1
