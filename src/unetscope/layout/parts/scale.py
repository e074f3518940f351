"""The scale on which the costs of stages and blocks are drawn, and how they read in its unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from unetscope.cost import Cost
from unetscope.words import units

K = TypeVar("K")
_LEAST = 2.0
"""The width of the narrowest part of a bar, in px."""


@dataclass(frozen=True, slots=True)
class CostScale:
    """What shares are shares of, and the share that makes the tallest bar. `unit` is macs or flops."""

    whole: Cost
    largest: float
    unit: str

    @property
    def heading(self) -> str:
        return "FLOPs" if self.unit == "flops" else "MACs"

    def work(self, cost: Cost) -> str:
        """MACs or FLOPs as text without the unit's name: "64.2 G"."""
        return " ".join(units.short(cost.total(self.unit))).strip()

    def work_with_unit(self, cost: Cost) -> str:
        """MACs or FLOPs with the unit's name: "64.2 GMAC"."""
        return units.macs(cost.total(self.unit), "FLOP" if self.unit == "flops" else "MAC")

    def shares(self, cost: Cost) -> tuple[str, str]:
        """The shares of parameters and work in percent."""
        work = units.share(cost.total(self.unit), self.whole.total(self.unit))
        return units.share(cost.params, self.whole.params), work

    def heights(self, cost: Cost) -> tuple[float, float]:
        """The shares as parts of the largest share."""
        params, work = _parts(self.whole, cost, self.unit)
        return params / self.largest, work / self.largest


def scale(whole: Cost, parts: Sequence[Cost], *, unit: str) -> CostScale:
    """The common scale of the bars of all stages."""
    shares = [share for part in parts for share in _parts(whole, part, unit)]
    return CostScale(whole, max(shares, default=0) or 1.0, unit)


def _parts(whole: Cost, part: Cost, unit: str) -> tuple[float, float]:
    """The shares of parameters and work as parts of one."""
    return part.params / max(1, whole.params), part.total(unit) / max(1, whole.total(unit))


def bar_widths(amounts: Mapping[K, int], room: float) -> dict[K, float]:
    """The widths of the parts of a bar, in px: none below 2, which the widest pays for."""
    whole = sum(amounts.values())
    widths = {part: max(_LEAST, room * amount / whole) for part, amount in amounts.items()}
    if widths:
        widest = max(widths, key=lambda part: widths[part])
        widths[widest] -= sum(widths.values()) - room
    return widths
