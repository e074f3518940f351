"""The chain that a picture shows under its look: opened, shaded, and bare of badges on paper."""

from __future__ import annotations

from dataclasses import replace

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, Chain, chain
from unetscope.layout.chain.layers import opened, opened_once
from unetscope.layout.chain.shades import ramp, shaded
from unetscope.model import Architecture


def prepared(architecture: Architecture, look: Look) -> Chain:
    """The chain of an architecture as it is to be drawn."""
    drawn = chain(architecture)
    if look.detail == "layer":
        drawn = opened(architecture, drawn)
        drawn = opened_once(drawn) if look.width == "column" else drawn
    steps = ramp(drawn, look)
    return shaded(drawn, steps, look) if steps else drawn


def unbadged(drawn: Chain) -> Chain:
    """The chain without marks of what reads time and context: on paper the legend says it."""

    def bare(block: Block) -> Block:
        return replace(block, times=False, texts=False, layers=tuple(map(bare, block.layers)))

    stages = tuple(replace(stage, blocks=tuple(map(bare, stage.blocks))) for stage in drawn.stages)
    return replace(drawn, stages=stages)
