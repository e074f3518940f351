"""Below a picture of a network: what a file of weights does to it, a row for each stage with a cell for
each place.

On the page of one column of a paper no text is below 12.6 px, which is 6.5 pt there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line, Scene

_GAP = 1.5
_LEAST_NAME = 90.0


@dataclass(frozen=True, slots=True)
class PanelCell:
    """A place, or `places` in a row: `fill` and `stroke` of its box, the `label` in it and its colour, the
    tooltip."""

    path: str
    tooltip: str
    fill: ColourRole | None
    stroke: ColourRole = "flow"
    label: str = ""
    ink: ColourRole = "ink"
    places: int = 1


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A stage: its name, its cells, what is said of it."""

    name: str
    cells: Sequence[PanelCell]
    words: str


@dataclass(frozen=True, slots=True)
class _Measures:
    """Sizes in px: the margin beside the page, text, labels, lines, rows, and the room for the words on a
    stage."""

    margin: float
    size: float
    label: float
    line: float
    row: float
    words: float


_WIDE = _Measures(24.0, 10.5, 8.5, 15.0, 17.0, 210.0)
_NARROW = _Measures(14.0, 12.6, 12.6, 17.0, 20.0, 222.0)
_COLUMN = 500.0
"""Pages below this width are for one column."""


def panel(
    scene: Scene, file: str, headline: str, rows: Sequence[PanelRow], *, widest: float
) -> tuple[list[Item], float]:
    """The items below a scene and where they end; cells are as wide as `widest` at most."""
    sizes = _NARROW if scene.width < _COLUMN else _WIDE
    left, right, y = sizes.margin, scene.width - sizes.margin, scene.height + 8
    items: list[Item] = [Line(((left, y), (right, y)), "line", 1)]
    heading = sizes.size + 1.5
    items.append(text(left, y + 18, shorten(file, right - left, heading, bold=True), size=heading, bold=True))
    y += 19 + sizes.line
    for line in wrapped(headline, right - left, sizes.size):
        items.append(text(left, y, line, size=sizes.size, role="dim"))
        y += sizes.line
    y -= 5
    names = [width(row.name, sizes.size, bold=True) + 14 for row in rows]
    start = left + min(max(_LEAST_NAME, *names), (right - left) / 4) if rows else left
    for row in rows:
        items += _row(row, Frame(left, y, right - left, sizes.row), start, sizes, widest)
        y += sizes.row
    return items, y + 6


def _row(row: PanelRow, room: Frame, start: float, sizes: _Measures, widest: float) -> Iterator[Item]:
    base, size = room.y + sizes.row - 6, sizes.size
    yield text(room.x, base, shorten(row.name, start - room.x - 8, size, bold=True), size=size, bold=True)
    places = sum(cell.places for cell in row.cells)
    wide = min(widest, (room.right - sizes.words - start) / places - _GAP) + _GAP
    for cell in row.cells:
        yield _drawn(cell, Frame(start, room.y + 1, cell.places * wide - _GAP, sizes.row - 5), sizes.label)
        start += cell.places * wide
    yield text(room.right, base, shorten(row.words, sizes.words - 6, size), size=size, anchor="end")


def _drawn(cell: PanelCell, frame: Frame, size: float) -> Group:
    """A cell; its label where there is room for it."""
    items: list[Item] = [Box(frame, cell.fill, cell.stroke, 0.8)]
    if cell.label and width(cell.label, size) <= frame.width - 2:
        base = frame.middle + 0.36 * size
        items.append(text(frame.centre, base, cell.label, size=size, role=cell.ink, anchor="middle"))
    return Group(tuple(items), cell.path, cell.tooltip)


def legend(scene: Scene, y: float, title: str, steps: Iterable[tuple[str, ColourRole | None]]) -> list[Item]:
    """Labels with the fill of each, in one line at a height, short enough for one column."""
    sizes = _NARROW if scene.width < _COLUMN else _WIDE
    size = sizes.size if sizes is _NARROW else 10.0
    items: list[Item] = [text(sizes.margin, y + 10, title, size=size, role="dim")]
    x = sizes.margin + width(title, size) + 9
    for label, fill in steps:
        items.append(Box(Frame(x, y + 1, 12, 11), fill, "flow" if fill else "line", 0.8))
        items.append(text(x + 16, y + 10, label, size=size, role="dim"))
        x += 16 + width(label, size) + 8
    return items
