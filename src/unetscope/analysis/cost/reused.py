"""What steps cost of which some reuse what others made: the sum, an average step, each kind of forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from unetscope.analysis.cost import deepcache
from unetscope.analysis.cost.caching import KINDS, runs
from unetscope.analysis.cost.conventions import one_of
from unetscope.cost import Counting, total
from unetscope.model import Architecture
from unetscope.words.conventions import CONVENTIONS

MEAN = "an average step"


@dataclass(frozen=True, slots=True)
class ReusedWork:
    """A value of one way of counting: "" for the sum of all steps, else an average step, rounded, or one
    forward of a kind. `convention` may be a way of DeepCache's counter."""

    convention: str
    unit: Literal["MACs", "FLOPs"]
    counting: Counting
    of: str
    value: int


def ways(architecture: Architecture, asked: Counting) -> Iterator[ReusedWork]:
    """By each convention, and where DeepCache alone is on by its authors' counter.

    Raises ConfigError where nothing can be reused so.
    """
    for convention in CONVENTIONS:
        counting = replace(asked, convention=convention)
        costs = {kind: one_of(architecture, counting, kind) for kind in asked.of_kind}
        whole = total(costs[kind].times(number) for kind, number in asked.of_kind.items())
        units: tuple[Literal["MACs", "FLOPs"], ...] = ("MACs", "FLOPs")
        for unit in units:
            named = unit.lower()
            yield ReusedWork(convention, unit, counting, "", whole.total(named))
            mean = round(Fraction(whole.total(named), asked.steps))
            yield ReusedWork(convention, unit, counting, MEAN, mean)
            for kind, cost in costs.items():
                yield ReusedWork(convention, unit, counting, KINDS[kind], cost.total(named))
    if asked.gate is None:
        for convention in deepcache.COUNTERS:
            for guided in (False, True):
                yield from _by_its_authors(architecture, convention, replace(asked, cfg=guided))


def _by_its_authors(architecture: Architecture, convention: str, asked: Counting) -> Iterator[ReusedWork]:
    """What DeepCache's counter prints: one step of each kind, with guidance as one batch, and the mean."""
    steps = {
        kind: deepcache.counted(
            architecture, runs(architecture, asked, {kind: 1}), batch=2 if asked.cfg else 1,
            narrow=convention == deepcache.NARROW,
        )
        for kind in asked.of_kind
    }  # fmt: skip
    for kind, value in steps.items():
        yield ReusedWork(convention, "MACs", asked, KINDS[kind], value)
    whole = sum(number * steps[kind] for kind, number in replace(asked, cfg=False).of_kind.items())
    yield ReusedWork(convention, "MACs", asked, MEAN, round(Fraction(whole, asked.steps)))
