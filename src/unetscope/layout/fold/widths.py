"""How wide what a folded strip shows is: words, boxes by their pixels, what is left between both halves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.chain.resolutions import levels
from unetscope.layout.fold.elements import Element, Fold
from unetscope.layout.fold.gutters import Gutter
from unetscope.layout.measure import width, wrapped
from unetscope.layout.page import Page
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS

SIZE = 12.6
"""Of every text: 6.5 pt where 460 px are printed 3.3 in wide."""
BRACKET = 9.0
NARROWEST = 50.0
_BESIDE, _WIDEST, _STEP = 6.0, 84.0, 10.0
_MARK = 11.0


@dataclass(frozen=True, slots=True)
class Across:
    """The page from left to right: the inner edges of the boxes, the flow of both halves, and how wide a box
    is by its pixels."""

    left: float
    right: float
    flows: tuple[float, float]
    widths: dict[int, float]

    @property
    def centre(self) -> float:
        return (self.left + self.right) / 2

    @property
    def boxes(self) -> float:
        """From the outer edge of the widest box at the left to that at the right."""
        return self.right - self.left + 2 * max(self.widths.values(), default=0.0)


def shown(block: Block) -> str:
    """The letter of a block, with the number of its layers."""
    return f"{block.letter} ×{block.repeat}" if block.repeat > 1 else block.letter


def marks_width(block: Block) -> float:
    """What the marks of what a block reads need."""
    return 5.0 + _MARK * (block.times + block.texts) if block.times or block.texts else 3.0


def needed(block: Block) -> float:
    """The least width of a block's box: its letter in the flow, its marks outside; beside a number of layers
    the letter stands where it has room."""
    wide = width(shown(block), SIZE, bold=True) + (12 if block.resamples else 0)
    if block.repeat > 1 or block.resamples:
        return wide + marks_width(block) + 6
    return wide + 2 * marks_width(block) + 4


def across(
    architecture: Architecture,
    chain: Chain,
    fold: Fold,
    gutters: tuple[Sequence[Gutter], Sequence[Gutter]],
    page: Page,
) -> Across:
    """The widths: what gutters and the numbers of skips leave is for boxes, the finer the wider."""
    room = [max((gutter.width for gutter in side), default=0.0) for side in gutters]
    labels = max((width(rung.label, SIZE) for rung in fold.rungs), default=0.0)
    channel = max(labels + 2 * BRACKET + 34, 110.0)
    free = page.content - sum(room) - 2 * _BESIDE - channel
    elements = [*fold.left, *fold.right]
    least = max(
        [
            NARROWEST,
            *(needed(block) for element in elements if not element.closed for block in element.blocks),
        ]
    )
    least = max([least, *(_closed_width(element) for element in elements if element.closed)])
    widest = max(least, min(_WIDEST, free / 2 if fold.right else free))
    rising = levels(architecture, chain)
    step = min(_STEP, (widest - least) / max(1, len(rising) - 1))
    widths = {size: least + step * at for at, size in enumerate(rising)}
    left = page.margin + room[0] + _BESIDE + max(widths.values(), default=least)
    right = page.right - room[1] - _BESIDE - max(widths.values(), default=least)
    return Across(left, right, (left - least / 2, right + least / 2), widths)


def held(stage: StageBlocks) -> list[str]:
    """What a closed stage holds, a kind each: "2 R"."""
    counts = Counter(
        GLYPHS[block.kind].letter or block.letter for block in stage.blocks if block.kind != "concat"
    )
    return [sign if sign in "↓↑" else f"{count} {sign}" for sign, count in counts.items()]


def _closed_width(element: Element) -> float:
    words = held(element.stage) if element.stage else []
    return min(72.0, width("  ".join(words), SIZE, bold=True) + 12)


def closed_lines(element: Element, wide: float) -> list[str]:
    """The words in the box of a closed stage, a few on a line."""
    return lines_of(element.stage, wide) if element.stage else []


def lines_of(stage: StageBlocks, wide: float) -> list[str]:
    """What a closed stage holds, in lines of at most this width."""
    words = "  ".join(word.replace(" ", "\u00a0") for word in held(stage))
    return [line.replace("\u00a0", " ") for line in wrapped(words, wide - 8, SIZE, bold=True)]
