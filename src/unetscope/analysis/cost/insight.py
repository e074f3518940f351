"""Where the weight and the work of a network sit, in the few numbers that one sentence holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from unetscope.analysis.cost.by_kind import STAGED, by_part
from unetscope.analysis.cost.chart_data import bars, by_class
from unetscope.cost import total
from unetscope.difference.insights import ClassShare, Insight, KindShare, Portion
from unetscope.model import Architecture, Stage

_DOMINATES = 0.35
_WORTH_SAYING = 0.25
_CHEAP = 0.5


def insight(architecture: Architecture, *, by: Literal["kind", "class"] = "kind") -> Insight | None:
    """Where parameters sit, against where MACs are spent; None without stages.

    `by` is what the figure groups by that it explains: kinds of blocks, or classes of layers.
    """
    stages = [stage for stage in architecture.stages if stage.role in STAGED]
    whole = architecture.cost
    if not stages or not whole.params or not whole.macs:
        return None
    ranked = sorted(stages, key=lambda stage: -architecture.costs[stage.path].params)
    dominant = architecture.costs[ranked[0].path].params >= _DOMINATES * whole.params
    largest = ranked[:1] if len(stages) < 3 or dominant else ranked[:2]
    largest_share = _portion(architecture, largest)
    if len(largest) > 1:
        busy = _busiest(architecture, largest)
        spent = _portion(architecture, busy)
        if len(busy) > 1 and spent.cost.params / whole.params <= _CHEAP * spent.cost.macs / whole.macs:
            return Insight(whole, largest_share, busiest=spent)
    most = _of_kind(architecture) if by == "kind" else _of_class(architecture)
    return Insight(
        whole, largest_share, most=most if most and most.params >= _WORTH_SAYING * whole.params else None
    )


def gate_word(architecture: Architecture) -> str:
    """What the feed-forward layers are called: GEGLU where all of them are gated by GELU."""
    nodes = architecture.nodes
    layers = sum(node.kind == "feed-forward" for node in nodes)
    return "GEGLU" if layers and layers == sum(node.type == "GEGLU" for node in nodes) else "feed-forward"


def _of_kind(architecture: Architecture) -> KindShare:
    """The largest of residual blocks, convolution blocks and attention; feed-forward layers count as
    attention, as pictures mark both A."""
    shares = {share.part: share.cost.params for share in by_part(architecture)}
    residual, gated = shares.get("residual", 0), shares.get("feed-forward", 0)
    convolved = shares.get("conv-block", 0)
    inside = gated + shares.get("projection", 0) + shares.get("modulation", 0)
    if convolved > max(residual, inside):
        return KindShare("conv-block", convolved)
    if residual >= inside:
        return KindShare("residual", residual)
    named = any(node.kind == "transformer" for node in architecture.nodes)
    worth = gated >= _WORTH_SAYING * architecture.cost.params
    return KindShare(
        "transformer" if named else "attention", inside, gated if worth else 0, gate_word(architecture)
    )


def _of_class(architecture: Architecture) -> ClassShare:
    shares = by_class(bars(architecture), "params")
    most = max(shares, key=lambda op: shares[op])
    return ClassShare(most, shares[most])


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


def _portion(architecture: Architecture, stages: Iterable[Stage]) -> Portion:
    """Some stages in the order of the forward, and their cost together."""
    chosen = {stage.path: stage.name for stage in architecture.stages if stage in set(stages)}
    return Portion(tuple(chosen.values()), total(architecture.costs[path] for path in chosen))
