"""All parts of a diff put together, from two architectures and the counterfactuals between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from unetscope.analysis.diff import attribution, blocks, checkpoint_facts, groups, places, skips, tensors
from unetscope.analysis.diff import transfer as weights
from unetscope.analysis.diff.alignment import Alignment, align
from unetscope.analysis.diff.trials import Trial, impact
from unetscope.analysis.diff.verdict import verdict
from unetscope.difference import Attribution, Diff, Pair, StageCost
from unetscope.difference.changes import Change, TensorChange, caused, of, sides
from unetscope.model import Architecture


def compare(
    a: Architecture, b: Architecture, *, trials: Sequence[Trial] | None, common: bool, unknown: str = ""
) -> Diff:
    """The diff from A to B.

    `trials` are the counterfactuals of every differing config field; None leaves causes
    unknown, for the reason `unknown`. `common` says that both were traced at one size, so that costs compare.
    """
    alignment = align(a, b)
    matched = tensors.match(a.tensors, b.tensors, alignment)
    changes: tuple[Change, ...] = (
        *checkpoint_facts.config(a, b),
        *blocks.changes(a, b, alignment),
        *tensors.changes(matched),
        *skips.changes(a, b, alignment),
        *skips.inputs(a, b),
        *checkpoint_facts.beside(a, b),
    )
    diff = Diff(
        a=a,
        b=b,
        common=common,
        verdict=verdict(changes, impact(a, b), a, b),
        changes=changes,
        stages=_stages(a, b, alignment, changes),
        transfer=weights.transfer(matched),
        groups=None,
        unknown=unknown,
        written=tuple(checkpoint_facts.written(a, b)),
    )
    return diff if trials is None else explain(diff, attribution.attribute(changes, a, b, trials))


def explain(diff: Diff, why: Attribution) -> Diff:
    """The same diff with its causes. Raises ValueError for the attribution of another diff."""
    changes = tuple(caused(change, cause) for change, cause in zip(diff.changes, why.causes, strict=True))
    alignment = align(diff.a, diff.b)
    fields = groups.groups(changes, why.reasons, diff.a, diff.b, alignment)
    return replace(diff, changes=changes, groups=fields, unknown="")


def _stages(
    a: Architecture, b: Architecture, alignment: Alignment, changes: Sequence[Change]
) -> tuple[StageCost, ...]:
    """Top-level parts side by side, in A's order, those of B alone where B has them."""
    theirs = {stage.path: stage.path for stage in b.stages}
    pairs = [Pair(stage.path, theirs.pop(alignment.moved(stage.path) or "", None)) for stage in a.stages]
    order = [stage.path for stage in b.stages]
    for path in theirs:
        earlier = order[: order.index(path)]
        after = [number for number, pair in enumerate(pairs) if pair.after in earlier]
        pairs.insert(after[-1] + 1 if after else 0, Pair(None, path))
    touched = _touched(changes, a, b)
    return tuple(
        StageCost(
            pair,
            None if pair.before is None else a.costs[pair.before],
            None if pair.after is None else b.costs[pair.after],
            touched.get((0, pair.before), 0) + touched.get((1, pair.after), 0),
        )
        for pair in pairs
    )


def _touched(
    changes: Sequence[Change], a: Architecture, b: Architecture
) -> dict[tuple[int, str | None], int]:
    """How many tensors differ in each stage: entry 0 counts by path in A, entry 1 counts new ones by path in
    B."""
    touched: dict[tuple[int, str | None], int] = {}
    for change in of(TensorChange, changes):
        new = change.before is None
        side = int(new), places.root(b if new else a, sides(change)[0].place)
        touched[side] = touched.get(side, 0) + 1
    return touched
