"""Dense skips of a stage, as in UNet++: one line over its glyphs, which nodes feed and every ⧺ takes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope.layout.chain.blocks import taken_by
from unetscope.layout.measure import text, width
from unetscope.layout.parts.lanes import DOTS, HEAD, skip_name
from unetscope.layout.scene import Circle, Group, Item, Line
from unetscope.layout.strip.widths import PlacedStage
from unetscope.paths import is_within

_APART, _NUMBER = 13.0, 4.0
"""From the box to the line, and from the line to the numbers on it."""
_DOT = 1.9
_BESIDE, _RAISED = 5.0, 1.15
"""Between two numbers, and in sizes how much higher one stands that would touch its neighbour."""


@dataclass(frozen=True, slots=True)
class Comb:
    """The line of a stage: where ⧺ take from it, with the channels that each takes in all; where nodes feed
    it; and the x of the ⧺ that the long skip enters, from which it goes on."""

    stage: PlacedStage
    takes: tuple[tuple[float, int], ...]
    feeds: tuple[float, ...]
    start: float

    def top(self, size: float) -> tuple[float, float, float]:
        """Left, right and top of what it draws."""
        xs = [self.start, *self.feeds, *(x for x, _ in self.takes)]
        half = max(width(str(channels), size) for _, channels in self.takes) / 2 + 3
        return min(xs) + 1, max(xs) + half, self.stage.frame.y - height(size, tight=self.is_tight(size))

    def is_tight(self, size: float) -> bool:
        """Whether two numbers beside each other would touch on one height."""
        return any(
            after - x < (width(str(number), size) + width(str(other), size)) / 2 + _BESIDE
            for (x, number), (after, other) in pairwise(self.takes)
        )


def height(size: float, *, tight: bool = True) -> float:
    """How far it reaches above a box; `tight` where numbers stand in turn on two heights."""
    return _APART + _NUMBER + size * (1 + _RAISED * tight)


def combs(placed: Sequence[PlacedStage]) -> list[Comb]:
    """One for each stage with dense skips."""
    found = []
    for stage in placed:
        takes = [(block, frame) for block, frame in stage.slots if block.dense]
        if not takes:
            continue
        own = stage.plan.stage.stage.path
        sources = {skip.source for block, _ in takes for skip in block.dense if is_within(skip.source, own)}
        feeds = tuple(
            frame.centre for block, frame in stage.slots if block.path in sources and not block.skip
        )
        first = next((frame.centre for block, frame in stage.slots if block.skip), feeds[0])
        numbered = tuple((frame.centre, taken_by(block)) for block, frame in takes)
        found.append(Comb(stage, numbered, feeds, first))
    return found


def drawn(comb: Comb, *, size: float) -> Iterator[Item]:
    """The line with its dots, the way down to every ⧺, and the channels that each takes."""
    frames = {frame.centre: frame for _, frame in comb.stage.slots}
    y = comb.stage.frame.y - _APART
    ends = sorted([comb.start, *comb.feeds, *(x for x, _ in comb.takes)])
    items: list[Item] = [Line(((ends[0], y), (ends[-1], y)), "skip", 1.1, 0, DOTS)]
    for x in comb.feeds:
        items += [Line(((x, frames[x].y), (x, y)), "skip", 1.1, 0, DOTS), Circle(x, y, _DOT, "skip")]
    items.append(Circle(comb.start, y, _DOT, "skip"))
    raised = _RAISED * size * comb.is_tight(size)
    for at, (x, channels) in enumerate(comb.takes):
        items.append(Line(((x, y), (x, frames[x].y - 0.5)), "skip", 1.1, 0, DOTS, HEAD))
        items.append(
            text(x, y - _NUMBER - raised * (at % 2), str(channels), size=size, role="dim", anchor="middle")
        )
    path = comb.stage.plan.stage.stage.path
    yield Group(tuple(items), skip_name(path, path))
