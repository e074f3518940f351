"""The least time of each stage on a card, teacher beside student: arithmetic, and waiting for weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from unetscope.analysis.latency import LatencyFloor
from unetscope.layout.measure import width
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.colours import Paint, look
from unetscope.render.charts.page import Canvas, box, drawn, text
from unetscope.render.charts.scales import AxisScale
from unetscope.render.charts.sheets import WIDE

_TOP, _ROW, _BAR = 116.0, 34.0, 11.0


def of_floors(
    floors: Sequence[LatencyFloor], networks: Sequence[Architecture], *, format: str = "svg",
    theme: str = "light", command: str = "",
) -> bytes:  # fmt: skip
    """The chart as the bytes of a file. Raises OutputError where matplotlib is missing."""
    names = list(dict.fromkeys(stage.name for floor in floors for stage in floor.stages))
    first = floors[0]
    title = f"Latency floor on {first.gpu.title}, {first.dtype}"
    notes = [
        f"peak and bandwidth: {first.gpu.cited}",
        "a floor: each operation at the peak, or as fast as its weights come from memory",
        "no time for activations, norms, softmax, launches",
    ]
    bottom = _TOP + _ROW * len(names)
    summary = "; ".join(
        f"{network.title}: {_time(latency.nanoseconds)}"
        for latency, network in zip(floors, networks, strict=True)
    )
    draw = partial(_draw, floors=floors, names=names, title=title, summary=summary, notes=notes,
                   command=command, basis=words.basis(networks[0]))  # fmt: skip
    return drawn(
        draw, height=bottom + 30 + words.foot_room(notes, command, WIDE), look=look(theme), format=format,
        title=title, description=f"{summary}.",
    )  # fmt: skip


def _draw(
    page: Canvas, *, floors: Sequence[LatencyFloor], names: Sequence[str], title: str, summary: str,
    notes: Sequence[str], command: str, basis: str,
) -> None:  # fmt: skip
    words.heading(page, [title], summary)
    text(page, WIDE.margin, 79, basis, size=12, colour=page.look.dim)
    left = WIDE.margin + max(width(name, 11, bold=True) for name in names) + 12
    most = max(stage.nanoseconds for floor in floors for stage in floor.stages)
    scale = AxisScale(0, most, left, WIDE.right - 80)
    paints = (page.look.kinds[0], page.look.kinds[1])
    waiting = Paint(page.look.background, page.look.ink, "////")
    x = left
    for paint, word in zip((*paints, waiting), ("teacher", "student", "waiting for weights"), strict=True):
        box(page, x, _TOP - 20, 13, 10, paint)
        text(page, x + 18, _TOP - 11, word, size=10.5)
        x += 18 + width(word, 10.5) + 14
    for row, name in enumerate(names):
        y = _TOP + _ROW * row
        text(page, WIDE.margin, y + 17, name, size=11, bold=True)
        for at, (latency, paint) in enumerate(zip(floors, paints, strict=True)):
            stage = next((stage for stage in latency.stages if stage.name == name), None)
            if stage is None:
                continue
            top, end = y + 2 + at * (_BAR + 1), scale.at(stage.nanoseconds)
            box(page, left, top, end - left, _BAR, paint)
            if stage.bound:
                box(
                    page,
                    end - (scale.at(stage.bound) - left),
                    top,
                    scale.at(stage.bound) - left,
                    _BAR,
                    waiting,
                )
            text(page, end + 5, top + 9, _time(stage.nanoseconds), size=9.5)
    words.footnote(page, _TOP + _ROW * len(names) + 18, notes, command)


def _time(nanoseconds: float) -> str:
    return f"{nanoseconds / 1e6:,.2f} ms" if nanoseconds >= 1e6 else f"{nanoseconds / 1e3:,.1f} µs"
