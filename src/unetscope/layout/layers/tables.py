"""The rows of layers in cards: cells of text in columns, at a size that reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.measure import text, width
from unetscope.layout.pieces import Piece, sketch
from unetscope.layout.scene import ColourRole, Frame, Item, Line

SIZE, HIGH = 10.5, 17.0


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of a table: its heading, and whether its cells are numbers, set at the right."""

    heading: str
    number: bool = True
    bold: bool = False


def table(columns: Sequence[TextColumn], cells: Sequence[Sequence[str]], *, room: float) -> list[Piece]:
    """A heading and rows under it. What is left of the room is shared among the columns."""
    wide = [
        max(width(words, SIZE, bold=True) for words in (column.heading, *(row[at] for row in cells)))
        for at, column in enumerate(columns)
    ]
    spare = max(0.0, (room - sum(wide)) / max(1, len(columns) - 1))
    starts, x = [], 0.0
    for one in wide:
        starts.append(x)
        x += one + spare
    places = list(zip(columns, starts, wide, strict=True))
    head = _row([column.heading for column in columns], places, room, ruled=False, head=True)
    return [head, *(_row(row, places, room, ruled=True) for row in cells)]


def _row(
    cells: Sequence[str],
    places: Sequence[tuple[TextColumn, float, float]],
    room: float,
    *,
    ruled: bool,
    head: bool = False,
) -> Piece:
    def draw(frame: Frame) -> Iterator[Item]:
        if ruled:
            yield Line(((frame.x, frame.y), (frame.right, frame.y)), "line", 1)
        for content, (column, start, wide) in zip(cells, places, strict=True):
            x = frame.x + start + (wide if column.number else 0)
            role: ColourRole = "ink" if column.bold and not head else "dim"
            if content:
                yield text(x, frame.y + 12.5, content, size=SIZE, role=role, bold=head or column.bold,
                           anchor="end" if column.number else "start")  # fmt: skip

    return sketch(room, HIGH, draw)
