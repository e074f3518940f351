"""MACs against the side of a square latent: one network by class, or several as lines on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.analysis.scaling.sweep import Sweep, SweepRow
from unetscope.cost import OP_CLASSES, OpClass
from unetscope.layout.measure import width
from unetscope.layout.scene import Anchor
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.render.charts.colours import ChartStyle
from unetscope.render.charts.labels import spread
from unetscope.render.charts.page import Canvas, area, drawn, line, mark, text
from unetscope.render.charts.scales import AxisScale, amounts, lines, ticks
from unetscope.render.charts.sentences import over_sizes
from unetscope.render.charts.sheets import Sheet
from unetscope.words import basis, units
from unetscope.words.conventions import steps

SHAPES = ("o", "s", "^", "D", "v", "P", "X", "p", "<", ">", "h", "*")
_DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (2, 2), (8, 3, 2, 3))
_SCALE, _TALL, _LOW = 58.0, 340.0, 230.0
"""Room for the numbers of the upright axis; the height of the plot, and that in one column of a paper."""
_NAME = 17.0
"""A line of a name above the plot, where none fits beside it."""
_WORDS: dict[OpClass, str] = {"conv": "conv", "linear": "linear", "attention": "attention", "other": "other"}


def render(sweeps: Sequence[Sweep], *, format: str, look: ChartStyle, unit: str, command: str = "") -> bytes:
    """The chart of sweeps over square latents; rows of other shapes are left out."""
    rows = [_square(sweep) for sweep in sweeps]
    networks = [sweep.architecture for sweep in sweeps]
    titles = [network.title for network in networks]
    what = f"{words.work_name(unit)} of {steps(networks[0].counting)}"
    summary = f"{what} against the side of a square {basis.side_word(networks)}"
    holds = _basis(sweeps)
    sheet = look.sheet
    named = titles if sheet.narrow and len(titles) > 1 else []
    head = words.head_room(titles, summary, holds, sheet)
    top = head + 30 + _NAME * len(named)
    bottom = top + (_LOW if sheet.narrow else _TALL)
    left, end = sheet.margin + (48 if sheet.narrow else _SCALE), _end(titles, sheet)
    notes = words.counted(networks) + _own(sweeps) + _how(sweeps)
    across, up = _scales([row for sweep in rows for row in sweep], unit, (left, end), (bottom, top))
    sentence = over_sizes(networks, rows, unit)
    below = bottom + 66 + words.said_room(sentence, sheet)
    height = below + 18 + words.foot_room(notes, command, sheet)

    def draw(page: Canvas) -> None:
        words.heading(page, titles, summary, holds)
        numbers = ticks(up.high, most=6)
        labels = amounts(numbers)
        labels[-1] += words.operation(unit)
        lines(page, up, numbers, labels, left=left, right=end)
        _names(page, named, head + 22)
        if len(sweeps) == 1:
            _classes(page, rows[0], across, up, unit)
        else:
            _several(page, networks, rows, across, up, unit)
        _sides(page, networks, across, bottom)
        for index, (network, swept) in enumerate(zip(networks, rows, strict=True)):
            _native(page, network, swept, across, up, unit, index=index if len(sweeps) > 1 else None)
        words.said(page, bottom + 62, sentence)
        words.footnote(page, below, notes, command)

    return drawn(
        draw, height=height, look=look, format=format, title=words.joined(titles),
        description=" ".join(_told(*pair, unit) for pair in zip(networks, rows, strict=True)),
    )  # fmt: skip


def _scales(
    rows: Sequence[SweepRow], unit: str, across: tuple[float, float], up: tuple[float, float]
) -> tuple[AxisScale, AxisScale]:
    """The sides of all rows from left to right, what they take from the bottom up, in px."""
    low, high = min(row.side for row in rows), max(row.side for row in rows)
    most = max(row.cost.total(unit) for row in rows)
    return AxisScale(low, max(high, low + 1), *across), AxisScale(0, max(1, most) * 1.04, *up)


def _end(titles: Sequence[str], sheet: Sheet) -> float:
    """Where curves end: what is beyond names them, or tells what each takes there."""
    if sheet.narrow:
        return sheet.right - (76 if len(titles) > 1 else 96)
    widths = [min(250, width(title, 11, bold=True)) for title in titles if len(titles) > 1]
    return sheet.right - 14 - max(110, *widths, 0)


def _names(page: Canvas, titles: Sequence[str], y: float) -> None:
    """The names of several networks above the plot, each behind a piece of its line."""
    left = page.look.sheet.margin
    for index, title in enumerate(titles):
        ink, at = page.look.kinds[index % len(page.look.kinds)].ink, y + _NAME * index
        dashes = _DASHES[index % len(_DASHES)]
        line(page, ((left, at - 4), (left + 26, at - 4)), colour=ink, width=1.8, dashes=dashes)
        room = page.look.sheet.content - 32
        text(page, left + 32, at, title, size=11, bold=True, colour=ink, limit=room)


def _square(sweep: Sweep) -> list[SweepRow]:
    rows = {row.side: row for row in sweep.rows if row.is_square}
    return [rows[side] for side in sorted(rows)]


def _classes(page: Canvas, rows: list[SweepRow], across: AxisScale, up: AxisScale, unit: str) -> None:
    """Areas of the classes on top of each other, each named at its end with its share there."""
    floor = [(across.at(row.side), up.start) for row in rows]
    last, below = rows[-1].cost.total(unit), dict.fromkeys(range(len(rows)), 0)
    places: list[tuple[float, str]] = []
    for op in OP_CLASSES:
        counts = [row.cost.work(unit)[op] for row in rows]
        if not any(counts):
            continue
        start = below[len(rows) - 1]
        below = {index: below[index] + count for index, count in enumerate(counts)}
        upper = [(across.at(row.side), up.at(below[index])) for index, row in enumerate(rows)]
        paint = page.look.classes[op]
        area(page, upper, floor, paint)
        line(page, upper, colour=paint.ink, width=1.2)
        floor = upper
        label = f"{_WORDS[op]} {units.share(counts[-1], last)}"
        places.append(((up.at(start) + up.at(start + counts[-1])) / 2, label))
    places.append((up.at(last) - 4, words.work(last, unit)))
    for (_, label), y in zip(places, spread([y for y, _ in places], 15), strict=True):
        text(page, across.end + 10, y + 4, label, size=11, bold=label is places[-1][1])


def _several(
    page: Canvas,
    networks: Sequence[Architecture],
    rows: list[list[SweepRow]],
    across: AxisScale,
    up: AxisScale,
    unit: str,
) -> None:
    """One line per network, named at its end."""
    ends = []
    for index, (network, swept) in enumerate(zip(networks, rows, strict=True)):
        ink = page.look.kinds[index % len(page.look.kinds)].ink
        points = [(across.at(row.side), up.at(row.cost.total(unit))) for row in swept]
        line(page, points, colour=ink, width=1.8, dashes=_DASHES[index % len(_DASHES)])
        ends.append((points[-1], network.title, words.work(swept[-1].cost.total(unit), unit), ink))
    heights = spread([y for (_, y), *_ in ends], 30)
    for ((x, y), title, total, ink), at in zip(ends, heights, strict=True):
        line(page, ((x + 3, y), (across.end + 8, at)), colour=page.look.grid)
        beside = across.end + 12
        if page.look.sheet.narrow:
            text(page, beside, at + 4, total, size=10, colour=ink, bold=True)
            continue
        room = page.look.sheet.right - beside
        text(page, beside, at, title, size=11, bold=True, colour=ink, limit=room)
        text(page, beside, at + 13, total, size=10.5, colour=page.look.dim)


def _sides(page: Canvas, networks: Sequence[Architecture], across: AxisScale, bottom: float) -> None:
    """Sides in steps of a power of two, and in pixels where all networks agree on how many."""
    factors = {network.factor for network in networks}
    factor = (factors.pop() or 0) if len(factors) == 1 else 0
    line(page, ((across.start, bottom), (across.end, bottom)), colour=page.look.axis)
    step = 1
    while (across.high - across.low) / step > min(8, (across.end - across.start) / 46):
        step *= 2
    for side in range(-(-int(across.low) // step) * step, int(across.high) + 1, step):
        x = across.at(side)
        line(page, ((x, bottom), (x, bottom + 4)), colour=page.look.axis)
        text(page, x, bottom + 17, str(side), size=10.5, anchor="middle")
        if factor > 1:
            text(page, x, bottom + 31, f"{side * factor} px", size=10, colour=page.look.dim, anchor="middle")


def _native(
    page: Canvas,
    architecture: Architecture,
    rows: list[SweepRow],
    across: AxisScale,
    up: AxisScale,
    unit: str,
    *,
    index: int | None,
) -> None:
    """A mark at the size that the network was loaded at, where it is within the curve."""
    height, wide = basis.extent(architecture)
    row = next((row for row in rows if row.latent == (height, wide)), None)
    if row is None:
        return
    work = row.cost.total(unit)
    x, y = across.at(height), up.at(work)
    look = page.look
    paint = look.kinds[(index or 0) % len(look.kinds)] if index is not None else look.classes["conv"]
    mark(page, x, y, paint, shape=SHAPES[(index or 0) % len(SHAPES)], size=8)
    if index is None:
        label = f"{height}×{wide}: {words.work(work, unit)}"
        anchor: Anchor = "end" if x - across.start > 160 else "start"
        text(
            page,
            x + (-8 if anchor == "end" else 0),
            y - 10,
            label,
            size=11,
            bold=True,
            anchor=anchor,
            patch=True,
        )


def _basis(sweeps: Sequence[Sweep]) -> str:
    """What all sizes have in common; where networks read texts of several lengths, a note tells of each."""
    bases = set(_each(sweeps))
    if len(bases) == 1:
        return f"basis: {bases.pop()}"
    first = sweeps[0]
    common = basis.short_of_many(first.rows[0].batch, {}, first.architecture.counting)
    return f"basis: {common}, each network at its own further sizes"


def _each(sweeps: Sequence[Sweep]) -> list[str]:
    """What the sizes of each network have in common."""
    return [" and ".join(dict.fromkeys(_held(sweep, row) for row in sweep.rows)) for sweep in sweeps]


def _held(sweep: Sweep, row: SweepRow) -> str:
    return basis.short_of_many(row.batch, row.axes, sweep.architecture.counting)


def _own(sweeps: Sequence[Sweep]) -> list[str]:
    """The basis of each network, where they differ."""
    bases = _each(sweeps)
    pairs = zip(sweeps, bases, strict=True)
    return (
        [f"{network.architecture.title}: {words}" for network, words in pairs] if len(set(bases)) > 1 else []
    )


def _how(sweeps: Sequence[Sweep]) -> list[str]:
    """Whether sizes were traced, and what the marks are."""
    traced = sum(row.traced for sweep in sweeps for row in sweep.rows)
    sizes = f"{traced} sizes traced" if traced else "exact formulas, no size traced"
    return [sizes, *(["marks: the size each was loaded at"] if len(sweeps) > 1 else [])]


def _told(architecture: Architecture, rows: list[SweepRow], unit: str) -> str:
    kind, ends = basis.kind(architecture), (rows[0], rows[-1])
    return f"{architecture.title}: " + ", ".join(
        f"{words.work(row.cost.total(unit), unit)} at {kind} {row.side}×{row.side}" for row in ends
    ) + "."  # fmt: skip
