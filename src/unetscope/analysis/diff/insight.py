"""One sentence about a diff that its numbers bear out: where the difference lies."""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.diff.changes import Diff, StageCost
from unetscope.analysis.diff.weights import counts


def insight(diff: Diff) -> str:
    """Where parameters and MACs were lost or gained; for equal networks, what loads."""
    a, b = diff.a.cost, diff.b.cost
    plan = counts(diff.transfer)
    if a.params == b.params and a.macs == b.macs and not plan["partial"]:
        count = f"{len(diff.b.tensors):,}"
        return f"Every one of the {count} tensors of {diff.b.id} has its counterpart in {diff.a.id}."
    if diff.verdict.startswith("blocks removed") and diff.a.cost.params > diff.b.cost.params:
        return _removed(diff)
    return _largest(diff)


def _removed(diff: Diff) -> str:
    """Whole stages that went against blocks that went from stages which stay."""
    whole = [one for one in diff.stages if one.after is None]
    rest = [one for one in diff.stages if one.after is not None and _params(one) < 0]
    parts = []
    names = {stage.path: stage.name for stage in diff.a.stages}
    if whole:
        named = _listed([names[one.pair.before or ""] for one in whole])
        parts.append(f"{named} held {_shares(diff, whole)}")
    if rest:
        where = f"what went from {len(rest)} other stages" if whole else "what went from the stages"
        parts.append(f"{where} held {_shares(diff, rest)}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _shares(diff: Diff, stages: list[StageCost]) -> str:
    params = -sum(map(_params, stages))
    share = units.share(params, diff.a.cost.params)
    if not diff.common:
        return f"{share} of the parameters"
    work = -sum(map(_macs, stages))
    return f"{share} of the parameters and {units.share(work, diff.a.cost.macs)} of the MACs"


def _largest(diff: Diff) -> str:
    """The stage with most of the difference in parameters."""
    change = diff.b.cost.params - diff.a.cost.params
    if not change:
        return "Parameters are equal in number; what differs is how they are used."
    most = max(diff.stages, key=lambda one: _params(one) if change > 0 else -_params(one))
    paths = {stage.path: stage.name for network in (diff.b, diff.a) for stage in network.stages}
    name = paths[most.pair.after or most.pair.before or ""]
    did = "gains" if change > 0 else "loses"
    if abs(_params(most)) == abs(change) and sum(_params(one) != 0 for one in diff.stages) == 1:
        return f"All of the difference in parameters, {units.exact(abs(change))}, is in {name}."
    amount = units.params(abs(_params(most)))
    return f"{name} {did} most: {amount} parameters, of {units.params(abs(change))} in all."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _params(one: StageCost) -> int:
    return (one.after.params if one.after else 0) - (one.before.params if one.before else 0)


def _macs(one: StageCost) -> int:
    return (one.after.macs if one.after else 0) - (one.before.macs if one.before else 0)
