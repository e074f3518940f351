"""Activation bytes over one forward: what lives stage by stage, with fused and with eager attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.analysis.memory.timeline import LiveBytes, Span, live
from unetscope.analysis.memory.weights import held
from unetscope.layout.measure import width
from unetscope.layout.scene import Anchor
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.colours import ChartStyle, Paint
from unetscope.render.charts.page import Canvas, area, box, drawn, line, mark, text
from unetscope.render.charts.scales import AxisScale, byte_ticks, lines
from unetscope.render.charts.sentences import over_a_forward
from unetscope.render.charts.sheets import Sheet
from unetscope.words import basis, units

_SCALE = 58.0
"""Room for the numbers of the upright axis."""
_OUTSIDE = 0.25
"""The width of a span outside the stages, in widths of a stage."""
_TALL, _LOW = 200.0, 130.0
_EAGER = 0.5
"""Height of the panel for eager attention, in that of the one for fused."""
_HEAD, _FOOT = 16.0, 46.0
_NOTE = (
    "every stage is drawn equally wide, its calls evenly; weights and workspaces of kernels are not included"
)

Curve = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Panel:
    """One network's curve with one kind of attention, on a scale that all networks share."""

    architecture: Architecture
    curves: LiveBytes
    attention: str
    scale: AxisScale
    left: float
    right: float

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes held during each call."""
        return self.curves.eager if self.attention == "eager" else self.curves.fused

    def places(self) -> dict[Span, tuple[float, float]]:
        """Left and right of every span: stages equally wide."""
        parts = [1.0 if span.name else _OUTSIDE for span in self.curves.spans]
        unit, x, places = (self.right - self.left) / sum(parts), self.left, {}
        for span, part in zip(self.curves.spans, parts, strict=True):
            places[span] = (x, x + part * unit)
            x += part * unit
        return places


def render(
    architectures: Sequence[Architecture], *, format: str, look: ChartStyle, dtype: str, command: str = ""
) -> bytes:
    """The chart of one network, or of several above each other on the same scales.

    Raises ConfigError for a dtype whose memory does not follow from the traces.
    """
    curves = [live(architecture, dtype=dtype) for architecture in architectures]
    heading = f"Activation bytes over one forward in {dtype}, call by call"
    holds = words.common_basis(architectures)
    titles = [architecture.title for architecture in architectures]
    sheet, eager = look.sheet, any(curve.peak("eager")[0] > curve.peak("fused")[0] for curve in curves)
    head = words.head_room(titles, heading, holds, sheet) + (26 if sheet.narrow else 34)
    rows = 2 if sheet.narrow and eager else 1 if sheet.narrow else 0
    panels, height = _places(architectures, curves, head + 15 * rows, sheet)

    notes = [*words.beside(architectures), _NOTE]
    sentence = over_a_forward(architectures, curves)
    height += words.said_room(sentence, sheet)
    foot = height - 18
    height += words.foot_room(notes, command, sheet)

    def draw(page: Canvas) -> None:
        words.heading(page, titles, heading, holds)
        _legend(page, head, eager=eager)
        for panel in panels:
            _head(page, panel, dtype, named=len(architectures) > 1)
            _draw(page, panel)
        words.said(page, foot - words.said_room(sentence, sheet) - 4, sentence)
        words.footnote(page, foot, notes, command)

    return drawn(
        draw, height=height, look=look, format=format, title=words.joined(titles),
        description=" ".join(_told(*pair, dtype) for pair in zip(architectures, curves, strict=True)),
    )  # fmt: skip


def _places(
    architectures: Sequence[Architecture], curves: Sequence[LiveBytes], y: float, sheet: Sheet
) -> tuple[list[_Panel], float]:
    """The panels, one below the other, and the height; eager attention has one only if it changes the
    peak."""
    tall = _TALL if len(architectures) == 1 else _LOW
    high = {
        kind: max(1, *(live_bytes.peak(kind)[0] for live_bytes in curves)) * 1.12
        for kind in ("fused", "eager")
    }
    panels = []
    for network, curve in zip(architectures, curves, strict=True):
        y += 26 if len(architectures) > 1 else 0
        for kind, part in (("fused", 1.0), ("eager", _EAGER)):
            if kind == "fused" or curve.peak("eager")[0] > curve.peak("fused")[0]:
                top = y + 24 + _HEAD
                scale, left = AxisScale(0, high[kind], top + tall * part, top), sheet.margin + _SCALE
                panels.append(_Panel(network, curve, kind, scale, left, sheet.right))
                y = top + tall * part + _FOOT - 16
        y += 4
    return panels, y + 40


def _legend(page: Canvas, y: float, *, eager: bool) -> None:
    look = page.look
    x = look.sheet.margin
    entries = [(look.live, "live activations"), (look.skips, "of these, waiting in skip connections")]
    entries += [(look.eager, "scores of eager attention on top")] * eager
    for paint, word in entries:
        box(page, x, y - 9, 13, 10, paint)
        text(page, x + 18, y, word, size=10.5)
        x, y = (x, y + 15) if look.sheet.narrow else (x + 18 + width(word, 10.5) + 12, y)


def _head(page: Canvas, panel: _Panel, dtype: str, *, named: bool) -> None:
    """The kind of attention and where its peak is; with several networks, the name of each above its first
    panel."""
    network, y, sheet = panel.architecture, panel.scale.end - _HEAD, page.look.sheet
    if panel.attention == "fused" and named:
        name = f"{network.title} · {basis.short(network)}"
        text(page, sheet.margin, y - 20, name, size=12, bold=True, limit=sheet.content)
    most, at = panel.curves.peak(panel.attention)
    where = panel.curves.paths[at] or network.class_name
    caption = f"{panel.attention} attention: peak {units.bytes_(most)}"
    caption += "" if sheet.narrow else f" in {where}"
    if panel.attention == "fused":
        caption += f" · weights {units.bytes_(held(network, dtype))}"
    text(page, sheet.margin, y, caption, size=10.5, colour=page.look.dim, limit=sheet.content)


def _draw(page: Canvas, panel: _Panel) -> None:
    curves, scale, look = panel.curves, panel.scale, page.look
    numbers = byte_ticks(scale.high, most=max(2, int((scale.start - scale.end) // 34)))
    labels = [units.bytes_(round(number)) if number else "0" for number in numbers]
    lines(page, scale, numbers, labels, left=panel.left, right=panel.right)
    floor: Curve = [(panel.left, scale.start), (panel.right, scale.start)]
    fused, skips = _curve(panel, curves.fused), _curve(panel, curves.skips)
    if panel.attention == "eager":
        eager = _curve(panel, curves.eager)
        area(page, eager, fused, look.eager)
        line(page, eager, colour=look.eager.ink, width=0.8)
    area(page, fused, floor, look.live)
    line(page, fused, colour=look.live.ink, width=1)
    area(page, skips, floor, look.skips)
    named = 0
    for span, (left, right) in panel.places().items():
        line(page, ((left, scale.start), (left, scale.end)), colour=look.grid, width=0.8)
        if span.name:
            _below(page, panel, span, (left + right) / 2, right - left, odd=bool(named % 2))
            named += 1
    line(page, floor, colour=look.axis)
    _peak(page, panel)


def _below(page: Canvas, panel: _Panel, span: Span, x: float, room: float, *, odd: bool) -> None:
    """A stage's name, and its peak where that fits. On a narrow page every second name stands lower."""
    if page.look.sheet.narrow:
        if panel.attention == "fused":
            y = panel.scale.start + 14 + 13 * odd
            text(page, x, y, span.name, size=10, anchor="middle", limit=2 * room)
        return
    most, y = units.bytes_(max(panel.numbers[span.start : span.stop])), panel.scale.start + 14
    if panel.attention == "fused":
        text(page, x, y, span.name, size=10.5, bold=True, anchor="middle", limit=room)
        y += 14
    if width(most, 10) <= room:
        text(page, x, y, most, size=10, colour=page.look.dim, anchor="middle")


