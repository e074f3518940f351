"""The card of what stands outside the stages: every parameter by module, and the sum that makes
stages and stem the whole network, to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from unetscope.analysis.cost.by_kind import outside_cost, stages_cost
from unetscope.cost import Cost
from unetscope.layout.cards.elements import LINE, PAD, heading
from unetscope.layout.cards.outside_parts import StemPart, parts
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.measure import centred, text, width
from unetscope.layout.parts.glyphs import badge_context, badge_time
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line
from unetscope.model import Architecture
from unetscope.words import units

_HEAD, _SUMS = 47.0, 84.0


def height(architecture: Architecture, chain: Chain, *, alone: bool = False) -> float:
    """How high the card must be to hold all its rows; `alone` it has them in two columns, the sums beside."""
    rows = _taller(*_columns(parts(architecture, chain), alone=alone))
    return _HEAD + (max(rows + 8, _SUMS) if alone else rows + _SUMS)


def card(
    architecture: Architecture, chain: Chain, scale: CostScale, frame: Frame, *, alone: bool = False
) -> Iterator[Item]:
    """The card in its frame."""
    outside, rows = outside_cost(architecture), parts(architecture, chain)
    conditions = any(part.badge in ("time", "context") for part in rows)
    note = "ends and conditioning" if conditions else "ends"
    yield from heading(frame, "Outside the stages", note, outside, scale)
    columns = _columns(rows, alone=alone)
    wide = frame.width / 3 if alone else frame.width
    for index, column in enumerate(columns):
        y, within = frame.y + _HEAD + 15, replace(frame, x=frame.x + wide * index, width=wide)
        for part in column:
            yield from _row(part, within, y)
            y += part.height
    yield from _sums(architecture, scale, replace(frame, x=frame.right - wide, width=wide), outside)


def _columns(rows: Sequence[StemPart], *, alone: bool) -> list[Sequence[StemPart]]:
    """The rows of each column, from top to bottom, none much higher than the other."""
    if not alone:
        return [rows]
    half = min(range(len(rows), -1, -1), key=lambda at: _taller(rows[:at], rows[at:]))
    return [rows[:half], rows[half:]]


def _taller(*columns: Sequence[StemPart]) -> float:
    return max(sum(part.height for part in column) for column in columns)


def badge(what: str, x: float, y: float) -> Iterator[Item]:
    """The badge of a row, its middle at x, y."""
    if what == "time":
        yield from badge_time(x, y, size=16, lettered=True)
    elif what == "context":
        yield from badge_context(x, y, size=15, lettered=True)
    elif what == "conv":
        frame = Frame(x - 8.5, y - 7.5, 17, 15)
        yield Box(frame, "conv", "conv-ink", 1.1, radius=2.5)
        yield centred(frame, "Cv", size=9, role="conv-ink", bold=True)


def _row(part: StemPart, frame: Frame, y: float) -> Iterator[Item]:
    x, right = frame.x + PAD, frame.right - PAD
    yield from badge(part.badge, x + 8, y)
    left = x + 24
    count = units.params(part.cost.params) if part.cost.params else ""
    names = part.names
    beside = width(names[0], 10.5, bold=True) <= right - left - (width(count, 10.5) + 8 if count else 0)
    for index, line in enumerate(names):
        base = y - 2 + LINE * index
        yield text(left, base, line, size=10.5, bold=True, frame=frame, limit=right - left)
    for index, line in enumerate(part.lines, start=len(names) - 1):
        base = y + 11.5 + LINE * index
        yield text(left, base, line, size=10.5, role="dim", frame=frame, limit=right - left)
    if count:
        yield text(right, y - 2 if beside else y + 11.5, count, size=10.5, anchor="end", frame=frame)


def _sums(architecture: Architecture, scale: CostScale, frame: Frame, outside: Cost) -> Iterator[Item]:
    """Stages + stem = all parameters, exact, and the exact cost."""
    x, right, y = frame.x + PAD, frame.right - PAD, frame.bottom - 70
    work = architecture.cost.total(scale.unit)
    yield Line(((x, y), (right, y)), "line", 1)
    lines = (
        ("stages", stages_cost(architecture).params, False),
        ("outside", outside.params, False),
        ("all parameters", architecture.cost.params, True),
        (f"all {scale.heading}", work, True),
    )
    for index, (name, count, bold) in enumerate(lines):
        base = y + 15 + 15.5 * index
        role: ColourRole = "ink" if bold else "dim"
        yield text(x, base, name, size=10.5, role=role, bold=bold, frame=frame)
        yield text(
            right, base, units.exact(count), size=10.5, role=role, anchor="end", bold=bold, frame=frame
        )
