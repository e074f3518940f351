"""Two bars across the page: parameters and MACs by kind of block, adding up to the whole network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope import units
from unetscope.analysis.cost.by_kind import by_part
from unetscope.analysis.cost.insight import gate_word
from unetscope.layout.measure import centred, text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, Frame, Item
from unetscope.model import Architecture
from unetscope.vocabulary import SPENDINGS, Part

HEIGHT = 24.0
_HEADING = 93.0
"""Room at the left for what a bar shows."""
_GAP = 1.0
_SIZE = 10.5


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of a bar; `labels` from long to short, the last one being the share alone."""

    part: Part
    amount: int
    labels: tuple[str, ...]


def kind_bars(architecture: Architecture, on: CostScale, page: Page, *, y: float) -> Iterator[Item]:
    """Both bars with their top at y; the second 30 px below the first, both equally long."""
    both = [_segments(architecture, what) for what in ("params", "macs")]
    left = page.margin + _HEADING
    room = page.right - left
    for _ in range(8):  # each label that moves outside may push out another
        room = min([room, *(_end(segments, room, page.right) - left for segments in both)])
    for index, (heading, segments) in enumerate(zip(("parameters", on.heading), both, strict=True)):
        top = y + 30 * index
        if segments:
            yield text(page.margin, top + HEIGHT / 2 + 4.3, heading, size=12, bold=True)
            yield from _bar(segments, Frame(left, top, room, HEIGHT))


def _end(segments: Sequence[_Segment], room: float, right: float) -> float:
    """Where a bar must end at the right, so that the labels that do not fit inside stand beside it."""
    outside = _outside(segments, _widths(segments, room)) if segments else ""
    return right - width(outside, _SIZE, bold=True) - 8 if outside else right


def _outside(segments: Sequence[_Segment], widths: Sequence[float]) -> str:
    """The labels of all segments too narrow for one, the last segment's first.

    Three of them would take the bar's own room: then those below half a percent go without.
    """
    narrow = [one for one, wide in zip(segments, widths, strict=True) if not _fitting(one, wide)]
    if len(narrow) > 2:
        whole = sum(one.amount for one in segments)
        narrow = [one for one in narrow if 200 * one.amount >= whole]
    return " · ".join(one.labels[-2] for one in reversed(narrow))


def _segments(architecture: Architecture, what: str) -> list[_Segment]:
    amounts: dict[Part, int] = {share.part: getattr(share.cost, what) for share in by_part(architecture)}
    # The few resampling convolutions and what stands outside the stages share the last segment.
    tail = amounts.pop("conv", 0) + amounts.pop("outside", 0)
    whole = sum(amounts.values()) + tail
    found = [
        _Segment(part, amount, _labels(part, units.share(amount, whole), gate_word(architecture)))
        for part, amount in amounts.items()
        if amount
    ]
    share = units.share(tail, whole)
    return [*found, _Segment("conv", tail, (f"Cv + stem {share}", f"Cv {share}"))] if tail else found


def _labels(part: Part, share: str, gate: str) -> tuple[str, ...]:
    long, short = {
        "residual": ("R residual", "R"),
        "projection": ("A projections", "A proj."),
        "scores": ("A QKᵀ, PV", "QKᵀ, PV"),
        "feed-forward": (f"A feed-forward ({gate})" if gate == "GEGLU" else "A feed-forward", f"A {gate}"),
        "other": ("other blocks", "other"),
        "modulation": ("A modulation (adaLN)", "A adaLN"),
        "adapter": ("adapters", "adapters"),
    }.get(part, ("", ""))
    return f"{long} {share}", f"{short} {share}", share


def _bar(segments: Sequence[_Segment], frame: Frame) -> Iterator[Item]:
    """Segments side by side; those too narrow for a label have it at the right of the bar."""
    widths = _widths(segments, frame.width)
    x = frame.x
    for one, wide in zip(segments, widths, strict=True):
        yield from _segment(one, Frame(x, frame.y, wide, HEIGHT), _fitting(one, wide))
        x += wide + _GAP
    outside = _outside(segments, widths)
    if outside:
        yield text(x + 5, frame.middle + _SIZE * 0.355, outside, size=_SIZE, bold=True)


def _widths(segments: Sequence[_Segment], room: float) -> list[float]:
    """Widths in proportion, none below 2 px, which the widest pays for."""
    whole = sum(one.amount for one in segments)
    room -= _GAP * (len(segments) - 1)
    widths = [max(2.0, room * one.amount / whole) for one in segments]
    widest = widths.index(max(widths))
    widths[widest] -= sum(widths) - room
    return widths


def _fitting(segment: _Segment, wide: float) -> str:
    """The longest label that fits; "" if none does."""
    fitting = [label for label in segment.labels if width(label, _SIZE, bold=True) + 8 <= wide]
    return fitting[0] if fitting else ""


def _segment(segment: _Segment, frame: Frame, label: str) -> Iterator[Item]:
    fill, ink = SPENDINGS[segment.part].fill, SPENDINGS[segment.part].ink
    hatch = ink if segment.part == "scores" else None
    radius = min(4, frame.width / 2)
    yield Box(frame, fill, ink, 1.1, radius=radius, hatch=hatch, dashed=segment.part == "other")
    if label and hatch:
        yield Box(_around(frame, label), fill, radius=2)
    if label:
        yield centred(frame, label, size=_SIZE, role=ink, bold=True)


def _around(frame: Frame, label: str) -> Frame:
    """Plain ground for a label on a hatch."""
    wide = min(frame.width - 3, width(label, _SIZE, bold=True) + 2)
    return Frame(frame.centre - wide / 2, frame.middle - 7.5, wide, 15)
