"""One true sentence on where the weight and the work of a network sit, or the difference between two."""

from __future__ import annotations

from unetscope.cost import Cost, Counting
from unetscope.difference import Diff
from unetscope.difference.insights import (
    Balance,
    ClassShare,
    Counterparts,
    DiffInsight,
    Insight,
    KindShare,
    Loss,
    Mover,
)
from unetscope.words import diff as words
from unetscope.words import units
from unetscope.words.conventions import steps
from unetscope.words.messages import joined

_KINDS = {
    "residual": "residual blocks (R)",
    "conv-block": "convolution blocks (C)",
    "transformer": "transformers (A)",
    "attention": "attention blocks (A)",
}
_LAYERS = {"conv": "convolutions", "linear": "linear layers", "attention": "attention", "other": "norms"}


def of_network(insight: Insight | None, counting: Counting, *, unit: str = "macs") -> str:
    """Where parameters sit, against where MACs (or FLOPs) are spent; "" where nothing is to be said."""
    if insight is None:
        return ""
    whole, largest = insight.whole, insight.largest
    work = "FLOPs" if unit == "flops" else "MACs"
    names, several = joined(largest.stages), len(largest.stages) > 1
    share = units.share(largest.cost.params, whole.params)
    statement = f"{names} hold{'s' * (not several)} {share} of the parameters"
    if insight.busiest:
        busy = insight.busiest
        spent = units.share(busy.cost.total(unit), whole.total(unit))
        return (
            f"{statement}; {joined(busy.stages)} take {spent} of the {work} "
            f"with {units.share(busy.cost.params, whole.params)} of the parameters."
        )
    took = f"{'take ' * several}{units.share(largest.cost.total(unit), whole.total(unit))} of the {work}"
    return f"{statement} and {took}; {_most(insight, counting, unit)}."


def _most(insight: Insight, counting: Counting, unit: str) -> str:
    """What holds most parameters, by the grouping of the figure; else what a step takes."""
    whole = insight.whole
    match insight.most:
        case KindShare(kind, params, gated, gate):
            layers = f", {gate} alone {units.share(gated, whole.params)}" if gated else ""
            return f"{_KINDS[kind]} hold {units.share(params, whole.params)} of the parameters{layers}"
        case ClassShare(layers, params):
            return f"{_LAYERS[layers]} hold {units.share(params, whole.params)} of the parameters"
    work = units.macs(whole.flops, "FLOP") if unit == "flops" else units.macs(whole.macs)
    return f"{steps(counting)} {'take' if counting.steps > 1 else 'takes'} {work}"


def of_diff(diff: Diff, insight: DiffInsight) -> str:
    """Where parameters and MACs were lost or gained; for equal networks, what loads."""
    match insight:
        case Counterparts(tensors):
            count = units.exact(tensors)
            return f"All {count} tensors of {diff.b.id} have their counterparts in {diff.a.id}."
        case Loss():
            return _loss(diff, insight)
        case Balance():
            return _balance(insight)


def verdict(diff: Diff, insight: DiffInsight) -> str:
    """The verdict; where blocks or layers went and nothing else differs, the parameters that they held."""
    if diff.verdict.kind == "added" and not diff.verdict.parts:
        return f"{units.params(diff.b.cost.params - diff.a.cost.params)} parameters added"
    if not isinstance(insight, Loss) or diff.verdict.parts:
        return words.verdict(diff.verdict)
    gone = units.params(diff.a.cost.params - diff.b.cost.params)
    return f"{gone} of {units.params(diff.a.cost.params)} parameters removed"


def _loss(diff: Diff, loss: Loss) -> str:
    """What went, by what it was: stages, blocks of stages that stay, layers of transformers that stay."""
    apart = bool(loss.layers.params)
    losses = []
    if loss.stages:
        losses.append((f"the removed {joined(loss.stages.stages)}", loss.stages.cost))
    if loss.blocks.params:
        others = f"{loss.thinned} other stage{'s' if loss.thinned > 1 else ''}"
        rest = "blocks removed from other stages" if apart else f"the blocks removed from {others}"
        losses.append(((rest if loss.stages else "the removed blocks"), loss.blocks))
    if apart:
        losses.append(("layers removed from transformers that stay", loss.layers))
    parts = [f"{name} held {_share(diff, cost, exact=apart)}" for name, cost in losses]
    parts += [] if loss.stages else ["{} {} most: {}".format(*_mover(loss.most))]
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _share(diff: Diff, cost: Cost, *, exact: bool) -> str:
    """Parameters and MACs in percent of A's, where these were counted at one size."""
    share = units.share(cost.params, diff.a.cost.params)
    params = f"{units.params(cost.params)} parameters ({share})" if exact else f"{share} of the parameters"
    if not diff.common:
        return params
    return f"{params} and {units.share(cost.macs, diff.a.cost.macs)} of the MACs"


def _balance(balance: Balance) -> str:
    if balance.most is None:
        return "Parameters are equal in number; what differs is how they are used."
    named, verb, amount = _mover(balance.most)
    if balance.alone:
        return f"All of the difference in parameters, {units.exact(abs(balance.change))}, is in {named}."
    whole = units.params(abs(balance.change))
    if balance.mixed:
        total = "gains" if balance.change > 0 else "loses"
        return f"{named} {verb} most: {amount}; the whole network {total} {whole}."
    return f"{named} {verb} most: {amount}, of {whole} in all."


def _mover(mover: Mover) -> tuple[str, str, str]:
    """Who gains or loses most; the verb; how much."""
    several = len(mover.stages) > 1
    verb = ("gain" if mover.way > 0 else "lose") + "s" * (not several)
    return joined(mover.stages), verb, f"{units.params(mover.params)} parameters" + " each" * several
