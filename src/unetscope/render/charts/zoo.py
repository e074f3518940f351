"""Parameters against MACs for many networks, all named, families told apart by shape and colour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

from unetscope.analysis.cost.chart_data import Spot
from unetscope.cost import ONCE, Counting
from unetscope.layout.measure import ALLOWANCE, shorten, width
from unetscope.layout.scene import Anchor
from unetscope.render.charts import words
from unetscope.render.charts.colours import ChartStyle, Paint
from unetscope.render.charts.labels import Rect, placed
from unetscope.render.charts.page import Canvas, box, drawn, line, mark, text
from unetscope.render.charts.scales import AxisScale, amounts, decades, lines
from unetscope.render.charts.sentences import of_many
from unetscope.render.charts.sheets import WIDE
from unetscope.render.charts.sweep import SHAPES
from unetscope.words import basis, units
from unetscope.words.conventions import steps

MARGIN, RIGHT = WIDE.margin, WIDE.right
_LEFT, _TALL, _MARK, _LINE = MARGIN + 58, 500.0, 10.0, 13.0
_FEW, _ROOM = 40, 5.0
"""Up to this many networks the page keeps its height; each further one adds this."""
_SIZE = 10.0
_NEAR = 11.0
"""Marks closer than this would cover each other: they share one place, a mark per family."""
_WIDEST = 190.0
_MANY, _APART = 10, 0.1
"""From this many networks on, one that alone takes this part of an axis stands at its edge."""
_KINDS = 8
"""Families with a mark of their own; the smallest beyond them share the last."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Networks at one place: x and y are the middle of theirs."""

    x: float
    y: float
    spots: tuple[Spot, ...]

    def families(self, order: Sequence[str]) -> list[str]:
        names = {spot.family for spot in self.spots}
        return [family for family in order if family in names]


@dataclass(frozen=True, slots=True)
class _Label:
    """Lines of ids with the paint of their family; `own` ids are bold."""

    lines: tuple[tuple[str, Paint, bool], ...]

    @property
    def size(self) -> tuple[float, float]:
        widest = max(width(content, _SIZE, bold=bold) for content, _, bold in self.lines)
        return widest / ALLOWANCE * 1.1, _LINE * len(self.lines)


def render(
    spots: Sequence[Spot],
    *,
    own: Sequence[str],
    notes: Sequence[str] = (),
    format: str,
    look: ChartStyle,
    unit: str,
    counting: Counting = ONCE,
    command: str = "",
) -> bytes:
    """The chart of all `spots`; the ids in `own` are bold, and `notes` are about them."""
    usable = [spot for spot in spots if spot.params and spot.work]
    order = _families(usable)
    kinds = dict(zip(order, _paints(look, len(order)), strict=True))
    legend = list(_legend(order, kinds))
    top = 61 + 26 + 18 * (1 + max((row for row, *_ in legend), default=0)) + 14
    bottom = top + _TALL + _ROOM * max(0, len(usable) - _FEW)
    far = _far(usable)
    near = [spot for spot in usable if spot not in far]
    across = _scale([spot.params for spot in near], _LEFT, RIGHT)
    up = _scale([spot.work for spot in near], bottom, top)
    groups = _groups(usable, across, up)
    notes = [*basis.notes(counting), *notes, "where marks would cover each other they stand side by side"]
    title = f"Parameters and {words.work_name(unit)} of {len(usable)} networks"

    summary = f"{words.work_name(unit)} of {steps(counting)} at each network's own size"
    summary += f", {basis.short_of_many(1, {}, counting)}; marks by family"
    sentence = of_many(usable, unit)
    foot = bottom + 58 + (words.said_room(sentence, WIDE) + 6 if sentence else 0)
    height = foot + 18 + words.foot_room(notes, command, WIDE)

    def draw(page: Canvas) -> None:
        words.heading(page, [title], summary)
        for row, x, family, (paint, shape) in legend:
            y = 61 + 26 + 18 * row
            mark(page, x + 5, y - 4, paint, shape=shape, size=_MARK)
            text(page, x + 15, y, family, size=10.5)
        _axes(page, across, up, unit)
        labels = [_label(group, order, kinds, own, far, unit) for group in groups]
        _draw(page, groups, labels, order, kinds, Rect(_LEFT + 2, top, RIGHT, bottom - 2))
        words.said(page, bottom + 54, sentence)
        words.footnote(page, foot, notes, command)

    spoken = "; ".join(
        f"{s.title}: {units.params(s.params)} parameters, {words.work(s.work, unit)}" for s in usable
    )
    return drawn(draw, height=height, look=look, format=format, title=title, description=spoken + ".")


