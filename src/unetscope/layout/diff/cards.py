"""A card of a diff: a heading and rows that know their height; and how cards stand in two columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.scene import Box, ColourRole, Frame, Item

PAD = 14.0
BELOW = 16.0
"""From the strips down to the cards."""
_HEAD, _FOOT, _GAP, _WORDS = 48.0, 10.0, 14.0, 17.0
_STRETCH = 130.0
"""A card higher than its rows by more than this looks empty."""
_UNEVEN = 40.0
"""Columns may differ by this much before cards are moved between them."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """One row: how high it is, and what draws it in a frame of that height."""

    height: float
    draw: Callable[[Frame], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Card:
    """A heading at the left with a note below, two lines at the right, and rows."""

    title: str
    note: str
    rows: tuple[CardRow, ...]
    right: str = ""
    right_note: str = ""

    @property
    def head(self) -> float:
        """The height of the heading."""
        return _HEAD if self.note or self.right_note else _HEAD - 13

    @property
    def height(self) -> float:
        return self.head + sum(row.height for row in self.rows) + _FOOT


def widths(page: Page, *, columns: int) -> tuple[float, ...]:
    """The widths of one or two columns: the left one, of what changed, is the wider one."""
    if columns < 2:
        return (page.content,)
    left = round(0.53 * (page.content - _GAP))
    return (left, page.content - _GAP - left)


def in_columns(
    left: Sequence[Card], right: Sequence[Card], page: Page, *, y: float
) -> tuple[list[Item], float]:
    """Two columns of cards; one over the whole page where the other is empty.

    The last card of the shorter column is as much higher as looks well.
    """
    columns = [column for column in (left, right) if column]
    high = max((_height(column) for column in columns), default=0)
    items: list[Item] = []
    x = page.margin
    for wide, column in zip(widths(page, columns=len(columns)), columns, strict=True):
        top, spare = y, high - _height(column)
        for card in column:
            more = spare if card is column[-1] and spare <= _STRETCH else 0
            items += draw(card, Frame(x, top, wide, card.height + more))
            top += card.height + _GAP
        x += wide + _GAP
    return items, y + high


def balanced(left: list[Card], right: list[Card]) -> None:
    """Move cards from the end of the longer column to the other while that makes them more equal."""
    while len(right) > 1 and _height([*left, right[-1]]) <= _height(right) + _UNEVEN:
        left.append(right.pop())
    # One at most: what stands first at the left needs the wider column.
    if len(left) > 1 and _height([*right, left[-1]]) <= _height(left):
        right.append(left.pop())


def shared(left: list[Card], right: list[Card], *, title: str) -> None:
    """Where the right column is much higher, move the last rows of its first card to one at the left."""
    first, moved = right[0], list[CardRow]()
    while len(first.rows) > 1:
        fewer = replace(first, rows=first.rows[:-1])
        more = Card(title, "", (first.rows[-1], *moved))
        if _height([*left, more]) > _height([fewer, *right[1:]]) + _UNEVEN:
            break
        first, moved = fewer, list(more.rows)
    if moved and _height(right) - _height(left) > _STRETCH:
        right[0] = first
        left.append(Card(title, "", tuple(moved)))


def draw(card: Card, frame: Frame) -> Iterator[Item]:
    """The card in its frame, its rows from the top on."""
    yield Box(frame, "card", "line", 1, radius=10)
    left, right = frame.x + PAD, frame.right - PAD
    lines = (
        (card.title, card.right, frame.y + 23, 13.5, 11.5),
        (card.note, card.right_note, frame.y + 38, 10.5, 10.5),
    )
    for index, (words, beside, y, size, small) in enumerate(lines):
        bold = index == 0
        role: ColourRole = "dim" if index else "ink"
        room = right - left - 10 - width(beside, small, bold=bold)
        if words:
            yield text(left, y, words, size=size, bold=bold, role=role, frame=frame, limit=room)
        if beside:
            yield text(right, y, beside, size=small, bold=bold, role=role, anchor="end", frame=frame)
    y = frame.y + card.head
    for row in card.rows:
        yield from row.draw(Frame(left, y, right - left, row.height))
        y += row.height


def words(*lines: str) -> CardRow:
    """A row of dim lines that stay together."""

    def drawn(frame: Frame) -> Iterator[Item]:
        for at, line in enumerate(lines):
            yield text(frame.x, frame.y + 12 + _WORDS * at, line, size=10.5, role="dim", limit=frame.width)

    return CardRow(_WORDS * len(lines), drawn)


def _height(column: Sequence[Card]) -> float:
    return sum(card.height for card in column) + _GAP * (len(column) - 1)
