"""Channels as a row of small cells, a fill for each group of them."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.scene import Box, ColourRole, Frame, Item

CELL, HIGH, PITCH = 8.0, 6.4, 7.4
MOST = 16
"""More channels are one cell."""
_ACROSS = 7.2


def fill_of(name: str, index: int) -> ColourRole:
    """The fill of a group: the sample plain, a mask solid, what else is given tinted."""
    return "background" if not index else "ink" if "mask" in name.split() else "kept-residual"


def cells_width(count: int, most: int = MOST) -> float:
    """The width of a row of cells, one for each channel where these are at most `most`."""
    return count * (_ACROSS + 1) - 1 if count <= most else 3 * (_ACROSS + 1)


def cells(count: int, x: float, y: float, fill: ColourRole, most: int = MOST) -> Iterator[Item]:
    """A row of cells from x on, the top at y."""
    if count > most:
        yield Box(Frame(x, y, cells_width(count, most), CELL + 1), fill, "image", 1.1, radius=1)
        return
    for index in range(count):
        yield Box(Frame(x + index * (_ACROSS + 1), y, _ACROSS, CELL + 1), fill, "image", 1.1, radius=1)
