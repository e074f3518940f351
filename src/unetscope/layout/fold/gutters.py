"""Beside a folded strip: the name of each stage, what it makes, its parameters and its work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import StageBlocks
from unetscope.layout.chain.ends import sides
from unetscope.layout.fold.elements import Element
from unetscope.layout.measure import text, width
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Anchor, ColourRole, Group, Item
from unetscope.words import units

_SIZE, _LINE = 12.6, 15.5
_WIDE = 84.0
"""A longer size takes two lines."""

Told = tuple[str, ColourRole, bool]
"""A line with its colour, and whether it is bold."""


@dataclass(frozen=True, slots=True)
class Gutter:
    """The lines beside an element, by its number, that tell of its stage."""

    element: int
    stage: StageBlocks
    lines: tuple[Told, ...]

    @property
    def width(self) -> float:
        return max(width(words, _SIZE, bold=bold) for words, _, bold in self.lines)

    @property
    def height(self) -> float:
        return _LINE * len(self.lines)


def gutters(elements: Sequence[Element], scale: CostScale) -> list[Gutter]:
    """One for each stage of a half, beside the element that holds most of its blocks."""
    by_stage: dict[str, int] = {}
    for number, element in enumerate(elements):
        if element.stage is None:
            continue
        path = element.stage.stage.path
        if path not in by_stage or len(elements[by_stage[path]].blocks) < len(element.blocks):
            by_stage[path] = number
    stages = [(number, elements[number].stage) for number in by_stage.values()]
    return [Gutter(number, stage, lines(stage, scale)) for number, stage in stages if stage is not None]


def lines(stage: StageBlocks, scale: CostScale) -> tuple[Told, ...]:
    """Name, size, parameters and work of a stage."""
    return (
        (stage.stage.name, "ink", True),
        *((line, "dim", False) for line in _size(stage)),
        (units.params(stage.cost.params), "ink", False),
        (scale.work_with_unit(stage.cost), "dim", False),
    )


def _size(stage: StageBlocks) -> list[str]:
    """The channels a stage makes at the size its blocks work at: "320×64²"; two lines where that is long.

    A stage that resamples last returns another size: its resampling stands between this stage and the next.
    """
    if not stage.output or len(stage.output) < 3:
        return []
    last = stage.blocks[-1] if stage.blocks else None
    # where stages were observed, what resamples besides works at the level of its stage
    resamples = last is not None and bool(last.resamples) and not stage.observed
    resamples_last = last is not None and (last.kind in ("down", "up") or resamples)
    channels = str(stage.output[1])
    size = sides(stage.input if resamples_last and stage.input else stage.output)
    whole = f"{channels}×{size}"
    return [whole] if width(whole, _SIZE) <= _WIDE else [f"{channels} ×", size]


def beside(gutter: Gutter, x: float, y: float, *, anchor: Anchor) -> Item:
    """The lines of a gutter, the top at y, as a part of the stage."""
    return Group((Group(tuple(_texts(gutter, x, y, anchor))),), gutter.stage.stage.path)


def _texts(gutter: Gutter, x: float, y: float, anchor: Anchor) -> Iterator[Item]:
    for index, (words, role, bold) in enumerate(gutter.lines):
        base = y + 11 + _LINE * index
        yield text(x, base, words, size=_SIZE, role=role, bold=bold, anchor=anchor)
