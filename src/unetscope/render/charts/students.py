"""Parameters against MACs of all students that were counted, those offered numbered, published ones named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import dist

from unetscope.analysis.plan.budget import Offers
from unetscope.layout.measure import ALLOWANCE, width
from unetscope.layout.scene import Anchor
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.colours import Paint, look
from unetscope.render.charts.labels import Rect, placed
from unetscope.render.charts.page import Canvas, drawn, line, mark, text
from unetscope.render.charts.scales import AxisScale, amounts, columns, lines, ticks
from unetscope.render.charts.sheets import WIDE
from unetscope.words import basis as bases
from unetscope.words import plan as plan_words
from unetscope.words import units

_LEFT, _TOP, _BOTTOM = WIDE.margin + 58, 106.0, 486.0
_MOST = 1.06
"""Room beyond the teacher, in parts of it."""
_NEAR = 10.0
"""A label needs no line to its mark within this many pixels."""


def of_students(
    offers: Offers, published: Sequence[Architecture], *, format: str = "svg", theme: str = "light",
    command: str = "",
) -> bytes:  # fmt: skip
    """The chart as the bytes of a file. Raises OutputError where matplotlib is missing."""
    style = look(theme)
    bounded = "params" if offers.budget.params else "macs" if offers.budget.macs else "bytes"
    notes = [*bases.notes(offers.teacher.counting), plan_words.UNPREDICTED]
    title = f"Students of {offers.teacher.title}"
    summary = "; ".join(
        f"{number}: {units.params(cost.params)}, {units.macs(cost.macs)}"
        for number, cost in enumerate((offer.plan.student.cost for offer in offers.found), 1)
    )
    height = _BOTTOM + 70 + words.foot_room(notes, command, WIDE)
    draw = partial(_draw, offers=offers, published=published, notes=notes, title=title, command=command)
    return drawn(
        draw, height=height, look=style, format=format, title=title,
        description=f"{len(offers.all)} students by parameters and MACs, bounded by {bounded}. {summary}.",
    )  # fmt: skip


def _draw(
    page: Canvas, *, offers: Offers, published: Sequence[Architecture], notes: Sequence[str], title: str,
    command: str,
) -> None:  # fmt: skip
    teacher = offers.teacher
    style, whole = page.look, teacher.cost
    words.heading(
        page, [title], f"{len(offers.all)} that its config can say; numbered: offered", words.basis(teacher)
    )
    across = AxisScale(0, whole.params * _MOST, _LEFT, WIDE.right)
    up = AxisScale(0, whole.macs * _MOST, _BOTTOM, _TOP)
    below, beside = ticks(across.high, most=8), ticks(up.high, most=6)
    lines(page, up, beside, amounts(beside), left=_LEFT, right=WIDE.right)
    columns(page, across, below, amounts(below, billions="B"), top=_TOP, bottom=_BOTTOM)
    text(page, WIDE.margin, _TOP - 8, "MACs ↑", size=11, bold=True)
    text(page, WIDE.right, _BOTTOM + 30, "parameters →", size=11, bold=True, anchor="end")
    _bounds(page, offers, across, up)
    dim = Paint(style.grid, style.grid)
    for offer in offers.all:
        mark(page, across.at(offer.cost.params), up.at(offer.cost.macs), dim, size=4)
    named = [
        (teacher.title, teacher, style.kinds[0], "s"),
        *((p.title, p, style.kinds[1], "D") for p in published),
    ]
    named += [
        (str(number), numbered_offer.plan.student, style.kinds[2], "o")
        for number, numbered_offer in enumerate(offers.found, 1)
    ]
    _named(page, named, across, up)
    words.footnote(page, _BOTTOM + 52, notes, command)


def _bounds(page: Canvas, offers: Offers, across: AxisScale, up: AxisScale) -> None:
    """The bounds of parameters and MACs as dashed lines."""
    budget, ink = offers.budget, page.look.ink
    if budget.params and budget.params < across.high:
        x = across.at(budget.params)
        line(page, ((x, _TOP), (x, _BOTTOM)), colour=ink, dashes=(5, 4))
    if budget.macs and budget.macs < up.high:
        y = up.at(budget.macs)
        line(page, ((_LEFT, y), (WIDE.right, y)), colour=ink, dashes=(5, 4))


def _named(
    page: Canvas, named: Sequence[tuple[str, Architecture, Paint, str]], across: AxisScale, up: AxisScale
) -> None:
    """Marks with labels that cover none of the others."""
    at = [(across.at(network.cost.params), up.at(network.cost.macs)) for _, network, *_ in named]
    sizes = [(width(name, 10.5, bold=True) / ALLOWANCE * 1.05, 13.0) for name, *_ in named]
    marks = [Rect(x - 5, y - 5, x + 5, y + 5) for x, y in at]
    places = placed(sizes, marks, within=Rect(_LEFT, _TOP, WIDE.right, _BOTTOM))
    for (name, _, paint, _), (x, _y), (rect, _far) in zip(named, at, places, strict=True):
        side: Anchor = "end" if rect.right <= x else "start" if rect.left >= x else "middle"
        start = {"end": rect.right, "start": rect.left, "middle": (rect.left + rect.right) / 2}[side]
        text(page, start, rect.bottom - 3, name, size=10.5, bold=True, colour=paint.ink, anchor=side,
             patch=True)  # fmt: skip
    for (_, _, paint, _), (x, y), (rect, _far) in zip(named, at, places, strict=True):
        end = (min(max(x, rect.left), rect.right), min(max(y, rect.top), rect.bottom))
        if dist((x, y), end) > _NEAR:
            line(page, ((x, y), end), colour=paint.ink, width=0.7)
    for (_, _, paint, shape), (x, y) in zip(named, at, strict=True):
        mark(page, x, y, paint, shape=shape, size=9)
