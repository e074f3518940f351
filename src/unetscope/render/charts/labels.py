"""Where labels go so that none covers another, a mark or the edge. Knows only boxes in px."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rect:
    """A box by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Rect) -> float:
        """The area that two boxes share."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Heights at least `gap` apart, in the order of those wanted and as near to them as a push allows."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    positions = [wanted[index] for index in order]
    # Pushed apart by halves from both sides, so that a crowd stays centred where it was wanted.
    for _ in range(100):
        for index in range(1, len(positions)):
            lack = gap - (positions[index] - positions[index - 1])
            if lack > 0.01:
                positions[index - 1] -= lack / 2
                positions[index] += lack / 2
    places = dict(zip(order, positions, strict=True))
    return [places[index] for index in range(len(wanted))]


def placed(
    sizes: Sequence[tuple[float, float]], marks: Sequence[Rect], *, within: Rect
) -> list[tuple[Rect, bool]]:
    """A box of each size beside its mark, and whether it stands so far off that a line should lead to it.

    The largest are placed first; a place that covers nothing and is near wins.
    """
    order = sorted(range(len(sizes)), key=lambda index: (-sizes[index][0] * sizes[index][1], index))
    places: dict[int, tuple[Rect, bool]] = {}
    for index in order:
        taken = [rect for rect, _ in places.values()] + [rect for rect in marks if rect is not marks[index]]
        best = min(
            _candidates(sizes[index], marks[index]),
            key=lambda place: (round(_blame(place[0], taken, within), 3), place[1]),
        )
        places[index] = best[0], best[1] > 14
    return [places[index] for index in range(len(sizes))]


def _candidates(size: tuple[float, float], mark: Rect) -> Iterator[tuple[Rect, float]]:
    """Places around a mark with how far off they are: beside it, above, below, then farther out."""
    wide, high = size
    x, y = (mark.left + mark.right) / 2, (mark.top + mark.bottom) / 2
    for off in (5.0, 9.0, 18.0, 32.0, 50.0, 72.0, 100.0, 130.0, 170.0):
        for lift in (0.0, -0.5, 0.5, -1.0, 1.0):
            middle = y + lift * (high + 2 * off)
            yield _at(mark.right + off, middle - high / 2, wide, high), off + abs(lift)
            yield _at(mark.left - off - wide, middle - high / 2, wide, high), off + abs(lift) + 0.1
        for shift in (-0.5, -0.2, -0.8, 0.0, -1.0):
            left = x + shift * wide
            yield _at(left, mark.top - off - high, wide, high), off + 0.3
            yield _at(left, mark.bottom + off, wide, high), off + 0.4


def _at(left: float, top: float, wide: float, high: float) -> Rect:
    return Rect(left, top, left + wide, top + high)


def _blame(place: Rect, taken: Sequence[Rect], within: Rect) -> float:
    """How much a place covers, and how far it leaves the page."""
    outside = (
        max(0.0, within.left - place.left) + max(0.0, place.right - within.right)
        + max(0.0, within.top - place.top) + max(0.0, place.bottom - within.bottom)
    )  # fmt: skip
    wider = Rect(place.left - 3, place.top - 2, place.right + 3, place.bottom + 2)
    return sum(wider.overlap(other) for other in taken) + 1000 * outside
