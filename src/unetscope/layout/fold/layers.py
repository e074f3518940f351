"""The layers inside the blocks of a folded strip: a row for each kind of layer, adding up to all blocks of
its kind."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.cost import Cost, total
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.fold.widths import SIZE
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.pieces import Piece, at_least, pad, row, space, stack, words
from unetscope.words import units

_NUMBER = 82.0


def layers(chain: Chain, scale: CostScale, room: float) -> Piece:
    """A table for each kind of block that holds layers."""
    blocks = [block for block in chain.blocks() if block.layers]
    letters = list(dict.fromkeys(block.letter for block in blocks))
    tables = [
        _table([block for block in blocks if block.letter == letter], scale, room) for letter in letters
    ]
    return stack(*tables, gap=10)


def _table(blocks: Sequence[Block], scale: CostScale, room: float) -> Piece:
    """What all blocks of a letter hold: each layer, then their sum."""
    by_layer: dict[str, list[Cost]] = {}
    for block in blocks:
        for layer in block.layers:
            by_layer.setdefault(layer.letter or layer.kind, []).append(layer.cost)
    # Norms of several classes have no letter.
    first = blocks[0]
    heading = f"Inside {first.letter}, all {len(blocks)}" if len(blocks) > 1 else f"Inside {first.letter}"
    rows = [_row((heading, "parameters", scale.heading), room, bold=True)]
    rows += [_row((name, *_numbers(total(costs), scale)), room) for name, costs in by_layer.items()]
    rows.append(_row(("sum", *_numbers(total(block.cost for block in blocks), scale)), room, bold=True))
    return stack(*rows)


def _numbers(cost: Cost, scale: CostScale) -> tuple[str, str]:
    return units.params(cost.params), scale.work(cost)


def _row(cells: tuple[str, str, str], room: float, *, bold: bool = False) -> Piece:
    name, *numbers = cells
    texts = [at_least(words(number, size=SIZE, bold=bold, side="end"), _NUMBER) for number in numbers]
    wide = max(_NUMBER, *(text.width for text in texts))
    first = at_least(words(name, size=SIZE, bold=bold), room - 2 * wide - 8)
    return pad(row(first, *(at_least(text, wide) for text in texts), space(4)), 0, 0)
