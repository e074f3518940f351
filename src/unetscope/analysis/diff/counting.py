"""A diff with its MACs counted another way: how the networks differ and why stays as it was found."""

from __future__ import annotations

from dataclasses import replace

from unetscope.analysis.cost import conventions
from unetscope.cost import ONCE, Counting
from unetscope.difference import Diff, FieldGroup


def counted(diff: Diff, counting: Counting) -> Diff:
    """The same diff, the costs of both networks, of stages and of fields alone by another counting.

    What fields do alone was counted by the convention full; by another one their MACs are left out.
    """
    a, b = (conventions.counted(network, counting) for network in (diff.a, diff.b))
    stages = tuple(
        replace(
            stage,
            before=None if stage.pair.before is None else a.costs[stage.pair.before],
            after=None if stage.pair.after is None else b.costs[stage.pair.after],
        )
        for stage in diff.stages
    )
    groups = None if diff.groups is None else tuple(_group(group, diff, counting) for group in diff.groups)
    return replace(diff, a=a, b=b, stages=stages, groups=groups)


def _group(group: FieldGroup, diff: Diff, counting: Counting) -> FieldGroup:
    alone = group.alone
    if alone is None or alone.macs is None:
        return group
    usual = counting.convention == diff.a.counting.convention == ONCE.convention
    macs = alone.macs * counting.forwards // diff.a.counting.forwards if usual else None
    return replace(group, alone=replace(alone, macs=macs))
