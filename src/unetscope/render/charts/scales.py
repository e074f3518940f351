"""Numbers → px along an axis, round ticks, and the light lines at them. Knows no networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, log10

from unetscope import units
from unetscope.render.charts.page import Anchor, Page, line, text

_ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """`low` stands at `start` px and `high` at `end` px; in between evenly, or by ratios where `log`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, number: float) -> float:
        """The px of a number."""
        if self.log:
            part = log10(number / self.low) / log10(self.high / self.low)
        else:
            part = (number - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * part


def ticks(low: float, high: float, *, most: int, binary: bool = False) -> list[float]:
    """At most `most` round numbers at equal steps from low to high, both bounds possible.

    `binary` counts in powers of 1024: 0, 256 MiB, 512 MiB.
    """
    if high <= low or most < 1:
        return [low]
    unit = 1024.0 ** floor(log10(high) / log10(1024)) if binary and high >= 1 else 1.0
    rough = (high - low) / unit / most
    power = 10.0 ** floor(log10(rough))
    if binary and rough >= 1:
        power = 1.0
        while power * 2 <= rough:
            power *= 2
    steps = (1.0, 2.0) if binary and rough >= 1 else _ROUND
    step = next(power * factor * unit for factor in steps if power * factor >= rough * 0.999)
    first = -floor(-low / step + 1e-9)
    return [step * k for k in range(first, floor(high / step + 1e-9) + 1)]


def decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from low to high."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    found = (factor * 10.0**power for power in powers for factor in (1, 2, 5))
    return [number for number in found if low * 0.999 <= number <= high * 1.001]


def amounts(numbers: list[float], *, billions: str = "G") -> list[str]:
    """Round numbers with their prefix and no digit too many: "0", "500 M", "1.5 B"."""
    return [_amount(number, billions=billions) for number in numbers]


def _amount(number: float, *, billions: str) -> str:
    digits, prefix = units.short(round(number), billions=billions)
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits} {prefix}".strip()


def columns(
    page: Page, scale: Scale, numbers: list[float], labels: list[str], *, top: float, bottom: float,
    last: Callable[[str], str] = str, inside: bool = False,
) -> None:  # fmt: skip
    """Upright lines at numbers from top to bottom, labels below; `last` adds the unit to the last one.

    `inside` keeps the outer labels between the ends of the scale.
    """
    for index, (number, label) in enumerate(zip(numbers, labels, strict=True)):
        x, shown = scale.at(number), last(label) if index == len(numbers) - 1 else label
        line(page, ((x, top), (x, bottom)), colour=page.look.axis if number == 0 else page.look.grid)
        anchor: Anchor = "start" if inside and x == scale.start else "middle"
        text(page, x, bottom + 13, shown, size=10, colour=page.look.dim, anchor=anchor)


def lines(
    page: Page, scale: Scale, numbers: list[float], labels: list[str], *, left: float, right: float
) -> None:
    """Level lines at numbers from left to right, labels at their left."""
    for number, label in zip(numbers, labels, strict=True):
        y = scale.at(number)
        line(page, ((left, y), (right, y)), colour=page.look.axis if number == 0 else page.look.grid)
        text(page, left - 6, y + 3.6, label, size=10, colour=page.look.dim, anchor="end")
