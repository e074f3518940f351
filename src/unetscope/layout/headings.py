"""The head of a card: its title, what it is of, parameters and cost. Knows nothing of what stands below."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope import units
from unetscope.layout.costs import Scale
from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, Frame, Item
from unetscope.model import Cost

PAD = 14.0
"""Between the edge of a card and its text."""
LINE = 13.5
"""Between two lines of text."""


def heading(frame: Frame, title: str, below: str, cost: Cost, on: Scale) -> Iterator[Item]:
    """A card with its title, parameters and cost; `below` begins with a name, which may need its own line."""
    yield Box(frame, "card", "line", 1, radius=10)
    x, right = frame.x + PAD, frame.right - PAD
    params, work = units.params(cost.params), on.work_with_unit(cost)
    room = frame.width - 2 * PAD - 8
    yield text(x, frame.y + 22, title, size=13.5, bold=True, frame=frame,
               limit=room - width(params, 11.5, bold=True))  # fmt: skip
    yield text(right, frame.y + 22, params, size=11.5, bold=True, anchor="end", frame=frame)
    lines = [below]
    if _more(frame, below, cost, on):
        name, _, rest = below.partition(" ")
        lines = [rest, name]
    for index, line in enumerate(lines):
        limit = room - width(work, 10.5) if index == 0 else room + 8
        yield text(x, frame.y + 37 + LINE * index, line, size=10.5, role="dim", frame=frame, limit=limit)
    yield text(right, frame.y + 37, work, size=10.5, role="dim", anchor="end", frame=frame)


def _more(frame: Frame, below: str, cost: Cost, on: Scale) -> float:
    """What a heading needs beyond its usual height: a line where a long name does not fit beside the cost."""
    room = frame.width - 2 * PAD - 8 - width(on.work_with_unit(cost), 10.5)
    return LINE if width(below, 10.5) > room else 0.0


def under_heading(frame: Frame, below: str, cost: Cost, on: Scale) -> Frame:
    """What a card has for its picture: all of it, less what its heading needs beyond the usual."""
    more = _more(frame, below, cost, on)
    return Frame(frame.x, frame.y + more, frame.width, frame.height - more)
