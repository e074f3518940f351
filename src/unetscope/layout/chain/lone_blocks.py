"""Blocks that a network lists without stages around them: a stage for each resolution gathers them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from unetscope.cost import total
from unetscope.model import Architecture, Node
from unetscope.vocabulary import CONTAINERS

if TYPE_CHECKING:
    from unetscope.layout.chain.blocks import Block, StageBlocks


def gathered(
    architecture: Architecture, stages: Iterable[StageBlocks], block_of: Callable[[Node], Block]
) -> list[StageBlocks]:
    """The stages, lone blocks as one for each resolution: "Down 1–3" of Wan's encoder are two residual
    blocks and what halves the size."""
    blockses: list[StageBlocks] = []
    for stage in stages:
        node = architecture.by_path[stage.stage.path]
        if not (stage.stage.role in ("down", "up") and _is_block(architecture, node)):
            blockses.append(stage)
            continue
        whole = replace(stage, blocks=(block_of(node),))
        if blockses and blockses[-1].stage.role == whole.stage.role and not _resized(blockses[-1]):
            whole = _joined(blockses.pop(), whole)
        blockses.append(whole)
    return blockses


def _joined(first: StageBlocks, second: StageBlocks) -> StageBlocks:
    name = f"{first.stage.name.partition('–')[0]}–{second.stage.name.rpartition(' ')[2]}"
    stage, blocks = replace(first.stage, name=name), (*first.blocks, *second.blocks)
    return replace(
        first, stage=stage, blocks=blocks, cost=total((first.cost, second.cost)), output=second.output
    )


def _resized(stage: StageBlocks) -> bool:
    return stage.input is not None and stage.output is not None and stage.input[2:] != stage.output[2:]


def _is_block(architecture: Architecture, node: Node) -> bool:
    """Whether one block stands in the place of a stage: it holds layers and no lists of blocks. A stage that
    was seen in a record, and is no module, holds blocks."""
    inside = (node, *architecture.children[node.path])
    return node.type not in ("Sequential", "Stage") and all(inner.type not in CONTAINERS for inner in inside)
