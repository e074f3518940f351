"""Lines of a U: arrows, rungs with their pills, and the ways around the mid stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from unetscope.layout.chain.blocks import StageBlocks
from unetscope.layout.chain.ends import sides
from unetscope.layout.measure import centred, text, width
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.lanes import DOTS
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line, Point
from unetscope.layout.u.measures import UForm
from unetscope.sizes import Shape

Style: TypeAlias = tuple[ColourRole, Callable[[Sequence[Point]], Iterator[Item]]]
"""The role of a skip, and what draws its line with what it ends in."""


def _dotted(points: Sequence[Point]) -> Iterator[Item]:
    yield Line(tuple(points), "skip", 1.1, 5, DOTS, 6.5)


PLAIN: Style = ("skip", _dotted)


def rung(
    start: tuple[float, float],
    end: tuple[float, float],
    words: str,
    wide: float,
    middle: float,
    style: Style = PLAIN,
) -> Iterator[Item]:
    """One skip between the halves with a pill at the height of its end."""
    level = abs(start[1] - end[1]) < 0.1
    bend = middle - wide / 2 - 9
    points = (start, end) if level else (start, (bend, start[1]), (bend, end[1]), end)
    role, stroke = style
    yield from stroke(points)
    frame = Frame(middle - wide / 2, end[1] - 9, wide, 18)
    yield Box(frame, "background", role, 1, radius=9)
    yield centred(frame, words, size=10, role="dim")


def around_mid(
    into: Sequence[tuple[float, float]],
    out: Sequence[tuple[float, float]],
    frame: Frame,
    y: float,
    stage: StageBlocks,
    form: UForm,
) -> Iterator[Item]:
    """The flow from the encoder's foot into the mid stage and up to the decoder's, with its sizes."""
    left = min(form.left + form.turn, frame.x - _beside_room(stage.input))
    right = max(form.right + form.box - form.turn, frame.right + _beside_room(stage.output))
    for x, bottom in into:
        points = ((x, bottom), (x, bottom + 13), (left, bottom + 13), (left, y), (frame.x - 0.5, y))
        yield arrow(*points, radius=6)
        yield from _beside(stage.input, (left + frame.x) / 2, y - 8)
    for x, bottom in out:
        points = ((frame.right, y), (right, y), (right, bottom + 13), (x, bottom + 13), (x, bottom + 0.5))
        yield arrow(*points, radius=6)
        yield from _beside(stage.output, (frame.right + right) / 2, y - 8)


def _beside_room(shape: Shape | None) -> float:
    """What a size needs between the box of the mid stage and where the flow turns."""
    return width(sides(shape), 10.5) + 4 if shape else 0.0


def _beside(shape: Shape | None, x: float, y: float) -> Iterator[Item]:
    """A size on the flow: channels over height and width."""
    if shape:
        yield text(x, y - 13, str(shape[1]), size=10.5, role="ink", anchor="middle")
        yield text(x, y, sides(shape), size=10.5, role="dim", anchor="middle")


def around_the_foot(source: Frame, target: Frame, y: float) -> Iterator[Item]:
    """The flow from the foot of one half to that of the other, where there is no mid stage."""
    end = (target.centre, target.bottom + 0.5)
    yield arrow((source.centre, source.bottom), (source.centre, y), (target.centre, y), end, radius=4)
    yield text((source.right + target.x) / 2, y - 5, "no Mid", size=10, role="dim", anchor="middle")
