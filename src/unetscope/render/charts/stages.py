"""Bars per stage: parameters by layer class and MACs by class, one network or several on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from unetscope.analysis.cost.chart_data import OUTSIDE, bars, by_class
from unetscope.analysis.cost.insight import insight
from unetscope.cost import OpClass
from unetscope.layout.measure import width
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.bars import ROW, BarQuantity, Network, Panel
from unetscope.render.charts.bars import draw as bars_panel
from unetscope.render.charts.colours import ChartStyle
from unetscope.render.charts.page import Canvas, box, drawn, text
from unetscope.render.charts.scales import AxisScale
from unetscope.render.charts.sheets import Sheet
from unetscope.words import basis, units
from unetscope.words.conventions import per, steps
from unetscope.words.insight import of_network

QUANTITIES: tuple[BarQuantity, ...] = ("params", "work")
ABREAST = 4
"""Networks side by side; more of them stand in further bands."""

_FIRST = 32.0
"""From the baseline of a panel's name, its legend between them, to the top of the bars."""
_AXIS = 30.0
_WORDS: dict[OpClass, tuple[str, str]] = {
    "conv": ("conv", "conv"),
    "linear": ("linear", "linear"),
    "attention": ("", "attention"),
    "other": ("norms, other", "other"),
}
_ROLES = ("down", "mid", "up", "body", "stem", "head", "conditioning", None)


def render(
    architectures: Sequence[Architecture], *, format: str, look: ChartStyle, unit: str, command: str = ""
) -> bytes:
    """The chart of one network, its two quantities side by side; or of several, network beside network."""
    networks = [
        Network(architecture, {bar.name: bar for bar in bars(architecture, unit=unit)})
        for architecture in architectures
    ]
    title = words.joined([architecture.title for architecture in architectures])
    names = _names(networks)
    height = _place(None, networks, names, unit, command, look.sheet)

    def draw(page: Canvas) -> None:
        _place(page, networks, names, unit, command, look.sheet)

    summary = " ".join(_told(network, unit) for network in networks)
    return drawn(draw, height=height, look=look, format=format, title=title, description=summary)


def _place(
    page: Canvas | None, networks: list[Network], names: list[str], unit: str, command: str, sheet: Sheet
) -> float:
    """Draw everything on a page, if there is one, and return the height that it takes."""
    architectures = [network.architecture for network in networks]
    summary, holds = _heading(architectures, unit)
    titles = [network.title for network in architectures]
    if page:
        words.heading(page, titles, summary, holds)
    y = words.head_room(titles, summary, holds, sheet) + (28 if sheet.narrow else 36)
    alone = len(networks) == 1
    y = (
        _alone(page, networks[0], names, y, unit, sheet)
        if alone
        else _abreast(page, networks, names, y, unit, sheet)
    )
    sentence = _sentence(architectures[0], unit) if alone else ""
    if page and sentence:
        words.said(page, y, sentence)
    y += words.said_room(sentence, sheet) + 6 if sentence else 0
    notes = words.counted(architectures) + [words.OUTSIDE] * (OUTSIDE in names)
    if page:
        words.footnote(page, y, notes, command)
    return y + words.foot_room(notes, command, sheet) + 18


def _sentence(architecture: Architecture, unit: str) -> str:
    return of_network(insight(architecture, by="class"), architecture.counting, unit=unit)


def _heading(networks: list[Architecture], unit: str) -> tuple[str, str]:
    first = networks[0]
    if len(networks) > 1:
        summary = (
            f"Parameters and {words.work_name(unit)} of {steps(first.counting)}, stage by stage, on one scale"
        )
        return summary, words.common_basis(networks)
    work = f"{words.work(first.cost.total(unit), unit)} {per(first.counting)}"
    cost = f"{units.params(first.cost.params)} parameters · {work}"
    return f"{first.class_name} · {cost}", words.basis(first)


def _alone(
    page: Canvas | None, network: Network, names: list[str], y: float, unit: str, sheet: Sheet
) -> float:
    """Two panels, one row per stage, beside each other or, where the page is narrow, below each other; where
    the next line of text may stand."""
    left = _left(names, sheet)
    beside = 1 if sheet.narrow else 2
    panel = (sheet.right - left - 24 * (beside - 1)) / beside
    high = _FIRST + ROW * len(names) + _AXIS + 16
    for index, quantity in enumerate(QUANTITIES):
        x, top = (left, y + index * high) if sheet.narrow else (left + index * (panel + 24), y)
        if page is None:
            continue
        if sheet.narrow or index == 0:
            _row_names(page, names, top + _FIRST)
        _legend(page, [network], quantity, sheet.margin if sheet.narrow else x, top, unit)
        scale = AxisScale(0, max(1, network.largest(quantity)), x, x + panel - 92)
        bars_panel(page, Panel(network, quantity, scale, shares=True), names, top + _FIRST, unit)
    return y + high * len(QUANTITIES) / beside


