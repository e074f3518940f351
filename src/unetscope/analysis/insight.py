"""One true sentence on where the weight and the work of a network sit."""

from __future__ import annotations

from collections.abc import Iterable

from unetscope import units
from unetscope.analysis.kinds import STAGED, Part, by_part
from unetscope.model import Architecture, Cost, Stage, total
from unetscope.words.conventions import steps

_DOMINATES = 0.35
_WORTH_SAYING = 0.25
_CHEAP = 0.5

_WORDS: dict[Part, str] = {
    "residual": "the residual blocks alone hold",
    "projection": "the attention projections alone hold",
    "feed-forward": "the feed-forward layers alone hold",
}


def insight(architecture: Architecture, *, unit: str = "macs") -> str:
    """A sentence comparing where parameters sit with where MACs (or FLOPs) are spent; "" without stages."""
    stages = [stage for stage in architecture.stages if stage.role in STAGED]
    if not stages or not architecture.cost.params or not architecture.cost.macs:
        return ""
    work = "FLOPs" if unit == "flops" else "MACs"
    ranked = sorted(stages, key=lambda stage: -architecture.costs[stage.path].params)
    largest = architecture.costs[ranked[0].path]
    if len(stages) < 3 or largest.params >= _DOMINATES * architecture.cost.params:
        return _of_one(architecture, ranked[0], work)
    return _of_two(architecture, ranked[:2], work)


def gate_word(architecture: Architecture) -> str:
    """What the feed-forward layers are called: GEGLU where all of them are gated by GELU."""
    nodes = architecture.nodes
    layers = sum(node.kind == "feed-forward" for node in nodes)
    return "GEGLU" if layers and layers == sum(node.type == "GEGLU" for node in nodes) else "feed-forward"


def _of_one(architecture: Architecture, stage: Stage, work: str) -> str:
    """The largest stage, and the kind that holds most parameters where that is worth saying."""
    whole, part = architecture.cost, architecture.costs[stage.path]
    first = (
        f"{stage.name} holds {units.share(part.params, whole.params)} of the parameters "
        f"and {units.share(part.macs, whole.macs)} of the {work}"
    )
    return f"{first}; {_of_kind(architecture, work)}."


def _of_kind(architecture: Architecture, work: str) -> str:
    whole = architecture.cost
    shares = [share for share in by_part(architecture) if share.part in _WORDS]
    most = max(shares, key=lambda share: share.cost.params, default=None)
    if most is None or most.cost.params < _WORTH_SAYING * whole.params:
        return (
            f"{steps(architecture.counting)} {'take' if architecture.counting.steps > 1 else 'takes'} "
            f"{units.macs(whole.macs) if work == 'MACs' else units.macs(whole.flops, 'FLOP')}"
        )
    words = _WORDS[most.part]
    if most.part == "feed-forward":
        words = words.replace("feed-forward", gate_word(architecture))
    return f"{words} {units.share(most.cost.params, whole.params)} of the parameters"


def _of_two(architecture: Architecture, largest: list[Stage], work: str) -> str:
    """The two largest stages, against the two that work most for their parameters."""
    whole = architecture.cost
    first = (
        f"{_names(architecture, largest)} hold {_share(architecture, largest, 'params')} of the parameters"
    )
    busy = _busiest(architecture, largest)
    spent, held = _sum(architecture, busy), whole.params
    if len(busy) < 2 or spent.params / held > _CHEAP * spent.macs / whole.macs:
        took = _share(architecture, largest, "macs")
        return f"{first} and take {took} of the {work}; {_of_kind(architecture, work)}."
    return (
        f"{first}; {_names(architecture, busy)} take {units.share(spent.macs, whole.macs)} of the {work} "
        f"with {units.share(spent.params, held)} of the parameters."
    )


def _busiest(architecture: Architecture, largest: list[Stage]) -> list[Stage]:
    """Up to two further stages with at least a tenth of the MACs, most MACs per parameter first."""
    costs = architecture.costs
    rest = [
        stage
        for stage in architecture.stages
        if stage.role in STAGED
        and stage not in largest
        and 10 * costs[stage.path].macs >= architecture.cost.macs
    ]
    return sorted(rest, key=lambda stage: -costs[stage.path].macs / max(1, costs[stage.path].params))[:2]


def _names(architecture: Architecture, stages: Iterable[Stage]) -> str:
    chosen = set(stages)
    return " and ".join(stage.name for stage in architecture.stages if stage in chosen)


def _sum(architecture: Architecture, stages: Iterable[Stage]) -> Cost:
    return total(architecture.costs[stage.path] for stage in stages)


def _share(architecture: Architecture, stages: Iterable[Stage], what: str) -> str:
    part = _sum(architecture, stages)
    if what == "params":
        return units.share(part.params, architecture.cost.params)
    return units.share(part.macs, architecture.cost.macs)
