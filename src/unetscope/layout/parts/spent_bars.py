"""Two bars: what parameters and work are spent on, adding up to the whole network. Every part has one place
and one name in both; a bracket spans what is inside A, dotted lines join equal bounds, and what is too narrow
for its name has it on a leader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from unetscope.cost import Cost
from unetscope.layout.measure import text, width
from unetscope.layout.parts.scale import CostScale, bar_widths
from unetscope.layout.pieces import Piece, sketch
from unetscope.layout.scene import Box, ColourRole, Frame, Item, Line
from unetscope.vocabulary import SPENDINGS
from unetscope.words import units

NAMES: dict[str, tuple[str, ...]] = {
    "residual": ("R residual", "R"),
    "conv-block": ("C convolution", "C conv", "C"),
    "projection": ("projections", "proj."),
    "scores": ("QKᵀ, PV",),
    "feed-forward": ("feed-forward",),
    "modulation": ("modulation", "mod."),
    "norm": ("norms",),
    "conv": ("↓ ↑",),
    "other": ("other blocks", "other"),
    "layers": ("other layers", "other"),
    "adapter": ("adapters",),
    "outside": ("outside",),
}
"""What parts are called, from the longest name on, in the order of the bars."""
_INKS: dict[str, tuple[ColourRole, ColourRole]] = {
    "norm": ("background", "other-ink"),
    "layers": ("other", "other-ink"),
    **{part: (spending.fill, spending.ink) for part, spending in SPENDINGS.items()},
}
_GAP, _BEYOND = 1.0, 12.0
"""Between two parts of a bar; from the words of a bracket to the names on leaders."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What the bracket spans with its word, what the feed-forward part is called, the size of text, and
    whether the page is narrow: headings stand over bars then, which have no bracket."""

    inside: tuple[str, ...]
    word: str
    feed_forward: str
    size: float
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of a bar: where it lies, its exact amount, its share and its name, which stands in it where it
    `fits`."""

    part: str
    frame: Frame
    amount: int
    share: str
    name: str = ""
    fits: bool = False

    @property
    def label(self) -> str:
        return f"{self.name} {self.share}"


_Bar = tuple[_Stretch, ...]


def spent_bars(spent: Mapping[str, Cost], scale: CostScale, room: float, grouping: Grouping) -> Piece:
    """Both bars, one above the other, with all that stands around them."""
    size, narrow = grouping.size, grouping.narrow
    headings = ("parameters", scale.heading)
    high, outer = round(2.3 * size), 1.9 * size if narrow else size * 1.62 + _BEYOND
    lead = 0.0 if narrow else max(width(name, size + 1.5, bold=True) for name in headings) + 12
    step = high + (10 + outer if narrow else 18.0)

    def draw(frame: Frame) -> Iterator[Item]:
        costs = ({part: cost.params for part, cost in spent.items()},
                 {part: cost.total(scale.unit) for part, cost in spent.items()})  # fmt: skip
        places = [
            Frame(frame.x + lead, frame.y + outer + step * at, frame.width - lead, high) for at in (0, 1)
        ]
        pair = [_stretches(amounts, place) for amounts, place in zip(costs, places, strict=True)]
        bars = [_named(bar, pair, grouping) for bar in pair]
        for at, (bar, place) in enumerate(zip(bars, places, strict=True)):
            y = place.y - 7 if narrow else place.middle + 0.41 * size
            if bar:
                yield text(frame.x, y, headings[at], size=size + (0 if narrow else 1.5), bold=True)
            for stretch in bar:
                yield from _drawn(stretch, size)
            yield from (
                _over(bar, place, headings[at], size) if narrow else _around(bar, grouping, above=not at)
            )
        if not narrow and all(bars):
            yield from _connectors(*bars)

    return sketch(room, outer + step + high + (2 if narrow else outer), draw)


def _stretches(costs: Mapping[str, int], bar: Frame) -> _Bar:
    """The parts of a bar in their order, none below 2 px, which the widest pays for."""
    amounts = {part: costs[part] for part in NAMES if costs.get(part)}
    whole, x = sum(amounts.values()), bar.x
    stretches = []
    for part, wide in bar_widths(amounts, bar.width - _GAP * max(0, len(amounts) - 1)).items():
        frame = Frame(x, bar.y, wide, bar.height)
        stretches.append(_Stretch(part, frame, amounts[part], units.share(amounts[part], whole)))
        x += wide + _GAP
    return tuple(stretches)


def _named(bar: _Bar, pair: Sequence[_Bar], grouping: Grouping) -> _Bar:
    """The parts of a bar with one name for each in both bars: the longest that fits wherever any does."""

    def fits(stretch: _Stretch, name: str) -> bool:
        return width(f"{name} {stretch.share}", grouping.size, bold=True) + 8 <= stretch.frame.width

    stretches = []
    for stretch in bar:
        names = NAMES[stretch.part]
        if stretch.part == "feed-forward":
            names = (grouping.feed_forward,)
        same = [other for each in pair for other in each if other.part == stretch.part]
        wide_enough = [other for other in same if fits(other, names[-1])]
        if grouping.narrow and not wide_enough:
            names = names[-1:]
        name = next((name for name in names if all(fits(piece, name) for piece in wide_enough)), names[-1])
        place = (stretch.part, stretch.frame, stretch.amount, stretch.share)
        stretches.append(_Stretch(*place, name, fits(stretch, name)))
    return tuple(stretches)


