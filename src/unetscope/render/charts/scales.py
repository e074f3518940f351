"""Numbers → px along an axis, round ticks, and the light lines at them. Knows no networks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log2, log10

from unetscope.render.charts.page import Canvas, line, text
from unetscope.words import units

_ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class AxisScale:
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


def ticks(high: float, *, most: int) -> list[float]:
    """Round numbers at equal steps from zero to `high`, at most `most` beside zero."""
    rough = max(high, 1e-9) / most
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in _ROUND if power * factor >= rough * 0.999)
    return [step * index for index in range(floor(high / step + 1e-9) + 1)]


def byte_ticks(high: float, *, most: int) -> list[float]:
    """The same for bytes: steps are powers of two, so that they read 0, 256 MiB, 512 MiB."""
    step = 2.0 ** ceil(log2(max(high, 1.0) / most))
    return [step * index for index in range(floor(high / step) + 1)]


def decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times the powers of ten from low to high."""
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    numbers = (factor * 10.0**power for power in powers for factor in (1, 2, 5))
    return [number for number in numbers if low * 0.999 <= number <= high * 1.001]


def amounts(numbers: list[float], *, billions: str = "G") -> list[str]:
    """Round numbers with their prefix and no digit too many: "0", "500 M", "1.5 B"."""
    return [_amount(number, billions=billions) for number in numbers]


def _amount(number: float, *, billions: str) -> str:
    digits, prefix = units.short(round(number), billions=billions)
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits} {prefix}".strip()


def columns(
    page: Canvas, scale: AxisScale, numbers: list[float], labels: list[str], *, top: float, bottom: float
) -> None:
    """Upright lines at numbers from top to bottom, labels below."""
    for number, label in zip(numbers, labels, strict=True):
        x = scale.at(number)
        line(page, ((x, top), (x, bottom)), colour=page.look.axis if number == 0 else page.look.grid)
        text(page, x, bottom + 13, label, size=10, colour=page.look.dim, anchor="middle")


def lines(
    page: Canvas, scale: AxisScale, numbers: list[float], labels: list[str], *, left: float, right: float
) -> None:
    """Level lines at numbers from left to right, labels at their left."""
    for number, label in zip(numbers, labels, strict=True):
        y = scale.at(number)
        line(page, ((left, y), (right, y)), colour=page.look.axis if number == 0 else page.look.grid)
        text(page, left - 6, y + 3.6, label, size=10, colour=page.look.dim, anchor="end")
