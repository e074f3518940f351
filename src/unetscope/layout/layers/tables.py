"""The rows of layers in cards: cells of text in columns, at a size that reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.pieces import Piece, sketch
from unetscope.layout.scene import ColourRole, Frame, Item, Line

SIZE, HIGH = 10.5, 17.0
_LINE = 13.0
"""Between two lines of one cell."""
_APART, _LEAST = 8.0, 60.0
"""Between columns, and what a column of words is no narrower than."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of a table: its heading, and whether its cells are numbers, set at the right."""

    heading: str
    number: bool = True
    bold: bool = False


def table(columns: Sequence[TextColumn], cells: Sequence[Sequence[str]], *, room: float) -> list[Piece]:
    """A heading and rows under it. What is left of the room is shared among the columns; where all is wider,
    the widest words take more lines."""
    wide = [
        max(width(words, SIZE, bold=True) for words in (column.heading, *(row[at] for row in cells)))
        for at, column in enumerate(columns)
    ]
    lacking = sum(wide) + _APART * (len(wide) - 1) - room
    if lacking > 0:
        widest = max(range(len(wide)), key=lambda at: 0 if columns[at].number else wide[at])
        wide[widest] = max(_LEAST, wide[widest] - lacking)
    spare = max(0.0, (room - sum(wide)) / max(1, len(columns) - 1))
    starts, x = [], 0.0
    for need in wide:
        starts.append(x)
        x += need + spare
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
    lines = [
        [content] if column.number else wrapped(content, wide, SIZE, bold=True)
        for content, (column, _, wide) in zip(cells, places, strict=True)
    ]

    def draw(frame: Frame) -> Iterator[Item]:
        if ruled:
            yield Line(((frame.x, frame.y), (frame.right, frame.y)), "line", 1)
        for cell, (column, start, wide) in zip(lines, places, strict=True):
            x = frame.x + start + (wide if column.number else 0)
            role: ColourRole = "ink" if column.bold and not head else "dim"
            for index, content in enumerate(cell):
                y = frame.y + 12.5 + index * _LINE
                yield text(x, y, content, size=SIZE, role=role, bold=head or column.bold,
                           anchor="end" if column.number else "start")  # fmt: skip

    return sketch(room, HIGH + _LINE * (max(map(len, lines)) - 1), draw)
