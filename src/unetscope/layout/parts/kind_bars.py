"""Two bars across the page: parameters and MACs by kind of block, adding up to the whole network. Every part
has one place and one name in both; a bracket spans what is inside A, dotted lines join equal bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope import units
from unetscope.analysis.cost.by_kind import by_part
from unetscope.analysis.cost.insight import gate_word
from unetscope.layout.measure import centred, text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale, bar_widths
from unetscope.layout.scene import Box, Frame, Item, Line
from unetscope.model import Architecture
from unetscope.vocabulary import SPENDINGS, Part

HEIGHT = 24.0
_HEADING = 93.0
"""Room at the left for what a bar shows."""
_GAP = 1.0
_APART = 18.0
_OUTER = 29.0
"""Above the first and below the second bar: brackets, and beyond them the names of narrow parts."""
_BEYOND = 12.0
_SIZE = 10.5
BARS = 2 * HEIGHT + _APART + 2 * _OUTER
"""The height of everything."""
_INSIDE_A: tuple[Part, ...] = ("projection", "scores", "feed-forward", "modulation")
_NAMES: dict[Part, tuple[str, ...]] = {
    "residual": ("R residual", "R"),
    "projection": ("projections", "proj."),
    "scores": ("QKᵀ, PV",),
    "feed-forward": ("feed-forward",),
    "modulation": ("modulation", "adaLN"),
    "conv": ("↓ ↑",),
    "other": ("other blocks", "other"),
    "adapter": ("adapters",),
    "outside": ("outside",),
}


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of a bar: its part, where it lies, its exact amount and its share."""

    part: Part
    frame: Frame
    amount: int
    share: str


def kind_bars(architecture: Architecture, on: CostScale, page: Page, *, y: float) -> Iterator[Item]:
    """Both bars with everything around them, the top at y."""
    left = page.margin + _HEADING
    bars: list[list[_Segment]] = []
    for index, (heading, what) in enumerate((("parameters", "params"), (on.heading, "macs"))):
        top = y + _OUTER + (HEIGHT + _APART) * index
        frame = Frame(left, top, page.right - left, HEIGHT)
        bars.append(_segments(architecture, what, frame))
        if bars[-1]:
            yield text(page.margin, top + HEIGHT / 2 + 4.3, heading, size=12, bold=True)
    names = _named(bars, gate_word(architecture))
    for index, segments in enumerate(bars):
        for one in segments:
            yield from _drawn(one, _label(one, names))
        yield from _outer(segments, names, above=index == 0)
    if all(bars):
        yield from _connectors(*bars)


def _segments(architecture: Architecture, what: str, bar: Frame) -> list[_Segment]:
    """The parts of a bar in their order, none below 2 px, which the widest pays for."""
    shares = {share.part: getattr(share.cost, what) for share in by_part(architecture)}
    order = [part for part in _NAMES if part not in _INSIDE_A]
    order[1:1] = _INSIDE_A
    amounts = {part: shares[part] for part in order if shares.get(part)}
    whole = sum(amounts.values())
    room = bar.width - _GAP * max(0, len(amounts) - 1)
    widths = bar_widths(amounts, room)
    found, x = [], bar.x
    for part, wide in widths.items():
        frame = Frame(x, bar.y, wide, bar.height)
        found.append(_Segment(part, frame, amounts[part], units.share(amounts[part], whole)))
        x += wide + _GAP
    return found


def _named(bars: Sequence[Sequence[_Segment]], gate: str) -> dict[Part, str]:
    """One name for each part: the longest that fits wherever any does."""
    found: dict[Part, str] = {}
    for part, usual in _NAMES.items():
        names = ("GEGLU",) if part == "feed-forward" and gate == "GEGLU" else usual
        places = [one for bar in bars for one in bar if one.part == part]
        shortest = [place for place in places if _fits(place, names[-1])]
        found[part] = next((name for name in names if all(_fits(one, name) for one in shortest)), names[-1])
    return found


def _fits(one: _Segment, name: str) -> bool:
    return width(f"{name} {one.share}", _SIZE, bold=True) + 8 <= one.frame.width


def _label(one: _Segment, names: Mapping[Part, str]) -> str:
    """What stands in a stretch: name and share, or nothing where these do not fit."""
    return f"{names[one.part]} {one.share}" if _fits(one, names[one.part]) else ""


