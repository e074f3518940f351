"""Which config fields account for a change, judged by counterfactuals that were built elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Any, TypeAlias, TypeVar

from unetscope.analysis.diff.alignment import align, stage_of
from unetscope.analysis.diff.changes import EFFECTS, Attribution, Cause, Change, Impact, Reason, Trial
from unetscope.analysis.diff.skips import lasting
from unetscope.analysis.diff.tensors import match
from unetscope.model import Architecture, Tensor, is_within

T = TypeVar("T")
_MOST = 3000
"""Sets of fields tried for one that cannot change alone; a check costs about 0.1 ms."""


_Form: TypeAlias = Hashable
"""What is compared of a tensor (name, shape, dtype), an input (lasting shape) or a module (its path)."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A trial set against the network it started from: what became of each thing of it, and what is new."""

    trial: Trial
    went: dict[str, _Form]
    new: dict[str, _Form]


def smallest_groups(fields: Sequence[str], attempt: Callable[[tuple[str, ...]], T | None]) -> Iterator[T]:
    """What `attempt` makes of each field alone, else of the smallest group with it that gives anything."""
    made: dict[Cause, T | None] = {(field,): attempt((field,)) for field in fields}
    stuck = [field for field in fields if made[field,] is None]
    rest = stuck + [field for field in fields if field not in stuck]
    for field in stuck:
        others = [other for other in rest if other != field]
        sets = (more for size in range(1, len(others) + 1) for more in combinations(others, size))
        for more in islice(sets, _MOST):
            group = tuple(sorted((field, *more)))
            if group not in made:
                made[group] = attempt(group)
            if made[group] is not None:
                break
    return (found for found in made.values() if found is not None)


def attribute(
    changes: Sequence[Change], a: Architecture, b: Architecture, trials: Sequence[Trial]
) -> Attribution:
    """The cause of each change, and what the trials tell of every differing field.

    A tensor or input is caused by the smallest sets of fields that alone give it B's form from A, or
    A's from B; failing that, jointly by all fields that alter it at all. A block or skip takes the
    causes of the tensors in it.
    """
    outcomes = [_outcome(trial, a if trial.towards == "b" else b) for trial in trials]
    together = _needed(trials)
    found = []
    for one in changes:
        cause = _cause(one, outcomes) if _is_direct(one) else one.cause
        found.append(replace(one, cause=together.get(cause, cause) if one.kind != "config" else cause))
    tensors = [change for change in found if change.kind == "tensor"]
    causes = tuple(_inherited(one, tensors) if one.kind in ("block", "skip") else one.cause for one in found)
    fields = [change.path for change in changes if change.kind == "config"]
    return Attribution(causes, _reasons([one.cause for one in tensors], fields, trials))


def _is_direct(change: Change) -> bool:
    """Whether trials show the change itself: a top-level block too, which may hold no tensor."""
    top = change.kind == "block" and change.change in ("added", "removed") and "." not in change.path
    return top or change.kind in ("tensor", "conditioning")


def _reasons(causes: Iterable[Cause], fields: Sequence[str], trials: Sequence[Trial]) -> tuple[Reason, ...]:
    """Every set of fields that causes a tensor, the one that causes most first, and every other field."""
    counted = Counter(causes)
    for field in fields:
        if not any(field in cause for cause in counted):
            counted[field,] = 0
    tried = {trial.fields for trial in trials} | set(_needed(trials).values())
    ordered = sorted(counted, key=lambda cause: (-counted[cause], cause))
    return tuple(Reason(cause, _impact(cause, trials), joint=cause not in tried) for cause in ordered)


def _impact(cause: Cause, trials: Iterable[Trial]) -> Impact:
    """The greatest effect seen in a trial of these fields, else of any set with them."""
    listed = list(trials)
    exact = [trial.impact for trial in listed if trial.fields == cause]
    wider = [trial.impact for trial in listed if set(cause) <= set(trial.fields)]
    seen = exact or wider or [Impact("architecture")]
    greatest = max(seen, key=lambda one: EFFECTS.index(one.effect)).effect
    where = {name for one in seen if one.effect == greatest for name in one.shown_in}
    return Impact(greatest, tuple(sorted(where)))


