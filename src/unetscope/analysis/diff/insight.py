"""Where the difference between two networks lies, in the few numbers that one sentence holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from unetscope.analysis.diff import blocks, places
from unetscope.analysis.diff.alignment import Alignment, align
from unetscope.cost import Cost, total
from unetscope.difference import Diff
from unetscope.difference.insights import Balance, Counterparts, DiffInsight, Loss, Mover, Portion
from unetscope.paths import parent, within


def insight(diff: Diff, alignment: Alignment | None = None) -> DiffInsight:
    """Where parameters and MACs were lost or gained; for equal networks, what loads.

    `alignment` is that of both networks, where it is at hand.
    """
    a, b, plan = diff.a.cost, diff.b.cost, diff.transfer
    if (a.params, a.macs) == (b.params, b.macs) and not plan.partial and not plan.missing:
        return Counterparts(len(diff.b.tensors))
    if diff.verdict.kind == "removed" and a.params > b.params:
        return _loss(diff, alignment or align(diff.a, diff.b))
    return _balance(diff)


def _loss(diff: Diff, alignment: Alignment) -> Loss:
    """What went, by what it was: a whole stage, a block of a stage that stays, layers inside a block."""
    whole = {stage.pair.before: stage.before for stage in diff.stages if stage.after is None and stage.before}
    names = {stage.path: stage.name for stage in diff.a.stages}
    gone = blocks.lacking(diff.a, diff.b, alignment, stages=False)
    paths = [node.path for node in gone if places.root(diff.a, node.path) not in whole]
    stay = blocks.labels(diff.a)
    layers = [path for path in paths if within(parent(path), stay) is not None]
    return Loss(
        Portion(tuple(names[path or ""] for path in whole), total(whole.values())) if whole else None,
        blocks=_cost(diff, (path for path in paths if path not in layers)),
        layers=_cost(diff, layers),
        thinned=len({places.root(diff.a, path) for path in paths}),
        most=_most(diff, way=-1),
    )


def _cost(diff: Diff, paths: Iterable[str]) -> Cost:
    return total(diff.a.costs[path] for path in paths)


def _balance(diff: Diff) -> Balance:
    """Where most of the difference in parameters lies, against all of it."""
    change = diff.b.cost.params - diff.a.cost.params
    if not change:
        return Balance(0, None)
    way: Literal[1, -1] = 1 if change > 0 else -1
    moved = [stage.params for stage in diff.stages if stage.params]
    mixed = any(way * params < 0 for params in moved)
    return Balance(change, _most(diff, way=way), alone=len(moved) == 1, mixed=mixed)


def _most(diff: Diff, *, way: Literal[1, -1]) -> Mover:
    """The stage that gains or loses most parameters, or all that do."""
    most = max(way * stage.params for stage in diff.stages)
    names = {stage.path: stage.name for network in (diff.b, diff.a) for stage in network.stages}
    first = [stage.pair for stage in diff.stages if way * stage.params == most]
    return Mover(tuple(names[pair.after or pair.before or ""] for pair in first), way, most)
