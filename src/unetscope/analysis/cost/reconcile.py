"""Which way of counting gives a published figure: conventions, units and numbers of forwards, by distance.

The number of parameters is tried too: papers print both in one table, and in the same letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, TypeAlias

from unetscope.analysis.cost.conventions import counted
from unetscope.analysis.cost.reused import ways
from unetscope.cost import ONCE, Cost, Counting
from unetscope.errors import UnetscopeError
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.words.conventions import CONVENTIONS
from unetscope.zoo.published import PUBLISHED, Published

FigureUnit: TypeAlias = Literal["MACs", "FLOPs", "parameters"]
NEAR = 0.01
"""Nearer than this, a figure is taken for a rounded or slightly different count of the same thing."""

_SCALES = {"": 0, "k": 3, "m": 6, "g": 9, "b": 9, "bn": 9, "t": 12, "p": 15, "e": 18}
_UNITS: dict[str, FigureUnit | None] = {
    "": None,
    "mac": "MACs",
    "macs": "MACs",
    "madds": "MACs",
    "mult-adds": "MACs",
    "multadds": "MACs",
    "flop": "FLOPs",
    "flops": "FLOPs",
    "param": "parameters",
    "params": "parameters",
    "parameter": "parameters",
    "parameters": "parameters",
}
_FIGURE = re.compile(
    r"(?P<digits>\d{1,3}(?:[,_]\d{3})+(?:\.\d{1,30})?|\d{1,30}(?:\.\d{1,30})?)(?:e\+?(?P<power>\d{1,2}))?"
    r"\s*(?P<scale>k|m|g|bn|b|t|p|e|)\s*(?P<unit>macs?|madds|mult-?adds|flops?|param(?:eter)?s?|)",
    re.IGNORECASE,
)
_MOST = Decimal(10) ** 24


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure: its value, half a unit of its last printed digit, and the unit it names."""

    text: str
    value: Decimal
    tolerance: Decimal
    unit: FigureUnit | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one way of counting gives. `off` is its relative distance to the figure.

    `within` says that it rounds to the figure as printed, `stated` that its forwards are those asked for and
    its unit that of the figure, where it names one. `convention` is "" for parameters, or a way of
    DeepCache's counter. `of` is "" for the sum of all forwards, else which of them it is: a whole, cached or
    gated one, or an average step, rounded.
    """

    convention: str
    unit: FigureUnit
    counting: Counting
    value: int
    off: float
    within: bool
    stated: bool
    of: str = ""


@dataclass(frozen=True, slots=True)
class Torchinfo:
    """What torchinfo counts for one forward, split by what it is made of; `total` is their sum."""

    version: str
    total: int
    conv: int
    linear: int
    rest: int


@dataclass(frozen=True, slots=True)
class Reconciliation(Shown):
    """A figure against a network: candidates, the nearest first; torchinfo's own count where it ran.

    `published` is the table that prints this very figure for this network, where we know one.
    """

    architecture: Architecture
    figure: Figure
    asked: Counting
    candidates: tuple[Candidate, ...]
    costs: dict[str, Cost]
    torchinfo: Torchinfo | None = None
    absent: str = ""
    published: Published | None = None

    def __repr__(self) -> str:
        return (
            f"Reconciliation({self.architecture.title!r}, {self.figure.text!r}, matches={len(self.matches)})"
        )

    @property
    def matches(self) -> tuple[Candidate, ...]:
        """The candidates that give the figure within its printed rounding."""
        return tuple(candidate for candidate in self.candidates if candidate.within)


def parse(text: str) -> Figure:
    """A figure as it is printed: 339G, 338.7 GMACs, 677e9, 803 GFLOPs, 16.938T, 338,749,194,240.

    Raises UnetscopeError for anything else, and for a figure no network reaches.
    """
    match = _FIGURE.fullmatch(text.strip())
    if match is None:
        raise UnetscopeError(
            f"{text!r} is not a figure", hint="write it as printed: 339G, 338.7 GMACs, 677e9"
        )
    digits = match["digits"].replace(",", "").replace("_", "")
    power = int(match["power"] or 0) + _SCALES[match["scale"].lower()]
    value = Decimal(digits).scaleb(power)
    last = Decimal(1).scaleb(power - len(digits.partition(".")[2]))
    if not 0 < value <= _MOST:
        raise UnetscopeError(f"{text!r} is out of range", hint="a figure is above 0 and at most 1e24")
    return Figure(text.strip(), value, last / 2, _UNITS[match["unit"].lower()])


def reconcile(
    architecture: Architecture,
    figure: Figure,
    *,
    asked: Counting = ONCE,
    torchinfo: Torchinfo | None = None,
    absent: str = "",
) -> Reconciliation:
    """Every convention in MACs and FLOPs, with and without guidance, for one step and for those asked for.

    Where steps reuse what others made, also their sum, an average step, and one forward of each kind.
    `absent` says why torchinfo's own count is not there. Raises ConfigError where nothing can be reused.
    """
    costs = {name: counted(architecture, Counting(name)).cost for name in CONVENTIONS}
    printed = _published(architecture, figure)
    totals = {1, asked.steps, printed.steps if printed else 1}
    reusing = [way for way in (asked, *([printed.counting] if printed else [])) if way.reuses]
    candidates = sorted(
        (
            *_candidates(figure, costs, asked, totals),
            *(
                candidate
                for way in dict.fromkeys(reusing)
                for candidate in _reusing(architecture, figure, way, asked)
            ),
        ),
        key=lambda candidate: (not candidate.within, abs(candidate.off), not candidate.stated),
    )
    return Reconciliation(architecture, figure, asked, tuple(candidates), costs, torchinfo, absent, printed)


def _published(architecture: Architecture, figure: Figure) -> Published | None:
    """The table that prints this figure, as exactly, for this network."""
    for table in PUBLISHED:
        own = parse(table.figure)
        if table.id == architecture.id and (own.value, own.tolerance) == (figure.value, figure.tolerance):
            return table
    return None


def _candidates(
    figure: Figure, costs: dict[str, Cost], asked: Counting, totals: set[int]
) -> Iterator[Candidate]:
    params = costs["full"].params
    yield _candidate(figure, "", "parameters", ONCE, params, stated=figure.unit in (None, "parameters"))
    units: tuple[FigureUnit, ...] = ("MACs", "FLOPs")
    for convention, cost in costs.items():
        for unit in units:
            for steps in sorted(totals):
                for cfg in (False, True):
                    counting = Counting(convention, cfg, steps)
                    value = (cost.macs if unit == "MACs" else cost.flops) * counting.forwards
                    stated = replace(counting, convention="full") == asked and figure.unit in (None, unit)
                    yield _candidate(figure, convention, unit, counting, value, stated=stated)


def _reusing(
    architecture: Architecture, figure: Figure, way: Counting, asked: Counting
) -> Iterator[Candidate]:
    """The ways of counting steps of which some reuse what others made."""
    for work in ways(architecture, way):
        stated = replace(work.counting, convention="full") == asked and figure.unit in (None, work.unit)
        yield _candidate(
            figure, work.convention, work.unit, work.counting, work.value, stated=stated, of=work.of
        )


def _candidate(
    figure: Figure, convention: str, unit: FigureUnit, counting: Counting, value: int, *, stated: bool,
    of: str = "",
) -> Candidate:  # fmt: skip
    distance = Decimal(value) - figure.value
    within = abs(distance) <= figure.tolerance
    return Candidate(convention, unit, counting, value, float(distance / figure.value), within, stated, of)
