"""Which blocks of a chain are alike down to each layer, and where they stand. Knows no coordinates."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.vocabulary import GlyphKind

_LETTERED: tuple[GlyphKind, ...] = ("residual", "conv-block")
"""Kinds of blocks that a table tells of; a transformer has a card."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class LayerShape:
    """Blocks with equal layers: the first of them, what it takes and makes, and the stages they stand in.

    `letter` is what stands in their glyphs; "" beyond z.
    """

    block: Block
    taken: Shape
    made: Shape
    stages: tuple[tuple[str, int], ...]
    letter: str = ""

    @property
    def times(self) -> int:
        return sum(count for _, count in self.stages)

    @property
    def where(self) -> str:
        """The stages by name: "Down 3, Mid ×2"."""
        return ", ".join(name + (f" ×{count}" if count > 1 else "") for name, count in self.stages)


def shapes(architecture: Architecture, chain: Chain, kind: GlyphKind) -> tuple[LayerShape, ...]:
    """The distinct blocks of a kind, in the order in which they first run."""
    by_key: dict[tuple[object, ...], tuple[Block, Counter[str]]] = {}
    for stage in chain.stages:
        for block in stage.blocks:
            if block.kind == kind:
                _, stages = by_key.setdefault(_key(architecture, block), (block, Counter()))
                stages[stage.stage.name] += 1
    letters = [*_LETTERS, *[""] * len(by_key)]
    described = []
    for letter, (block, stages) in zip(letters, by_key.values(), strict=False):
        node = architecture.by_path[block.path]
        described.append(
            LayerShape(block, node.input or (), node.output or (), tuple(stages.items()), letter)
        )
    return tuple(described)


def lettered(architecture: Architecture, chain: Chain) -> Chain:
    """The chain with its blocks closed, and the letter of its shape as the place of each block of a table."""
    letters = {
        _key(architecture, shape.block): shape.letter
        for kind in _LETTERED
        for shape in shapes(architecture, chain, kind)
    }
    stages = tuple(
        replace(
            stage,
            blocks=tuple(
                replace(block, layers=(), place=letters.get(_key(architecture, block), ""))
                for block in stage.blocks
            ),
        )
        for stage in chain.stages
    )
    return replace(chain, stages=stages)


def _key(architecture: Architecture, block: Block) -> tuple[object, ...]:
    """What blocks that are alike have in common."""
    node = architecture.by_path.get(block.path)
    sizes = (node.input, node.output) if node else ()
    layers = tuple((layer.kind, layer.letter, layer.cost) for layer in block.layers)
    return (block.kind, block.type, block.repeat, sizes, block.cost, layers)
