"""What a picture of a network is of, in one paragraph: for its caption and for readers who cannot see it."""

from __future__ import annotations

from unetscope.model import Architecture
from unetscope.words import basis, units
from unetscope.words.conventions import per


def of_network(architecture: Architecture) -> str:
    """Name, class, parameters, work and skips of a network, all exact, and the whole basis they hold for."""
    cost, skips = architecture.cost, len(architecture.skips)
    facts = [
        f"{units.exact(cost.params)} parameters",
        f"{units.exact(cost.macs)} multiply-accumulates {per(architecture.counting)}",
        *[f"{skips} skip connection{'s' * (skips > 1)}"] * bool(skips),
    ]
    network, holds = f"{architecture.title} ({architecture.class_name})", basis.statement(architecture)
    return f"{network}: {', '.join(facts)}. {holds[:1].upper()}{holds[1:]}."
