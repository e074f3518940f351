"""Where the elements of a folded strip stand: the widths across the page, then line by line downwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.resolutions import area_of, areas
from unetscope.layout.fold.elements import Element, Fold, Rung
from unetscope.layout.fold.gutters import Gutter
from unetscope.layout.fold.widths import NARROWEST, SIZE, Across, closed_lines
from unetscope.layout.scene import Frame
from unetscope.model import Architecture

LINE = 15.5
CELL, BAR, END, ON = 19.0, 12.0, 17.0, 1.8
"""Heights of a block, of a concatenation and of what stands alone; the gap of two in a unit."""
GAP = 14.0
"""Between two lines: room for the flow."""
COUNT = 13.0
"""Below a unit: how often it repeats."""
ARRIVALS = 12.5
"""Between two skips that end at one bracket."""
_ALONE = frozenset({"down", "up", "conv"})


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An element in its place, its blocks from top to bottom, and the y of each skip at its side."""

    element: Element
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]
    ends: dict[Rung, float]
    left: bool

    @property
    def count_y(self) -> float:
        """The baseline of what says how often it repeats: below what leaves a unit, at the foot of what
        takes."""
        if not self.ends:
            return self.frame.middle + 0.355 * SIZE
        last = max(self.ends.values()) + 17
        return max(self.frame.bottom + (11.5 if self.left else -1), last)


def stack_height(element: Element) -> float:
    """The height of an element."""
    if element.closed:
        return max(CELL, LINE * len(closed_lines(element, NARROWEST)) + 6)
    return sum(map(_block_height, element.blocks)) + ON * max(0, len(element.blocks) - 1)


def _block_height(block: Block) -> float:
    return BAR if block.kind == "concat" else END if block.kind in _ALONE else CELL


def placed(
    architecture: Architecture,
    chain: Chain,
    fold: Fold,
    gutters: tuple[Sequence[Gutter], Sequence[Gutter]],
    at: Across,
    *,
    top: float,
) -> tuple[list[PlacedElement], list[PlacedElement], float]:
    """Both halves from `top` on, and the y below them and their gutters."""
    pixels = areas(architecture, chain)
    ys, below = _tops(fold, gutters, top)
    halves: list[list[PlacedElement]] = []
    for side, elements in enumerate((fold.left, fold.right)):
        half = []
        for number, element in enumerate(elements):
            y = ys[fold.lines[side][number]] + (_lowered(fold, number) if side == 0 else 0)
            half.append(_element(element, side, y, at, pixels))
        halves.append(half)
    left, right = _joined(fold, *halves)
    return left, right, below


def _tops(
    fold: Fold, gutters: tuple[Sequence[Gutter], Sequence[Gutter]], top: float
) -> tuple[list[float], float]:
    """The top of every line, and the y below the last one: no element and no gutter stands on another."""
    ys, y = list[float](), top
    free, ends = [top, top], [top, top]
    by_element: list[dict[int | None, Gutter]] = [
        {gutter.element: gutter for gutter in side} for side in gutters
    ]
    for line in range(1 + max((place for side in fold.lines for place in side), default=-1)):
        at = [numbers.index(line) if line in numbers else None for numbers in fold.lines]
        beside = [(side, number) for side, number in enumerate(at) if number in by_element[side]]
        lowered = _lowered(fold, at[0]) if at[0] is not None else 0.0
        for side, number in beside:
            y = max(y, free[side], ends[side])
            free[side] = y + (0 if side else lowered) + by_element[side][number].height + 7
        for side, number in beside:  # the other side may have moved it down
            ends[side] = y + by_element[side][number].height
        ys.append(y)
        y += _line_height(fold, at) + GAP
    return ys, max(y - GAP, *(bottom - 7 for bottom in free)) if ys else top


def _line_height(fold: Fold, at: Sequence[int | None]) -> float:
    high = 0.0
    for side, number in enumerate(at):
        if number is not None:
            element = (fold.left, fold.right)[side][number]
            tall = stack_height(element) + (_lowered(fold, number) if side == 0 else 0)
            many = sum(number == (rung.taken if side else rung.made) for rung in fold.rungs)
            below = ARRIVALS * many + (COUNT if side and element.count > 1 else 0)
            tall += COUNT if side == 0 and element.count > 1 else 0
            high = max(high, tall, below)
    return high


def _level(fold: Fold) -> dict[int, int]:
    """The elements at the right with the one at the left on their line that gives them a skip."""
    pairs = {(rung.made, rung.taken) for rung in fold.rungs}
    lines = fold.lines[0]
    return {taken: maker for maker, taken in pairs if lines[maker] == fold.lines[1][taken]}


def _above(fold: Fold, taken: int, maker: int) -> int:
    """How many skips arrive above the level one."""
    return sum(rung.taken == taken and rung.made < maker for rung in fold.rungs)


def _lowered(fold: Fold, number: int) -> float:
    """How far an element stands below the top of its line, so that skips from above arrive above its own."""
    taken = next((taken for taken, maker in _level(fold).items() if maker == number), None)
    if taken is None or fold.right[taken].resamples:
        return 0.0
    first = 7 + ARRIVALS * _above(fold, taken, number)
    return max(0.0, first - stack_height(fold.left[number]) / 2)


def _element(
    element: Element, side: int, y: float, at: Across, pixels: dict[tuple[str, str], int]
) -> PlacedElement:
    """An element with its blocks: down in the left half, up in the right one."""
    if element.closed:
        assert element.stage is not None
        wide = at.widths.get(area_of(element.stage), max(at.widths.values()))
        frame = Frame(_x(side, wide, at), y, wide, stack_height(element))
        return PlacedElement(element, frame, (), {}, side == 0)
    slots, top = [], y
    for block in element.blocks if side == 0 else element.blocks[::-1]:
        wide = at.widths[pixels[block.kind, block.path]]
        slots.append((block, Frame(_x(side, wide, at), y, wide, _block_height(block))))
        y += slots[-1][1].height + ON
    widest = max(frame.width for _, frame in slots)
    return PlacedElement(
        element, Frame(_x(side, widest, at), top, widest, y - ON - top), tuple(slots), {}, side == 0
    )


def _x(side: int, wide: float, at: Across) -> float:
    return at.right if side else at.left - wide


def _joined(
    fold: Fold, left: list[PlacedElement], right: list[PlacedElement]
) -> tuple[list[PlacedElement], list[PlacedElement]]:
    """Both halves with the ends of their skips: level where both stand on one line."""
    level = _level(fold)
    for number, element in enumerate(left):
        own = [rung for rung in fold.rungs if rung.made == number]
        flat = [rung for rung in own if level.get(rung.taken) == number]
        for rank, rung in enumerate(own):
            first = own.index(flat[0]) if flat else (len(own) - 1) / 2
            element.ends[rung] = element.frame.middle + (rank - first) * ARRIVALS
    for number, element in enumerate(right):
        own = [rung for rung in fold.rungs if rung.taken == number]
        maker = level.get(number)
        at = next((rank for rank, rung in enumerate(own) if rung.made == maker), None)
        first = left[maker].ends[own[at]] if maker is not None and at is not None else element.frame.middle
        zero = at if at is not None else (len(own) - 1) / 2
        for rank, rung in enumerate(own):
            element.ends[rung] = first + (rank - zero) * ARRIVALS
    return left, right