def _abreast(
    page: Canvas | None, networks: list[Network], names: list[str], y: float, unit: str, sheet: Sheet
) -> float:
    """For each quantity bands of up to ABREAST networks, as equal in number as can be, on one scale."""
    left, most = _left(names, sheet), 1 if sheet.narrow else ABREAST
    abreast = ceil(len(networks) / ceil(len(networks) / most))
    pitch = (sheet.right - left + 16) / abreast
    for quantity in QUANTITIES:
        largest = max(1, *(network.largest(quantity) for network in networks))
        if page:
            name = "Parameters" if quantity == "params" else words.work_name(unit)
            text(page, sheet.margin, y, name, size=13.5, bold=True)
            beside = max(left + 34, sheet.margin + width(name, 13.5, bold=True) + 12)
            _legend(page, networks, quantity, beside, y, unit, named=False)
        for start in range(0, len(networks), abreast):
            for column, network in enumerate(networks[start : start + abreast]):
                x = left + column * pitch
                if page:
                    _column_head(page, networks, network, quantity, x, y + 26, pitch - 16, unit)
                    scale = AxisScale(0, largest, x, x + pitch - 16 - 50)
                    bars_panel(page, Panel(network, quantity, scale, shares=False), names, y + 50, unit)
            if page:
                _row_names(page, names, y + 50)
            y += 50 + ROW * len(names) + _AXIS
        y += 18
    return y


def _column_head(
    page: Canvas, networks: list[Network], network: Network, quantity: BarQuantity, x: float, y: float,
    limit: float, unit: str,
) -> None:  # fmt: skip
    """The name of a network, its total, and its basis where that differs from the others'."""
    architecture, cost = network.architecture, network.architecture.cost
    text(page, x, y, architecture.title, size=11, bold=True, limit=limit)
    total = units.params(cost.params) if quantity == "params" else words.work(cost.total(unit), unit)
    differs = quantity == "work" and len({basis.short(other.architecture) for other in networks}) > 1
    size = f" · {basis.sample_kind(architecture)} {basis.times(architecture.basis.input)}" * differs
    text(page, x, y + 15, total + size, size=10.5, colour=page.look.dim, limit=limit)


def _left(names: list[str], sheet: Sheet) -> float:
    return sheet.margin + min(150, max(56, *(width(name, 11, bold=True) for name in names), 0)) + 8


def _row_names(page: Canvas, names: list[str], top: float) -> None:
    for index, name in enumerate(names):
        y = top + ROW * index + ROW / 2 + 4
        text(page, page.look.sheet.margin, y, name, size=11, bold=name != OUTSIDE, limit=150,
             colour=page.look.dim if name == OUTSIDE else None)  # fmt: skip


def _legend(
    page: Canvas,
    networks: list[Network],
    quantity: BarQuantity,
    x: float,
    y: float,
    unit: str,
    *,
    named: bool = True,
) -> None:
    """The name of a quantity, and a swatch and a word for each class; with one network its shares too."""
    if named:
        name = "Parameters" if quantity == "params" else words.work_name(unit)
        text(page, x, y, name, size=13.5, bold=True)
        y += 18
    totals = by_class([bar for network in networks for bar in network.bars.values()], quantity)
    whole = sum(totals.values())
    for op, number in totals.items():
        if not number:
            continue
        word = _WORDS[op][quantity == "work"]
        label = f"{word} {units.share(number, whole)}" if len(networks) == 1 else word
        box(page, x, y - 9, 13, 10, page.look.classes[op])
        text(page, x + 18, y, label, size=10.5)
        x += 18 + width(label, 10.5) + 6


def _names(networks: list[Network]) -> list[str]:
    """The rows: every name that a network has, in the order of a forward."""
    numbers: dict[str, int] = {}
    for network in sorted(networks, key=lambda other: -len(other.bars)):
        for bar in network.bars.values():
            numbers.setdefault(bar.name, _ROLES.index(bar.role))
    return sorted(numbers, key=lambda name: numbers[name])


def _told(network: Network, unit: str) -> str:
    """The bars of a network in words."""
    architecture = network.architecture
    sums = {name: (sum(bar.params.values()), sum(bar.work.values())) for name, bar in network.bars.items()}
    parts = [
        f"{name}: {units.params(params)} parameters, {words.work(work, unit)}"
        for name, (params, work) in sums.items()
    ]
    return f"{architecture.title}, {words.basis(architecture)}: " + "; ".join(parts) + "."
