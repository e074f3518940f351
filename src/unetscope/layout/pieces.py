"""Measured pieces: what stands above the five primitives of a scene.

A piece knows how large it is at least; it is placed in a frame that is that large or larger, and yields items
there. Pieces hold pieces, so that a picture is put together without a coordinate: `stack` and `row` set
pieces below and beside each other, `pad` keeps room around one, `align` puts one at a side of what it is
given, `box` draws a rectangle around one. A piece that is `marked` reports where it was placed: lines between
pieces are drawn afterwards, from these marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.scene import Anchor, Box, ColourRole, Frame, Group, Item

Side: TypeAlias = Literal["start", "centre", "end", "fill"]
"""Where a piece stands across the room it is given; `fill` gives it all of it."""
Marks: TypeAlias = dict[str, Frame]
"""Where marked pieces came to stand, by name."""
LEADING = 1.42
"""From baseline to baseline, in sizes."""
_BASELINE = 1.08
"""From the top of a line to its baseline, in sizes."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that can be placed: its least width and height in px, and what draws it in a frame."""

    width: float
    height: float
    paint: Callable[[Frame, Marks], Iterator[Item]]


def place(piece: Piece, frame: Frame) -> tuple[list[Item], Marks]:
    """The items of a piece in a frame, and where its marked pieces stand."""
    marks: Marks = {}
    return [*piece.paint(frame, marks)], marks


def space(wide: float = 0, high: float = 0) -> Piece:
    """Room that stays empty."""
    return Piece(wide, high, lambda _frame, _marks: iter(()))


def sketch(wide: float, high: float, draw: Callable[[Frame], Iterator[Item]]) -> Piece:
    """A piece that draws primitives by itself."""
    return Piece(wide, high, lambda frame, _marks: draw(frame))


def words(
    content: str,
    *,
    size: float,
    role: ColourRole = "ink",
    bold: bool = False,
    mono: bool = False,
    side: Side = "start",
) -> Piece:
    """One line of text, at a side of what it is given."""
    anchors: dict[Side, Anchor] = {"start": "start", "centre": "middle", "end": "end", "fill": "start"}
    anchor = anchors[side]

    def draw(frame: Frame, _marks: Marks) -> Iterator[Item]:
        x = {"start": frame.x, "middle": frame.centre, "end": frame.right}[anchor]
        y = frame.middle - size * LEADING / 2 + size * _BASELINE
        yield text(x, y, content, size=size, role=role, anchor=anchor, bold=bold, mono=mono)

    return Piece(width(content, size, bold=bold, mono=mono), size * LEADING, draw)


def paragraph(
    content: str,
    room: float,
    *,
    size: float,
    role: ColourRole = "ink",
    bold: bool = False,
    side: Side = "start",
) -> Piece:
    """Text in as many lines as it needs to be no wider than `room`."""
    lines = wrapped(content, room, size, bold=bold)
    return stack(*(words(line, size=size, role=role, bold=bold, side=side) for line in lines), side="fill")


def stack(*pieces: Piece, gap: float = 0, side: Side = "fill") -> Piece:
    """Pieces below each other, each at a side of the width. Room to spare stays below the last one."""
    present = [piece for piece in pieces if piece.width or piece.height]

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        y = frame.y
        for piece in present:
            yield from piece.paint(_across(piece, frame, y, side), marks)
            y += piece.height + gap

    high = sum(piece.height for piece in present) + gap * max(0, len(present) - 1)
    return Piece(max((piece.width for piece in present), default=0), high, draw)


def row(*pieces: Piece, gap: float = 0, share: Literal["equal", "first", "none"] = "none") -> Piece:
    """Pieces beside each other, all as high as the row. Room to spare goes to all, so that they are equally
    wide, to the first one, or to none."""
    present = [piece for piece in pieces if piece.width or piece.height]
    widest = max((piece.width for piece in present), default=0)
    gaps = gap * max(0, len(present) - 1)
    least = (widest * len(present) if share == "equal" else sum(piece.width for piece in present)) + gaps

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        x = frame.x
        for piece, wide in zip(present, _widths(present, frame.width - gaps, share), strict=True):
            yield from piece.paint(Frame(x, frame.y, wide, frame.height), marks)
            x += wide + gap

    return Piece(least, max((piece.height for piece in present), default=0), draw)


