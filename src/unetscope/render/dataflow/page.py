"""How wide the picture of a graph is: the page around what the engine has laid out."""

from __future__ import annotations

import re

from unetscope.errors import OutputError
from unetscope.layout.page import COLUMN, README

_ENLARGED = 1.26
"""In one column of a paper letters of 10 px are drawn at 12.6, which 460 px at 3.3 in make 6.5 pt."""


def fitted(svg: bytes, width: str) -> tuple[bytes, float]:
    """The engine's SVG on a page of a width, its ground as wide as the page; and px per unit of the SVG.

    `readme` is 900 px: a narrower graph stands in the middle, a wider one is drawn smaller. `column` is
    460 px, with letters that can be read in print; raises OutputError where the graph is wider. `full` is as
    wide as the graph.
    """
    if width == "full":
        return svg, 1.0
    match = re.search(rb'viewBox="([\d. -]+)"', svg)
    left, top, wide, high = map(float, match[1].split()) if match else (0.0, 0.0, README, README)
    page = README if width == "readme" else COLUMN / _ENLARGED
    if width == "column" and wide > page:
        raise OutputError(
            "the graph is too wide for one column of a paper: with letters that can be read "
            f"{wide * _ENLARGED:.0f} px of {COLUMN:.0f}",
            hint="use a smaller --depth, or --width readme",
        )
    room = max(page, wide)
    shift = (room - wide) / 2 if width == "readme" else 0.0
    frame = f'viewBox="{left - shift:.2f} {top:.2f} {room:.2f} {high:.2f}"'.encode()
    grounded = _ground(re.sub(rb'viewBox="[^"]*"', frame, svg, count=1), shift, room)
    return grounded, (README if width == "readme" else COLUMN) / room


def _ground(svg: bytes, shift: float, room: float) -> bytes:
    """The SVG with its ground, the engine's first polygon, as wide as the page."""
    match = re.search(rb'(<polygon [^>]*points=")([^"]*)(")', svg)
    if not match:
        return svg
    points = [tuple(map(float, point.split(b","))) for point in match[2].split()]
    start, end = min(x for x, _ in points) - shift, min(x for x, _ in points) - shift + room
    middle = sum(x for x, _ in points) / len(points)
    wider = " ".join(f"{start if x < middle else end:g},{y:g}" for x, y in points)
    return svg[: match.start(2)] + wider.encode() + svg[match.end(2) :]
