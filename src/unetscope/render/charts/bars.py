"""One panel of bars: a network's stages with their values, over light lines at round numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.analysis.cost.chart_data import Bar
from unetscope.cost import OpClass
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.colours import Paint
from unetscope.render.charts.page import Canvas, box, line, text
from unetscope.render.charts.scales import AxisScale, amounts, columns, ticks
from unetscope.words import units

BarQuantity: TypeAlias = Literal["params", "work"]

ROW, _BAR = 26.0, 16.0


@dataclass(frozen=True, slots=True)
class Network:
    """A network with its bars by name."""

    architecture: Architecture
    bars: dict[str, Bar]

    def counts(self, name: str, quantity: BarQuantity) -> dict[OpClass, int]:
        bar = self.bars.get(name)
        return {} if bar is None else bar.params if quantity == "params" else bar.work

    def largest(self, quantity: BarQuantity) -> int:
        return max((sum(self.counts(name, quantity).values()) for name in self.bars), default=0)


@dataclass(frozen=True, slots=True)
class Panel:
    """Where the bars of one network and quantity stand; `scale` is shared by all they compare with."""

    network: Network
    quantity: BarQuantity
    scale: AxisScale
    shares: bool


def draw(page: Canvas, panel: Panel, names: list[str], top: float, unit: str) -> None:
    """Bars with their values, over light lines at round numbers."""
    bottom, scale = top + ROW * len(names), panel.scale
    _grid(page, panel, top, bottom, unit)
    whole = sum(sum(panel.network.counts(name, panel.quantity).values()) for name in names)
    for index, name in enumerate(names):
        y, counts = top + ROW * index + (ROW - _BAR) / 2, panel.network.counts(name, panel.quantity)
        start, value = 0, sum(counts.values())
        for op, number in counts.items():
            _segment(page, scale.at(start), y, scale.at(start + number), page.look.classes[op])
            start += number
        label = _value(value, whole, panel) if name in panel.network.bars else "–"
        text(page, scale.at(value) + 6, y + _BAR / 2 + 4, label, size=10.5, patch=True,
             colour=None if value else page.look.dim)  # fmt: skip
    line(page, ((scale.start, top), (scale.start, bottom)), colour=page.look.axis)


def _segment(page: Canvas, left: float, y: float, right: float, paint: Paint) -> None:
    """A part of a bar; one too narrow to have an inside shows its outline's colour."""
    if right - left >= 2:
        box(page, left, y, right - left, _BAR, paint)
    elif right - left >= 0.2:
        box(page, left, y, right - left, _BAR, Paint(paint.ink, "none"))


def _grid(page: Canvas, panel: Panel, top: float, bottom: float, unit: str) -> None:
    """Light lines at round numbers."""
    billions, long = ("B" if panel.quantity == "params" else "G"), panel.scale.end - panel.scale.start
    numbers = ticks(panel.scale.high, most=max(1, int(long // 62)))
    labels = amounts(numbers, billions=billions)
    labels[-1] += "" if panel.quantity == "params" else words.operation(unit)
    columns(page, panel.scale, numbers, labels, top=top, bottom=bottom)


def _value(value: int, whole: int, panel: Panel) -> str:
    number = words.amount(value, billions="B" if panel.quantity == "params" else "G")
    return f"{number} · {units.share(value, whole)}" if panel.shares else number