def apart(above: Piece, below: Piece, *, gap: float = 0) -> Piece:
    """Two pieces, one at the top and one at the bottom of what they are given."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        yield from above.paint(Frame(frame.x, frame.y, frame.width, above.height), marks)
        yield from below.paint(Frame(frame.x, frame.bottom - below.height, frame.width, below.height), marks)

    high = above.height + below.height + (gap if above.height else 0)
    return Piece(max(above.width, below.width), high, draw)


def pad(
    piece: Piece, left: float, top: float, right: float | None = None, bottom: float | None = None
) -> Piece:
    """A piece with room around it; at the right as at the left and below as above, unless told otherwise."""
    beside, below = left if right is None else right, top if bottom is None else bottom

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        wide, high = frame.width - left - beside, frame.height - top - below
        yield from piece.paint(Frame(frame.x + left, frame.y + top, wide, high), marks)

    return Piece(piece.width + left + beside, piece.height + top + below, draw)


def align(piece: Piece, side: Side = "centre", *, middle: bool = False) -> Piece:
    """A piece at its own width at a side of what it is given, and at its own height, `middle` or on top."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        y = frame.middle - piece.height / 2 if middle else frame.y
        yield from piece.paint(_across(piece, frame, y, side), marks)

    return Piece(piece.width, piece.height, draw)


def at_least(piece: Piece, wide: float = 0, high: float = 0) -> Piece:
    """A piece that asks for no less than a width and a height."""
    return replace(piece, width=max(piece.width, wide), height=max(piece.height, high))


def box(
    piece: Piece,
    fill: ColourRole | None,
    stroke: ColourRole | None = None,
    *,
    radius: float = 4,
    line: float = 1.1,
    dashed: bool = False,
    hatch: ColourRole | None = None,
) -> Piece:
    """A rectangle behind a piece, as large as what it is given."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        yield Box(frame, fill, stroke, line, radius, dashed, hatch)
        yield from piece.paint(frame, marks)

    return Piece(piece.width, piece.height, draw)


def over(*pieces: Piece) -> Piece:
    """Pieces in the same place, the last one on top."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        for piece in pieces:
            yield from piece.paint(frame, marks)

    return Piece(
        max((piece.width for piece in pieces), default=0),
        max((piece.height for piece in pieces), default=0),
        draw,
    )


def marked(piece: Piece, name: str) -> Piece:
    """A piece that reports, under a name, where it was placed."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        marks[name] = frame
        yield from piece.paint(frame, marks)

    return Piece(piece.width, piece.height, draw)


def grouped(piece: Piece, path: str, tooltip: str = "") -> Piece:
    """A piece whose items belong to one module of the network."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        yield Group(tuple(piece.paint(frame, marks)), path, tooltip)

    return Piece(piece.width, piece.height, draw)


def joined(piece: Piece, connect: Callable[[Marks, Frame], Iterator[Item]], *, behind: bool = True) -> Piece:
    """A piece with lines between its marked parts, drawn `behind` them or on top."""

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        own: Marks = {}
        items = [*piece.paint(frame, own)]
        marks.update(own)
        lines = [*connect(own, frame)]
        yield from (*lines, *items) if behind else (*items, *lines)

    return Piece(piece.width, piece.height, draw)


def _across(piece: Piece, frame: Frame, y: float, side: Side) -> Frame:
    """Where a piece stands at a side of a frame, its top at y."""
    if side == "fill":
        return Frame(frame.x, y, frame.width, piece.height)
    x = {"start": frame.x, "centre": frame.centre - piece.width / 2, "end": frame.right - piece.width}[side]
    return Frame(x, y, piece.width, piece.height)


def _widths(pieces: Sequence[Piece], room: float, share: str) -> list[float]:
    """How wide each piece of a row is."""
    if share == "equal":
        return [room / len(pieces)] * len(pieces)
    spare = room - sum(piece.width for piece in pieces) if share == "first" else 0
    return [piece.width + (spare if index == 0 else 0) for index, piece in enumerate(pieces)]
