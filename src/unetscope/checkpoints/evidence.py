"""What a rule makes of the tensors under one prefix: measures, the variant, config fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from unetscope.checkpoints.names.naming import Names
from unetscope.checkpoints.rules import Rule, Variant
from unetscope.errors import ConfigError
from unetscope.families import expressions

_SIDE = re.compile(r"^(.+)\[(\d)\]$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is narrower than the rule itself: `title` and `why` of the variant, its config fields.

    `blank` is whether shapes that the rule asks for are unknown.
    """

    title: str
    why: str
    config: Mapping[str, Any]
    measures: Mapping[str, Any]


def read(rule: Rule, names: Names, structure: Mapping[str, Any]) -> Reading:
    """The rule's variant and config by the names and shapes that it measures; `structure` is what is known
    of a UNet's config."""
    measures = {**structure, **_measures(rule, names)}
    variant = chosen(rule.variants, measures)
    config = {key: _worked_out(what, measures) for key, what in rule.config.items()}
    known = {key: value for key, value in config.items() if value is not _UNKNOWN}
    title, why = (variant.title, variant.why) if variant else (rule.title, "")
    return Reading(title, why, known, measures)


def holds(rule: Rule, names: Names) -> bool:
    """Whether the rule's own condition on measures is met; an unknown shape meets none."""
    return not rule.only or _worked_out(rule.only, _measures(rule, names)) is True


def _measures(rule: Rule, names: Names) -> dict[str, Any]:
    return {key: _measured(what, names) for key, what in rule.measures.items()}


def chosen(variants: Iterable[Variant], measures: Mapping[str, Any]) -> Variant | None:
    """The first variant whose condition holds."""
    return next((variant for variant in variants if _worked_out(variant.when, measures) is True), None)


_UNKNOWN = object()


def _worked_out(expression: str, measures: Mapping[str, Any]) -> Any:
    """An expression's value; what rests on a shape that is not known is not known either."""
    try:
        return expressions.evaluate("", expression, measures)
    except ConfigError:
        return _UNKNOWN


def _measured(what: str, names: Names) -> Any:
    """A side (None where unknown), whether a tensor is there, how many blocks, or which blocks have one."""
    if side := _SIDE.match(what):
        shape = names.get(side[1])
        return shape[int(side[2])] if shape is not None and len(shape) > int(side[2]) else None
    if what.endswith("?"):
        return what[:-1] in names
    before, _, after = what.partition(".*")
    return blocks(names, f"{before}.") if not after else having(names, f"{before}.", after)


def blocks(names: Names, prefix: str) -> int:
    """How many blocks, numbered from 0, are stacked under a prefix that ends in a dot."""
    numbers = {name[len(prefix) :].split(".", 1)[0] for name in names if name.startswith(prefix)}
    return sum(number.isdigit() for number in numbers)


def having(names: Names, prefix: str, ending: str) -> list[int]:
    """Numbers of the blocks under a prefix that have a tensor of that ending."""
    cut = (
        name[len(prefix) : -len(ending)]
        for name in names
        if name.startswith(prefix) and name.endswith(ending)
    )
    return sorted(int(number) for number in cut if number.isdigit() and len(number) < 6)
