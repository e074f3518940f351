"""The two bars of what parameters and work are spent on, with a bracket over attention and every share
named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope import units
from unetscope.cost import Cost
from unetscope.layout.column.drawing.sizes import Measures
from unetscope.layout.column.drawing.spent import KINDS
from unetscope.layout.measure import text, width
from unetscope.layout.parts.scale import CostScale, bar_widths
from unetscope.layout.pieces import Piece, sketch
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line

_COLOURS: dict[str, tuple[ColourRole, ColourRole]] = {
    "projection": ("attention", "attention-ink"),
    "scores": ("attention", "attention-ink"),
    "feed-forward": ("feed-forward", "feed-forward-ink"),
    "modulation": ("background", "time"),
    "norm": ("background", "other-ink"),
    "other": ("conv", "conv-ink"),
    "outside": ("background", "conv-ink"),
}
_SHORTER: dict[str, tuple[str, ...]] = {
    "projection": ("projections", "proj.", ""),
    "modulation": ("mod.",),
    "other": ("other",),
}
_GAP = 1.0
_BEYOND = 13.0
"""From a bracket's word to names that stand beyond it."""
_ATTENTION = ("projection", "scores")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar: its kind, its names from the longest on, where it lies, its share in words."""

    kind: str
    names: tuple[str, ...]
    frame: Frame
    share: str

    def told(self, name: int = 0) -> str:
        """One of its names, with its share."""
        return f"{self.names[name]} {self.share}".lstrip()


def spent_bars(spent: Mapping[str, Cost], on: CostScale, room: float, sizes: Measures, word: str) -> Piece:
    """Both bars, one above the other, with connectors between equal bounds; `word` is what feed-forward
    parts are called."""
    size = sizes.strong
    high, label = size * 2.3, size * 1.9
    names = ("parameters", on.heading)
    lead = 0.0 if sizes.narrow else max(width(name, size + 1.5, bold=True) for name in names) + 14
    apart = 10.0 + label if sizes.narrow else 22.0

    def draw(frame: Frame) -> Iterator[Item]:
        bars = []
        for number, name in enumerate(names):
            top = frame.y + label + number * (high + apart)
            bar = Frame(frame.x + lead, top, frame.width - lead, high)
            stretches = _stretches(spent, on, number, bar, word)
            bars.append(stretches)
            y = bar.y - 7 if sizes.narrow else bar.middle + size * 0.4
            yield text(frame.x, y, name, size=size + (0 if sizes.narrow else 1.5), bold=True)
            for stretch in stretches:
                yield from _drawn(stretch, size)
            yield from _outer(stretches, bar, sizes, above=sizes.narrow or number == 0)
        if not sizes.narrow:
            yield from _connectors(*bars)

    lower = _stretches(spent, on, 1, Frame(0, 0, room - lead, high), word)
    beyond = _BEYOND if _crowded(lower, Frame(0, 0, room - lead, high), sizes) else 0.0
    return sketch(room, label + 2 * high + apart + (2 if sizes.narrow else label) + beyond, draw)


def _stretches(spent: Mapping[str, Cost], on: CostScale, number: int, bar: Frame, word: str) -> list[Stretch]:
    """The parts of a bar in the order of the kinds, none below 2 px, which the widest pays for."""
    amounts = {kind: cost.params if number == 0 else cost.total(on.unit) for kind, cost in spent.items()}
    amounts = {kind: amounts[kind] for kind in KINDS if amounts.get(kind)}
    whole = sum(amounts.values())
    room = bar.width - _GAP * max(0, len(amounts) - 1)
    widths = bar_widths(amounts, room)
    found, x = [], bar.x
    for kind, wide in widths.items():
        names = (word, "") if kind == "feed-forward" else (KINDS[kind], *_SHORTER.get(kind, ()))
        frame = Frame(x, bar.y, wide, bar.height)
        found.append(Stretch(kind, names, frame, units.share(amounts[kind], whole)))
        x += wide + _GAP
    return found


def _label(stretch: Stretch, size: float) -> str:
    """The longest name that fits; "" if none does."""
    for number in range(len(stretch.names)):
        label = stretch.told(number)
        if width(label, size, bold=True) + 8 <= stretch.frame.width:
            return label
    return ""


def _drawn(stretch: Stretch, size: float) -> Iterator[Item]:
    fill, ink = _COLOURS[stretch.kind]
    hatch = ink if stretch.kind == "scores" else None
    radius = min(3, stretch.frame.width / 2)
    yield Box(stretch.frame, fill, ink, 1.1, radius, hatch=hatch)
    label = _label(stretch, size)
    if not label:
        return
    wide = width(label, size, bold=True)
    if hatch:
        yield Box(
            Frame(
                stretch.frame.centre - wide / 2 - 1, stretch.frame.middle - size * 0.75, wide + 2, size * 1.5
            ),
            fill,
            radius=2,
        )
    yield text(
        stretch.frame.centre,
        stretch.frame.middle + size * 0.355,
        label,
        size=size,
        role=ink,
        anchor="middle",
        bold=True,
        frame=stretch.frame,
    )


def _outer(stretches: Sequence[Stretch], bar: Frame, sizes: Measures, *, above: bool) -> Iterator[Item]:
    """The names of parts too narrow for one, at the right end, and a bracket over attention where it has
    room: that names what of attention is too narrow."""
    size = sizes.strong
    y = bar.y - 7 if above else bar.bottom + 7 + size * 0.8
    attention, word, label = _around(stretches, bar, sizes)
    lower = _BEYOND if _crowded(stretches, bar, sizes) else 0.0
    if label:
        yield text(bar.right, y - lower if above else y + lower, label, size=size, anchor="end", bold=True)
    if word:
        yield from _bracket(attention, word, bar, y, size)


def _around(stretches: Sequence[Stretch], bar: Frame, sizes: Measures) -> tuple[list[Stretch], str, str]:
    """The parts under the bracket, its word, "" where it has no room; and the names of other narrow parts."""
    attention = [stretch for stretch in stretches if stretch.kind in _ATTENTION]
    word = _bracket_word(stretches, attention, sizes.strong)
    room = attention[-1].frame.right - attention[0].frame.x if len(attention) > 1 else 0.0
    if sizes.narrow or room < width(word, sizes.strong, bold=True) + 30:
        attention, word = [], ""
    rest = [stretch for stretch in stretches if stretch not in attention]
    return attention, word, _narrow_label(rest, bar.width, sizes)


def _crowded(stretches: Sequence[Stretch], bar: Frame, sizes: Measures) -> bool:
    """Whether the names at the right end would meet the bracket: they stand beyond it then."""
    attention, _, label = _around(stretches, bar, sizes)
    left = bar.right - width(label, sizes.strong, bold=True)
    return bool(attention and label) and attention[-1].frame.right > left - 8


def _bracket_word(stretches: Sequence[Stretch], attention: Sequence[Stretch], size: float) -> str:
    """ "attention 48 %, of it QKᵀ, PV 2 %": the share of attention, with that of a part without a name."""
    narrow = [one.told() for one in attention if not _label(one, size)]
    return ", of it ".join((f"attention {_sum_of(stretches, attention)}", *narrow[:1]))


def _bracket(attention: Sequence[Stretch], word: str, bar: Frame, y: float, size: float) -> Iterator[Item]:
    """The bracket over attention, its word standing in it on the line y."""
    start, end, wide = attention[0].frame.x, attention[-1].frame.right, width(word, size, bold=True)
    middle, tip = y - size * 0.355, bar.y - 3 if y < bar.y else bar.bottom + 3
    centre = (start + end) / 2
    yield Line(
        ((start + 0.5, tip), (start + 0.5, middle), (centre - wide / 2 - 5, middle)), "attention-ink", 1.1
    )
    yield Line(((centre + wide / 2 + 5, middle), (end - 0.5, middle), (end - 0.5, tip)), "attention-ink", 1.1)
    yield text(centre, y, word, size=size, role="attention-ink", anchor="middle", bold=True)


def _narrow_label(stretches: Sequence[Stretch], room: float, sizes: Measures) -> str:
    """The names of all parts too narrow for one. On a narrow page, where these would meet the bar's own name,
    parts below half a percent go without."""
    size = sizes.strong
    narrow = [stretch for stretch in stretches if not _label(stretch, size)]
    label = " · ".join(_outer_name(one, sizes) for one in narrow)
    if sizes.narrow and width(label + " parameters", size, bold=True) * 1.1 > room:
        whole = sum(stretch.frame.width for stretch in stretches)
        label = " · ".join(_outer_name(one, sizes) for one in narrow if one.frame.width > 0.006 * whole)
    return label


def _outer_name(stretch: Stretch, sizes: Measures) -> str:
    """The name and share of a part beside its bar, the shorter one on a narrow page."""
    return stretch.told(1 if sizes.narrow and len(stretch.names) > 1 and stretch.names[1] else 0)


def _sum_of(stretches: Sequence[Stretch], part: Sequence[Stretch]) -> str:
    """The share of some parts together, from their widths on the bar."""
    whole = sum(stretch.frame.width for stretch in stretches)
    return units.share(round(1000 * sum(one.frame.width for one in part)), round(1000 * whole))


def _connectors(above: Sequence[Stretch], below: Sequence[Stretch]) -> Iterator[Item]:
    """Dotted lines between the bounds of equal kinds."""
    ends = {one.kind: one.frame.right for one in below}
    for one, after in pairwise(above):
        if one.kind in ends and after.frame.x:
            yield Line(
                ((one.frame.right + 0.5, one.frame.bottom + 2), (ends[one.kind] + 0.5, below[0].frame.y - 2)),
                "skip",
                1,
                dashes=(2, 2.5),
            )