def _far(spots: Sequence[Spot]) -> list[Spot]:
    """Networks without which an axis is much shorter, one at each end: they stand at the edge, with their
    figures, so that the others have the room."""
    outliers = []
    for amount in (_params, _work):
        order = sorted(spots, key=amount)
        if len(order) < _MANY:
            continue
        logs = [log10(amount(spot)) for spot in order]
        ends = ((order[0], logs[1] - logs[0]), (order[-1], logs[-1] - logs[-2]))
        outliers += [spot for spot, gap in ends if gap > _APART * (logs[-1] - logs[0])]
    return outliers


def _params(spot: Spot) -> int:
    return spot.params


def _work(spot: Spot) -> int:
    return spot.work


def _families(spots: Sequence[Spot]) -> list[str]:
    """Families by size, the largest first, then by name."""
    counts: dict[str, int] = {}
    for spot in spots:
        counts[spot.family] = counts.get(spot.family, 0) + 1
    return sorted(counts, key=lambda family: (-counts[family], family))


def _paints(look: ChartStyle, count: int) -> list[tuple[Paint, str]]:
    last = _KINDS - 1
    return [(look.kinds[min(index, last)], SHAPES[min(index, last)]) for index in range(count)]


def _legend(
    order: Sequence[str], kinds: dict[str, tuple[Paint, str]]
) -> Iterator[tuple[int, float, str, tuple[Paint, str]]]:
    """Row and x of each family's entry."""
    row, x = 0, MARGIN
    for family in order:
        wide = 15 + width(family, 10.5) + 12
        if x + wide > RIGHT and x > MARGIN:
            row, x = row + 1, MARGIN
        yield row, x, family, kinds[family]
        x += wide


def _scale(numbers: Sequence[int], start: float, end: float) -> AxisScale:
    """By ratio, with room for marks and labels at both ends."""
    low, high = min(numbers), max(numbers)
    return AxisScale(low / 1.4, high * 1.9, start, end, log=True)


def _groups(spots: Sequence[Spot], across: AxisScale, up: AxisScale) -> list[_Group]:
    """Networks that would cover each other, together."""
    groups: list[list[tuple[float, float, Spot]]] = []
    for spot in sorted(spots, key=lambda spot: (spot.params, spot.work, spot.id)):
        x, y = _within(across, spot.params), _within(up, spot.work)
        near = next((g for g in groups if abs(g[0][0] - x) < _NEAR and abs(g[0][1] - y) < _NEAR), None)
        if near is None:
            groups.append([(x, y, spot)])
        else:
            near.append((x, y, spot))
    return [
        _Group(sum(x for x, *_ in g) / len(g), sum(y for _, y, _ in g) / len(g), tuple(s for *_, s in g))
        for g in groups
    ]


def _within(scale: AxisScale, number: int) -> float:
    """The px of a number, at the edge for one beyond the scale."""
    inset = _MARK if scale.end > scale.start else -_MARK
    place = scale.at(number)
    if number < scale.low:
        return scale.start + inset
    return scale.end - inset if number > scale.high else place


def _axes(page: Canvas, across: AxisScale, up: AxisScale, unit: str) -> None:
    """Lines at 1, 2 and 5 of each power of ten; the names of the axes at their ends."""
    look, numbers = page.look, decades(up.low, up.high)
    lines(page, up, numbers, amounts(numbers), left=across.start, right=across.end)
    text(page, MARGIN, up.end - 6, f"{words.work_name(unit)} ↑", size=11, bold=True)
    for number in decades(across.low, across.high):
        x = across.at(number)
        line(page, ((x, up.end), (x, up.start)), colour=look.grid)
        label = amounts([number], billions="B")[0]
        text(page, x, up.start + 15, label, size=10, colour=look.dim, anchor="middle")
    line(page, ((across.start, up.start), (across.end, up.start)), colour=look.axis)
    line(page, ((across.start, up.start), (across.start, up.end)), colour=look.axis)
    text(page, across.end, up.start + 31, "parameters →", size=11, bold=True, anchor="end")


