"""Under each stage of a strip: its size labels, parameters, MACs, and two bars on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope import units
from unetscope.cost import Cost
from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.strip.widths import Form, PlacedStage

TALLEST = 47.0
_BAR = 13.0


def least_width(cost: Cost, on: CostScale, form: Form) -> float:
    """The width a stage's values and bars need."""
    if not form.values:
        return 0.0
    size = form.value
    values = max(width(units.params(cost.params), size, bold=True), width(on.work(cost), size)) + 6
    if not form.bars:
        return values
    first, second = (width(share, 10, bold=True) for share in on.shares(cost))
    return max(values, _distance(first, second) + max(first, second) - 9)


def headings_width(form: Form) -> float:
    """What the names of the rows need before the first stage."""
    return width("params", 10 if form.bars else form.value) + 14 if form.values else 0.0


def under(
    placed: Sequence[PlacedStage], on: CostScale, page: Page, form: Form, *, y: float
) -> Iterator[Item]:
    """Values and bars below the boxes whose foot is at y."""
    if form.values:
        first = y + 40 + (17 if form.two_lines else 0)
        if not form.bars:
            yield Line(((page.margin, first - 17), (page.right, first - 17)), "line", 1)
        yield from values(placed, on, form, x=page.margin, params_y=first, macs_y=first + 15)
        if form.bars:
            yield from bars(placed, on, x=page.margin, y=first + 89)


def over(placed: Sequence[PlacedStage], on: CostScale, page: Page, form: Form, *, y: float) -> Iterator[Item]:
    """Bars and values above the size labels of the boxes whose top is at y."""
    if form.values:
        last = y - 32 - (1.3 * form.size if form.two_lines else 0)
        yield from values(placed, on, form, x=page.margin, params_y=last - 15, macs_y=last)
        if form.bars:
            yield from bars(placed, on, x=page.margin, y=last - 36)


def values(
    placed: Sequence[PlacedStage], on: CostScale, form: Form, *, x: float, params_y: float, macs_y: float
) -> Iterator[Item]:
    """Two rows of numbers under the middle of each stage, named at the left margin x."""
    if not placed:
        return
    words, small = ("params", on.heading), 10 if form.bars else form.value
    yield text(x, params_y, words[0], size=small, role="params")
    yield text(x, macs_y, words[1], size=small, role="macs-ink")
    for one in placed:
        cost = one.plan.stage.cost
        centre = one.frame.centre
        held = text(centre, params_y, units.params(cost.params), size=form.value, anchor="middle", bold=True)
        done = text(centre, macs_y, on.work(cost), size=form.value, role="dim", anchor="middle")
        yield Group((held, done), one.plan.stage.stage.path)


def bars(placed: Sequence[PlacedStage], on: CostScale, *, x: float, y: float) -> Iterator[Item]:
    """Two bars per stage on the baseline y, each with its share; their heading at x."""
    if not placed:
        return
    left = min(one.frame.x for one in placed)
    right = max(one.frame.right for one in placed)
    yield Line(((left, y), (right, y)), "outline", 1)
    yield text(x, y - 14, "share", size=10, role="dim")
    yield text(x, y - 2, "of all", size=10, role="dim")
    for one in placed:
        pair = Group(tuple(_pair(one.plan.stage.cost, on, one.frame.centre, y)))
        yield Group((pair,), one.plan.stage.stage.path)


def _pair(cost: Cost, on: CostScale, centre: float, y: float) -> Iterator[Item]:
    shares, heights = on.shares(cost), on.heights(cost)
    apart = _distance(*(width(share, 10, bold=True) for share in shares))
    for side, share, height in zip((-1, 1), shares, heights, strict=True):
        tall = max(1.2, height * TALLEST)
        middle = centre + side * apart / 2
        frame = Frame(middle - _BAR / 2, y - tall, _BAR, tall)
        if side < 0:
            yield Box(frame, "params")
        else:
            yield Box(frame, "macs", "macs-ink", 1, hatch="macs-ink")
        role: ColourRole = "params" if side < 0 else "macs-ink"
        yield text(middle, y - tall - 4, share, size=10, role=role, anchor="middle", bold=True)


def _distance(first: float, second: float) -> float:
    """Between the centres of two bars, so that their labels stay apart."""
    return max(28.0, (first + second) / 2 + 2)