def _peak(page: Canvas, panel: _Panel) -> None:
    """A mark and the bytes at the peak."""
    most, at = panel.curves.peak(panel.attention)
    x, y = _x(panel, at), panel.scale.at(most)
    ink = (page.look.eager if panel.attention == "eager" else page.look.live).ink
    mark(page, x, y, Paint(page.look.background, ink), size=6)
    label = units.bytes_(most)
    needed = width(label, 10.5, bold=True) / 2
    anchor: Anchor = "end" if x + needed > panel.right else "start" if x - needed < panel.left else "middle"
    text(page, x, y - 7, label, size=10.5, bold=True, anchor=anchor, patch=True)


def _x(panel: _Panel, at: int) -> float:
    for span, (left, right) in panel.places().items():
        if span.start <= at < span.stop:
            return left + (right - left) * (at - span.start + 0.5) / (span.stop - span.start)
    return panel.left


def _curve(panel: _Panel, numbers: Sequence[int]) -> Curve:
    """Draws steps, at most one per px: of the calls that share a px, the one that holds most."""
    points: Curve = [(panel.left, panel.scale.start)]
    for span, (left, right) in panel.places().items():
        calls = span.stop - span.start
        steps = min(calls, max(1, int(right - left)))
        for step in range(steps):
            first, last = span.start + calls * step // steps, span.start + calls * (step + 1) // steps
            y = panel.scale.at(max(numbers[first:last]))
            if y != points[-1][1]:
                x = left + (right - left) * step / steps
                points += [(x, points[-1][1]), (x, y)]
    return [*points, (panel.right, points[-1][1])]


def _told(architecture: Architecture, live_bytes: LiveBytes, dtype: str) -> str:
    """The curve in words."""
    peaks = ", ".join(
        f"{kind} peak {units.exact(live_bytes.peak(kind)[0])} bytes" for kind in ("fused", "eager")
    )
    stages = "; ".join(
        f"{span.name} up to {units.bytes_(max(live_bytes.fused[span.start : span.stop]))}"
        for span in live_bytes.spans
        if span.name
    )
    return f"{architecture.title}, {words.basis(architecture)}, {dtype}: {peaks}. {stages}."