def _draw(
    page: Canvas, groups: Sequence[_Group], labels: Sequence[_Label], order: Sequence[str],
    kinds: dict[str, tuple[Paint, str]], within: Rect,
) -> None:  # fmt: skip
    marks = [_extent(group, len(group.families(order))) for group in groups]
    places = placed([label.size for label in labels], marks, within=within)
    _labels(page, labels, marks, places)
    for group, spot in zip(groups, marks, strict=True):
        families = group.families(order)
        for index, family in enumerate(families):
            paint, shape = kinds[family]
            mark(page, spot.left + _MARK / 2 + index * (_MARK + 2), group.y, paint, shape=shape, size=_MARK)


def _labels(
    page: Canvas, labels: Sequence[_Label], marks: Sequence[Rect], places: Sequence[tuple[Rect, bool]]
) -> None:
    """Labels with the lines that lead to those far off; nothing crosses their letters."""
    for spot, (rect, far) in zip(marks, places, strict=True):
        if far:
            _lead(page, spot, rect)
    for label, spot, (rect, _) in zip(labels, marks, places, strict=True):
        # A label at the left of its mark ends there, whatever the reader's font.
        anchor: Anchor = "end" if rect.right <= spot.left else "start"
        x = rect.right if anchor == "end" else rect.left
        for index, (content, paint, bold) in enumerate(label.lines):
            y, wide = rect.top + _LINE * index + 10, width(content, _SIZE, bold=bold) / ALLOWANCE
            left = x - wide if anchor == "end" else x
            box(page, left - 1, y - 10, wide + 2, _LINE, Paint(page.look.background, "none"))
            text(page, x, y, content, size=_SIZE, colour=paint.ink, bold=bold, anchor=anchor)


def _extent(group: _Group, families: int) -> Rect:
    half = (families * (_MARK + 2) - 2) / 2
    return Rect(group.x - half, group.y - _MARK / 2, group.x + half, group.y + _MARK / 2)


def _lead(page: Canvas, spot: Rect, rect: Rect) -> None:
    """A line from a mark to the nearest point of its label."""
    x, y = (spot.left + spot.right) / 2, (spot.top + spot.bottom) / 2
    end = (min(max(x, rect.left), rect.right), min(max(y, rect.top + 2), rect.bottom - 2))
    line(page, ((x, y), end), colour=page.look.axis, width=0.8)


def _label(
    group: _Group,
    order: Sequence[str],
    kinds: dict[str, tuple[Paint, str]],
    own: Sequence[str],
    far: Sequence[Spot],
    unit: str,
) -> _Label:
    """The ids of a group, family by family, broken into lines; the own ones first, in bold. One beyond the
    axes says its figures."""
    lines: list[tuple[str, Paint, bool]] = []
    for family in group.families(order):
        ids = [spot.id for spot in group.spots if spot.family == family]
        bold = [shorten(id, _WIDEST, _SIZE, bold=True) for id in ids if id in own]
        lines += [(id, kinds[family][0], True) for id in bold]
        rest = [id for id in ids if id not in own]
        lines += [(content, kinds[family][0], False) for content in _broken(_braced(rest))]
        beyond = [spot for spot in group.spots if spot.family == family and spot in far]
        figures = (f"{units.params(s.params)}, {words.work(s.work, unit)}: beyond the axes" for s in beyond)
        lines += [(figure, kinds[family][0], False) for figure in figures]
    return _Label(tuple(lines))


def _braced(ids: Sequence[str]) -> list[str]:
    """Three or more ids that differ in one digit as one, as a shell takes them: sd1{1,2,3}."""
    names: dict[tuple[str, str], list[str]] = {}
    for id in ids:
        match = re.fullmatch(r"(.*?)(\d)(\D*)", id)
        names.setdefault((match[1], match[3]) if match else (id, ""), []).append(match[2] if match else "")
    done: list[str] = []
    for (before, after), digits in names.items():
        joined = [f"{{{','.join(digits)}}}"] if len(digits) > 2 else digits
        done += [f"{before}{part}{after}" for part in joined]
    return done


def _broken(ids: Sequence[str]) -> list[str]:
    """Ids in lines of at most _WIDEST px, with commas between them."""
    lines: list[str] = []
    for index, id in enumerate(ids):
        word = id + ("," if index < len(ids) - 1 else "")
        if lines and width(f"{lines[-1]} {word}", _SIZE) <= _WIDEST:
            lines[-1] += f" {word}"
        else:
            lines.append(shorten(word, _WIDEST, _SIZE))
    return lines
