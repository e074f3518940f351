"""What cards are made of: heading, boxes on a vertical flow, ⊕ and residual loops."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.cost import Cost
from unetscope.layout.measure import centred, text, width
from unetscope.layout.parts.glyphs import PLUS
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line
from unetscope.words import units

SIZE = 10.5


def cell(
    frame: Frame,
    words: str,
    *,
    fill: ColourRole | None,
    ink: ColourRole,
    below: str = "",
    bold: bool = False,
    aside: float = 0.0,
) -> Iterator[Item]:
    """A rounded box with one line of text, or two, that keep `aside` px from either side."""
    yield Box(frame, fill, ink, 1.1, radius=4)
    inner = Frame(frame.x + aside, frame.y, frame.width - 2 * aside, frame.height)
    yield centred(inner, words, size=SIZE, role=ink, bold=bold, dy=-6.5 if below else 0)
    if below:
        yield centred(inner, below, size=SIZE, role=ink, dy=7)


def down(x: float, y: float, to: float) -> Line:
    """A step of the flow."""
    return Line(((x, y), (x, to)), "flow", 1.4, head=min(6.0, max(4.0, to - y)))


def loop(x: float, top: float, left: float, bottom: float) -> Line:
    """A residual connection: from the flow at x left around to the ⊕ whose middle is at `bottom`."""
    return Line(((x, top), (left, top), (left, bottom), (x - PLUS, bottom)), "skip", 1.3, 6, None, 6)


def tag(words: str, right: float, y: float) -> Iterator[Item]:
    """A pill on the top right corner of a repeated part."""
    wide = width(words, SIZE, bold=True) + 12
    frame = Frame(right - wide, y - 8, wide, 16)
    yield Box(frame, "attention", "attention-ink", 1.1, radius=8)
    yield centred(frame, words, size=SIZE, role="attention-ink", bold=True)


PAD = 14.0
"""Between the edge of a card and its text."""
LINE = 13.5
"""Between two lines of text."""


def heading(frame: Frame, title: str, below: str, cost: Cost, scale: CostScale) -> Iterator[Item]:
    """A card with its title, parameters and cost; `below` begins with a name, which may need its own line."""
    yield Box(frame, "card", "line", 1, radius=10)
    x, right = frame.x + PAD, frame.right - PAD
    params, work = units.params(cost.params), scale.work_with_unit(cost)
    room = frame.width - 2 * PAD - 8
    yield text(x, frame.y + 22, title, size=13.5, bold=True, frame=frame,
               limit=room - width(params, 11.5, bold=True))  # fmt: skip
    yield text(right, frame.y + 22, params, size=11.5, bold=True, anchor="end", frame=frame)
    lines = [below]
    if _more(frame, below, cost, scale):
        name, _, rest = below.partition(" ")
        lines = [rest, name]
    for index, line in enumerate(lines):
        limit = room - width(work, 10.5) if index == 0 else room + 8
        yield text(x, frame.y + 37 + LINE * index, line, size=10.5, role="dim", frame=frame, limit=limit)
    yield text(right, frame.y + 37, work, size=10.5, role="dim", anchor="end", frame=frame)


def _more(frame: Frame, below: str, cost: Cost, scale: CostScale) -> float:
    """What a heading needs beyond its usual height: one more line if a long name does not fit beside the
    cost."""
    room = frame.width - 2 * PAD - 8 - width(scale.work_with_unit(cost), 10.5)
    return LINE if width(below, 10.5) > room else 0.0


def under_heading(frame: Frame, below: str, cost: Cost, scale: CostScale) -> Frame:
    """What a card has for its picture: all of it, less what its heading needs beyond the usual."""
    more = _more(frame, below, cost, scale)
    return Frame(frame.x, frame.y + more, frame.width, frame.height - more)
