"""The stages of a network as a small table with bars: for pages too narrow for numbers under boxes."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope import units
from unetscope.analysis.cost.by_kind import outside_cost
from unetscope.cost import Cost
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line
from unetscope.model import Architecture

_ROW = 16.0
_SIZE = 10.5
_NAME, _COUNT, _SHARE = 92.0, 56.0, 44.0


def stage_table(
    architecture: Architecture, drawn: Chain, on: CostScale, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """A row per stage, one for what stands outside, and the sum, from y on; and the y below."""
    rows = [(stage.stage.name, stage.cost) for stage in drawn.stages]
    rows.append(("outside", outside_cost(architecture)))
    # What stands outside may be the largest part of all.
    on = scale(on.whole, [cost for _, cost in rows], unit=on.unit)
    items: list[Item] = []
    half = (page.content - _name_room(rows)) / 2
    for index, (heading, role) in enumerate((("params", "params"), (on.heading, "macs-ink"))):
        items.append(_heading(page.right - half * (2 - index), y + 10, heading, role))
    y += 16
    for name, cost in rows:
        items += _row(name, cost, on, page, half, y)
        y += _ROW
    items.append(Line(((page.margin, y + 1), (page.right, y + 1)), "line", 1))
    items += _sum(architecture, on, page, half, y + 4)
    return items, y + 4 + _ROW


def _name_room(rows: list[tuple[str, Cost]]) -> float:
    return max(_NAME, *(width(name, _SIZE, bold=True) + 4 for name, _ in rows))


def _heading(x: float, y: float, words: str, role: str) -> Item:
    colour: ColourRole = "params" if role == "params" else "macs-ink"
    return text(x + _COUNT + 8, y, words, size=10, role=colour, anchor="end")


def _row(name: str, cost: Cost, on: CostScale, page: Page, half: float, y: float) -> Iterator[Item]:
    """Name; parameters with share and bar; MACs with share and bar."""
    yield text(page.margin, y + 11.5, name, size=_SIZE, bold=True)
    numbers = (units.params(cost.params), on.work(cost))
    bars: tuple[tuple[ColourRole, ColourRole], ...] = (("params", "params"), ("macs", "macs-ink"))
    for index in range(2):
        x = page.right - half * (2 - index)
        fill, ink = bars[index]
        share, part = on.shares(cost)[index], on.heights(cost)[index]
        yield text(x + _COUNT + 8, y + 11.5, numbers[index], size=_SIZE, anchor="end")
        left = x + _COUNT + 14
        wide = max(1.2, (half - _COUNT - 14 - _SHARE) * part)
        yield Box(Frame(left, y + 4, wide, 8.5), fill, ink, 1, hatch=ink if fill == "macs" else None)
        yield text(left + wide + 4, y + 11.5, share, size=10, role=ink, bold=True)


def _sum(architecture: Architecture, on: CostScale, page: Page, half: float, y: float) -> Iterator[Item]:
    yield text(page.margin, y + 11.5, "all", size=_SIZE, bold=True)
    whole = architecture.cost
    for index, words in enumerate((units.params(whole.params), on.work(whole))):
        x = page.right - half * (2 - index)
        yield text(x + _COUNT + 8, y + 11.5, words, size=_SIZE, anchor="end", bold=True)
