"""The samples in front of the words of a legend, each around a middle y."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from unetscope.cost import Cost
from unetscope.layout.chain.blocks import Block
from unetscope.layout.parts.glyphs import (
    badge_context,
    badge_time,
    body,
    glyph,
    own_colours,
    resampling_arrow,
)
from unetscope.layout.parts.lanes import DOTS
from unetscope.layout.scene import Box, Circle, Frame, Item, Line
from unetscope.layout.shades import SHADES
from unetscope.vocabulary import GlyphKind

Sampler: TypeAlias = Callable[[float, float], Sequence[Item]]
"""What draws a sample from x on around y."""


def nothing(x: float, y: float) -> Sequence[Item]:
    del x, y
    return ()


def swatch(x: float, y: float, *, step: int) -> Sequence[Item]:
    return (Box(Frame(x, y - 7, 16, 14), SHADES[step - 1][0], "flow", 1, radius=2.5),)


def sample(kind: GlyphKind, letter: str, *, shade: int = 0) -> Sampler:
    block = Block(kind, "", "", letter, Cost(), shade=shade)
    return lambda x, y: glyph(block, Frame(x, y - 8, 14, 16)).items


def norm(x: float, y: float) -> Sequence[Item]:
    return (body(Block("norm", "", "", "", Cost()), Frame(x, y - 8, 6, 16), radius=1.5),)


def resampling(x: float, y: float, *, kind: GlyphKind = "conv") -> Sequence[Item]:
    """Down and up in the colours of what resamples: a convolution, or a residual block."""
    frames = (Frame(x, y - 9, 11.5, 18), Frame(x + 13, y - 9, 11.5, 18))
    fill, ink = own_colours(kind)
    boxes = (Box(frame, fill, ink, 1.1, radius=2.5) for frame in frames)
    signs = (
        resampling_arrow(frame.centre, y, length=12, up=up, role=ink)
        for frame, up in zip(frames, (False, True), strict=True)
    )
    return (*boxes, *signs)


def convolutions(x: float, y: float) -> Sequence[Item]:
    return (*sample("conv", "Cv")(x, y), *resampling(x + 17, y))


def beside(x: float, y: float) -> Sequence[Item]:
    return (body(Block("conv", "", "", "", Cost(), beside=True), Frame(x, y - 8, 14, 16)),)


def joins(blocks: Sequence[Block], wide: float) -> Iterator[tuple[float, Sampler, str]]:
    """The bars of skips: concatenated ones, then added ones, as far as there are any."""
    for kind, word in (("concat", "concat"), ("add", "add")):
        joining = (block.skip for block in blocks if block.kind == "concat" and block.skip)
        skip = next((skip for skip in joining if skip.kind == kind), None)
        if skip is not None:
            yield wide, partial(_joined, Block("concat", "", "", "", Cost(), skip=skip)), word


def _joined(block: Block, x: float, y: float) -> Sequence[Item]:
    return glyph(block, Frame(x, y - 8, 7.5, 16)).items


def skip(x: float, y: float) -> Sequence[Item]:
    return (Line(((x, y), (x + 25, y)), "skip", 1.1, 0, DOTS, 6.5),)


def dense(x: float, y: float) -> Sequence[Item]:
    """The line of dense skips, which a node feeds."""
    line = Line(((x, y - 3), (x + 19, y - 3), (x + 19, y + 7)), "skip", 1.1, 0, DOTS, 6.5)
    return (
        line,
        Line(((x + 8, y + 7), (x + 8, y - 3)), "skip", 1.1, 0, DOTS),
        Circle(x + 8, y - 3, 1.9, "skip"),
    )


def dot(x: float, y: float) -> Sequence[Item]:
    return (Circle(x + 3.5, y, 3, "time"),)


def square(x: float, y: float) -> Sequence[Item]:
    return tuple(badge_context(x + 3.5, y, size=6, lettered=False))


def time(x: float, y: float) -> Sequence[Item]:
    return (Circle(x + 4, y, 3, "time"), *badge_time(x + 18, y, size=15, lettered=True))


def context(x: float, y: float) -> Sequence[Item]:
    small = badge_context(x + 4, y, size=6, lettered=False)
    return (*small, *badge_context(x + 18, y, size=14, lettered=True))