def _needed(trials: Sequence[Trial]) -> dict[Cause, Cause]:
    """Fields with those they cannot change without, though these do nothing alone: an embedding's sizes."""
    alone = [trial for trial in trials if len(trial.fields) == 1]
    acting = {trial.fields for trial in alone if trial.impact.effect != "none"}
    idle = {trial.fields for trial in alone} - acting
    found: dict[Cause, Cause] = {}
    for trial in trials:
        rest = tuple(field for field in trial.fields if (field,) not in idle)
        if rest and rest != trial.fields:
            found[rest] = _union([found.get(rest, ()), trial.fields])
    return found


def _outcome(trial: Trial, start: Architecture) -> _Outcome:
    went: dict[str, _Form] = {}
    new: dict[str, _Form] = {}
    if trial.tensors == start.tensors:
        went = {one.name: _form(one) for one in start.tensors}
    else:
        matched = match(start.tensors, trial.tensors, align(start.tensors, trial.tensors))
        went = {one.name: _form(other) for one, other in matched.pairs}
        new = {one.name: _form(one) for one in matched.added}
    given = {one.name for one in start.inputs}
    for name, shape in trial.inputs.items():
        (went if name in given else new)[name] = tuple(lasting(name, shape))
    parts = {node.path for node in start.nodes if "." not in node.path}
    for name in trial.parts:
        (went if name in parts else new)[name] = name
    return _Outcome(trial, went, new)


def _cause(change: Change, outcomes: Sequence[_Outcome]) -> Cause:
    """The fields that account for a tensor, an input, or a top-level module."""
    before, after = _bare(change, change.before), _bare(change, change.after)
    origin, name = (
        side["name"] if side and "name" in side else change.path
        for side in (change.before or change.after, change.after or change.before)
    )
    reached: dict[Cause, int] = {}
    touched: set[Cause] = set()
    for outcome in outcomes:
        forward = outcome.trial.towards == "b"
        start, end = (before, after) if forward else (after, before)
        made = (outcome.new if start is None else outcome.went).get(origin if forward else name)
        if made != start:
            touched.add(outcome.trial.fields)
            if made == end:
                reached[outcome.trial.fields] = reached.get(outcome.trial.fields, 0) + 1
    if reached:
        best = min((len(fields), -count) for fields, count in reached.items())
        chosen = [fields for fields, count in reached.items() if (len(fields), -count) == best]
        return _union(chosen)
    single = [fields for fields in touched if len(fields) == 1]
    grouped = [fields for fields in touched if not any(set(one) < set(fields) for one in touched)]
    return _union(grouped or single)


def _form(tensor: Tensor) -> _Form:
    return tensor.name, tensor.shape, tensor.dtype


def _bare(change: Change, value: dict[str, Any] | None) -> _Form | None:
    """What a trial can show of one side of a change: not what input channels hold, nor a block's inside."""
    match change.kind, value:
        case _, None:
            return None
        case "tensor", {"name": name, "shape": shape, "dtype": dtype}:
            return name, tuple(shape), dtype
        case "conditioning", {"shape": shape}:
            return tuple(shape)
        case _:
            return change.path


def _union(causes: Iterable[Cause]) -> Cause:
    return tuple(sorted({field for cause in causes for field in cause}))


def _inherited(change: Change, tensors: Sequence[Change]) -> Cause:
    """The causes of the tensors in a block, or around the ends of a skip; of its stage where it has none.

    A top-level block without tensors keeps the one that trials showed.
    """
    ends = [
        side[key] for side in (change.before, change.after) if side for key in ("path", "source", "target")
        if key in side
    ]  # fmt: skip
    alike = [one for one in tensors if one.change == change.change]
    structural = [one for one in tensors if one.change != "changed"]
    stages = [stage_of(end) for end in ends]
    for known, roots in ((alike, ends), (structural, ends), (structural, stages), (tensors, stages)):
        inside = {one.cause for one in known if _lies_in(one, roots)}
        if inside:
            return _union(inside)
    return change.cause


def _lies_in(change: Change, roots: Sequence[str]) -> bool:
    names = {side["name"] for side in (change.before, change.after) if side}
    return any(is_within(name, root) for name in names for root in roots)


def same(one: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Whether two networks have the same tensors, in whatever order."""
    if len(one) != len(other):
        return False
    ordered = (sorted(side, key=lambda tensor: tensor.name) for side in (one, other))
    return next(ordered) == next(ordered)