def _drawn(stretch: _Stretch, size: float) -> Iterator[Item]:
    fill, ink = _INKS[stretch.part]
    frame, hatch = stretch.frame, ink if stretch.part == "scores" else None
    yield Box(frame, fill, ink, 1.1, min(4, frame.width / 2), hatch=hatch, dashed=fill == "other")
    if stretch.fits:
        wide = min(frame.width - 3, width(stretch.label, size, bold=True) + 2)
        if hatch:
            ground = Frame(frame.centre - wide / 2, frame.middle - 0.72 * size, wide, 1.44 * size)
            yield Box(ground, fill, radius=2)
        yield text(frame.centre, frame.middle + 0.355 * size, stretch.label, size=size, role=ink,
                   anchor="middle", bold=True, frame=frame)  # fmt: skip


def _over(bar: _Bar, place: Frame, heading: str, size: float) -> Iterator[Item]:
    """The names of narrow parts over the end of a bar; the narrowest go without where these would meet its
    heading."""
    rest = [stretch for stretch in bar if not stretch.fits]
    while rest and width(_told(rest) + " " + heading, size, bold=True) * 1.1 > place.width:
        rest.remove(min(rest, key=lambda stretch: stretch.frame.width))
    if rest:
        yield text(place.right, place.y - 7, _told(rest), size=size, anchor="end", bold=True)


def _around(bar: _Bar, grouping: Grouping, *, above: bool) -> Iterator[Item]:
    """The bracket over what is inside A, with the names of its narrow parts; those of others on leaders."""
    inside = [stretch for stretch in bar if stretch.part in grouping.inside]
    within = [stretch for stretch in inside if not stretch.fits]
    share = units.share(sum(stretch.amount for stretch in inside), sum(stretch.amount for stretch in bar))
    word = f"{grouping.word} {share}" + (f", of it {_told(within, ', ')}" if within else "")
    wide = width(word, grouping.size, bold=True)
    spans = len(inside) > 1 and wide + 34 < inside[-1].frame.right - inside[0].frame.x
    rest = [stretch for stretch in bar if not stretch.fits and not (spans and stretch in within)]
    if rest:
        yield from _on_leaders(rest, bar, grouping.size, above=above)
    if spans:
        yield from _bracket(inside, word, grouping.size, above=above)


def _told(stretches: Sequence[_Stretch], between: str = " · ") -> str:
    return between.join(stretch.label for stretch in stretches)


def _on_leaders(rest: Sequence[_Stretch], bar: _Bar, size: float, *, above: bool) -> Iterator[Item]:
    """The names of narrow parts at the right, in their order; a leader from those that end the bar."""
    place, right, away = bar[0].frame, bar[-1].frame.right, -1 if above else 1
    edge = place.y if above else place.bottom
    base = edge + (_BEYOND + (6 if above else 0.8 * size + 6)) * away
    yield text(right, base, _told(rest), size=size, bold=True, anchor="end")
    tail = [stretch.frame for stretch in bar if stretch in rest and stretch.frame.x >= rest[0].frame.x]
    if tail[-1].right < right or tail[-1].right - tail[0].x > sum(piece.width for piece in tail) + len(tail):
        return
    start, end, y = tail[0].x + 0.5, right - 0.5, edge + 5 * away
    yield Line(((start, edge + 2 * away), (start, y), (end, y), (end, edge + 2 * away)), "skip", 1)
    stem = (start + end) / 2
    yield Line(((stem, y), (stem, edge + (4 + _BEYOND - above) * away)), "skip", 1)


def _bracket(inside: Sequence[_Stretch], word: str, size: float, *, above: bool) -> Iterator[Item]:
    """The bracket over parts beside each other, its words standing in it."""
    first, start, end = inside[0].frame, inside[0].frame.x + 0.5, inside[-1].frame.right - 0.5
    wide, centre = width(word, size, bold=True), (start + end) / 2
    base = first.y - 6 if above else first.bottom + 6 + 0.8 * size
    y, tip = base - 0.355 * size, first.y - 3 if above else first.bottom + 3
    yield Line(((start, tip), (start, y), (centre - wide / 2 - 5, y)), "attention-ink", 1.1)
    yield Line(((centre + wide / 2 + 5, y), (end, y), (end, tip)), "attention-ink", 1.1)
    yield text(centre, base, word, size=size, role="attention-ink", anchor="middle", bold=True)


def _connectors(above: _Bar, below: _Bar) -> Iterator[Item]:
    """Dotted lines between the bounds of equal parts."""
    ends = {stretch.part: stretch.frame.right for stretch in below}
    for stretch, _ in pairwise(above):
        if stretch.part in ends:
            start = (stretch.frame.right + 0.5, stretch.frame.bottom + 2)
            end = (ends[stretch.part] + 0.5, below[0].frame.y - 2)
            yield Line((start, end), "skip", 1, dashes=(2, 2.5))