def _drawn(one: _Segment, label: str) -> Iterator[Item]:
    fill, ink = SPENDINGS[one.part].fill, SPENDINGS[one.part].ink
    hatch = ink if one.part == "scores" else None
    radius = min(4, one.frame.width / 2)
    yield Box(one.frame, fill, ink, 1.1, radius=radius, hatch=hatch, dashed=fill == "other")
    if label and hatch:
        yield Box(_around(one.frame, label), fill, radius=2)
    if label:
        yield centred(one.frame, label, size=_SIZE, role=ink, bold=True)


def _around(frame: Frame, label: str) -> Frame:
    """Plain ground for a label on a hatch."""
    wide = min(frame.width - 3, width(label, _SIZE, bold=True) + 2)
    return Frame(frame.centre - wide / 2, frame.middle - 7.5, wide, 15)


def _outer(segments: Sequence[_Segment], names: Mapping[Part, str], *, above: bool) -> Iterator[Item]:
    """The bracket over what is inside A, with the names of its narrow parts; and those of the others at the
    right, each group under a small bracket of its own."""
    if not segments:
        return
    inside = [segment for segment in segments if segment.part in _INSIDE_A]
    whole = sum(segment.amount for segment in segments)
    narrow = [segment for segment in segments if not _label(segment, names)]
    within = [one for one in narrow if one in inside]
    word = f"A {units.share(sum(one.amount for one in inside), whole)}"
    word += "".join(f", of it {_told([one], names)}" if not index else f", {_told([one], names)}"
                    for index, one in enumerate(within))  # fmt: skip
    spans = (
        len(inside) > 1 and width(word, _SIZE, bold=True) + 34 < inside[-1].frame.right - inside[0].frame.x
    )
    rest = [one for one in narrow if not (spans and one in within)]
    yield from _at_the_right(rest, segments, names, above=above)
    if spans:
        yield from _bracket(inside, word, above=above)


def _told(parts: Sequence[_Segment], names: Mapping[Part, str]) -> str:
    return " · ".join(f"{names[part.part]} {part.share}" for part in parts)


def _at_the_right(
    rest: Sequence[_Segment], segments: Sequence[_Segment], names: Mapping[Part, str], *, above: bool
) -> Iterator[Item]:
    """The names of narrow parts, in their order; a leader down to those that end the bar."""
    if not rest:
        return
    bar, right = segments[0].frame, segments[-1].frame.right
    away = -1 if above else 1
    edge = bar.y if above else bar.bottom
    base = edge - 6 - _BEYOND if above else edge + 14.5 + _BEYOND
    yield text(right, base, _told(rest, names), size=_SIZE, bold=True, anchor="end")
    tail = [segment.frame for segment in segments if segment in rest and segment.frame.x >= rest[0].frame.x]
    if tail[-1].right < right or tail[-1].right - tail[0].x > sum(one.width for one in tail) + len(tail):
        return
    start, end, y = tail[0].x + 0.5, right - 0.5, edge + 5 * away
    yield Line(((start, edge + 2 * away), (start, y), (end, y), (end, edge + 2 * away)), "skip", 1)
    stem = max(start, min((start + end) / 2, end))
    yield Line(((stem, y), (stem, edge + (4 + _BEYOND - (1 if above else 0)) * away)), "skip", 1)


def _bracket(inside: Sequence[_Segment], word: str, *, above: bool) -> Iterator[Item]:
    """The bracket over parts beside each other, its words standing in it."""
    first, last = inside[0].frame, inside[-1].frame
    wide = width(word, _SIZE, bold=True)
    end = last.right - 0.5
    centre = (first.x + end) / 2
    base = first.y - 6 if above else first.bottom + 14.5
    y = base - 0.355 * _SIZE
    tip = first.y - 3 if above else first.bottom + 3
    yield Line(((first.x + 0.5, tip), (first.x + 0.5, y), (centre - wide / 2 - 5, y)), "attention-ink", 1.1)
    yield Line(((centre + wide / 2 + 5, y), (end, y), (end, tip)), "attention-ink", 1.1)
    yield text(centre, base, word, size=_SIZE, role="attention-ink", anchor="middle", bold=True)


def _connectors(above: Sequence[_Segment], below: Sequence[_Segment]) -> Iterator[Item]:
    """Dotted lines between the bounds of equal parts."""
    ends = {one.part: one.frame.right for one in below}
    for one, _ in pairwise(above):
        if one.part in ends:
            start = (one.frame.right + 0.5, one.frame.bottom + 2)
            yield Line((start, (ends[one.part] + 0.5, below[0].frame.y - 2)), "skip", 1, dashes=(2, 2.5))
