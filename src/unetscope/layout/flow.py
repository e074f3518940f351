"""The arrow from block to block, the same in every layout."""

from __future__ import annotations

from unetscope.layout.scene import Line, Point


def arrow(*points: Point, radius: float = 0.0) -> Line:
    """The stream through all points, its corners rounded, to its head at the last."""
    return Line(points, "flow", 1.5, radius, head=7)
