"""One sentence about a diff that its numbers bear out: where the difference lies."""

from __future__ import annotations

from unetscope import units
from unetscope.analysis.diff import words
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
    if not whole:
        name, verb, amount = _most(diff, way=-1)
        return f"The removed blocks held {_shares(diff, rest)}; {name} {verb} most: {amount}."
    names = {stage.path: stage.name for stage in diff.a.stages}
    named = words.listed([names[one.pair.before or ""] for one in whole])
    others = f"; what went from {len(rest)} other stages held {_shares(diff, rest)}" if rest else ""
    return f"{named} held {_shares(diff, whole)}{others}."


def _shares(diff: Diff, stages: list[StageCost]) -> str:
    params = -sum(map(_params, stages))
    share = units.share(params, diff.a.cost.params)
    if not diff.common:
        return f"{share} of the parameters"
    work = -sum(map(_macs, stages))
    return f"{share} of the parameters and {units.share(work, diff.a.cost.macs)} of the MACs"


def _largest(diff: Diff) -> str:
    """Where most of the difference in parameters lies, against all of it."""
    change = diff.b.cost.params - diff.a.cost.params
    if not change:
        return "Parameters are equal in number; what differs is how they are used."
    way = 1 if change > 0 else -1
    name, verb, amount = _most(diff, way=way)
    if sum(_params(one) != 0 for one in diff.stages) == 1:
        return f"All of the difference in parameters, {units.exact(abs(change))}, is in {name}."
    whole = units.params(abs(change))
    if any(way * _params(one) < 0 for one in diff.stages):
        return f"{name} {verb} most: {amount}; the whole network {'gains' if way > 0 else 'loses'} {whole}."
    return f"{name} {verb} most: {amount}, of {whole} in all."


def _most(diff: Diff, *, way: int) -> tuple[str, str, str]:
    """The stage that gains (way 1) or loses (-1) most parameters, or all that do; the verb; how many."""
    most = max(way * _params(one) for one in diff.stages)
    paths = {stage.path: stage.name for network in (diff.b, diff.a) for stage in network.stages}
    first = [one for one in diff.stages if way * _params(one) == most]
    several = len(first) > 1
    verb = ("gain" if way > 0 else "lose") + "s" * (not several)
    name = words.listed([paths[one.pair.after or one.pair.before or ""] for one in first])
    return name, verb, units.params(most) + " parameters" + " each" * several


def _params(one: StageCost) -> int:
    return (one.after.params if one.after else 0) - (one.before.params if one.before else 0)


def _macs(one: StageCost) -> int:
    return (one.after.macs if one.after else 0) - (one.before.macs if one.before else 0)
