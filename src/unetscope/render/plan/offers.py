"""Students under a budget as a list: what each is by its config, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from unetscope.analysis.plan.budget import Budget, Offer, Offers
from unetscope.model import Architecture
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis, units
from unetscope.words import plan as words
from unetscope.words.messages import shown

_WORDS = {
    "transformer_layers_per_block": "depths",
    "reverse_transformer_layers_per_block": "depths up",
    "layers_per_block": "layers",
    "block_out_channels": "channels",
}
_BY_WAY = frozenset({"down_block_types", "up_block_types", "mid_block_type"})
"""Fields that the way of pruning says in fewer words."""


def told(budget: Budget) -> str:
    """The bounds in words."""
    bounds = [
        f"{name} at most {figure}"
        for name, figure in (
            ("parameters", budget.params and units.exact(budget.params)),
            ("MACs", budget.macs and units.exact(budget.macs)),
            ("one forward", budget.bytes and units.bytes_(budget.bytes)),
        )
        if figure
    ]
    return ", ".join(bounds)


def fields(offer: Offer) -> str:
    """What sets a student apart: fields of its config, and what of its blocks they drop."""
    before, config = offer.plan.teacher.config, offer.plan.config or {}
    changed = [key for key in sorted(config) if config[key] != before.get(key) and key not in _BY_WAY]
    parts = [f"{_WORDS.get(key, key)} {shown(config[key], limit=120)}" for key in changed]
    parts += [way for way in offer.way if way.startswith(("no ", "mid "))]
    return "; ".join(parts)


def text(
    offers: Offers, published: Sequence[Architecture], *, width: int = NARROW, colour: bool = False
) -> str:
    """The list, published students of the same teacher below it."""
    table = grid(
        ("", "right"), ("student", "left"), ("params", "right"), ("MACs", "right"), (offers.dtype, "right")
    )
    for number, offer in enumerate(offers.found, 1):
        table.add_row(
            str(number), plain(fields(offer)), *_cost(offer.plan.student), units.bytes_(offer.bytes)
        )
    for network in published:
        table.add_row("", plain(network.title), *_cost(network), "")
    notes = [
        f"{len(offers.all)} students were counted; of those that differ in depths alone "
        f"the nearest is shown; each shown was built from its config and traced; {words.UNPREDICTED}",
        "layers: layers_per_block; depths: transformer_layers_per_block; without a number: published",
        basis.statement(offers.teacher),
    ]
    title = f"Students of {offers.teacher.title}: {told(offers.budget)}"
    parts: list[Any] = [Text(plain(title), "bold"), table]
    return lines(*parts, *(Text(plain(note), "dim") for note in notes), width=width, colour=colour)


def _cost(network: Architecture) -> tuple[str, str]:
    cost = network.cost
    return units.params(cost.params), units.macs(cost.macs).removesuffix("MAC")


def data(offers: Offers) -> dict[str, Any]:
    """The same as JSON values."""
    bound, before = offers.budget, offers.teacher.config
    return {
        "schema_version": 1,
        "teacher": offers.teacher.source,
        "budget": {"params": bound.params, "macs": bound.macs, "bytes": bound.bytes},
        "dtype": offers.dtype,
        "quality": words.UNPREDICTED,
        "counted": len(offers.all),
        "students": [
            {
                "drop": list(offer.plan.asked),
                "fields": {k: v for k, v in (offer.plan.config or {}).items() if v != before.get(k)},
                "params": offer.plan.student.cost.params,
                "macs": offer.plan.student.cost.macs,
                "bytes": offer.bytes,
            }
            for offer in offers.found
        ],
        "basis": basis.data(offers.teacher),
    }
