"""The signs of a diff: ≠ + − = and → on a disc, brackets with their words, and pills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Item, Line, Point

Mark: TypeAlias = Literal["changed", "removed", "added", "kept", "renamed"]

INKS: dict[Mark, ColourRole] = {
    "changed": "gone", "removed": "gone", "added": "new", "kept": "dim", "renamed": "moved",
}  # fmt: skip
"""The colour of each mark; the sign or the outline tells them apart without it."""

_STROKES: dict[Mark, tuple[tuple[Point, Point], ...]] = {
    "changed": (((-3.4, -1.6), (3.4, -1.6)), ((-3.4, 1.6), (3.4, 1.6)), ((-1.8, 4), (1.8, -4))),
    "removed": (((-3.6, 0), (3.6, 0)),),
    "added": (((-3.6, 0), (3.6, 0)), ((0, -3.6), (0, 3.6))),
    "kept": (((-3.4, -1.6), (3.4, -1.6)), ((-3.4, 1.6), (3.4, 1.6))),
    "renamed": (((-3.8, 0), (3.6, 0)), ((0.8, -2.8), (3.8, 0)), ((0.8, 2.8), (3.8, 0))),
}


def sign(mark: Mark, x: float, y: float, *, radius: float = 7.5) -> Iterator[Item]:
    """A mark on its disc, ringed by the ground so that it stands out from what it touches."""
    yield Circle(x, y, radius + 1.2, "background")
    yield Circle(x, y, radius, INKS[mark])
    scale = radius / 7.5
    for start, end in _STROKES[mark]:
        points = tuple((x + dx * scale, y + dy * scale) for dx, dy in (start, end))
        yield Line(points, "background", 1.6 * scale)


def bracket(x: float, right: float, y: float, *, role: ColourRole, depth: float = 8.0) -> Line:
    """A bracket open at its top, from x to right; a negative depth opens it at its foot."""
    points = ((x, y), (x, y + depth), (right, y + depth), (right, y))
    return Line(points, role, 2.0, radius=4)


def pill(x: float, y: float, words: str, *, role: ColourRole, size: float = 11.5) -> Iterator[Item]:
    """Words in an outlined pill from x on, its middle at y."""
    frame = Frame(x, y - 11, width(words, size, bold=True) + 22, 22)
    yield Box(frame, "background", role, 1.4, radius=11)
    yield text(frame.centre, y + 0.355 * size, words, size=size, role=role, bold=True, anchor="middle",
               frame=frame)  # fmt: skip


def pill_width(words: str, *, size: float = 11.5) -> float:
    """The width of a pill."""
    return width(words, size, bold=True) + 22
