"""Which config fields account for a change, judged by counterfactuals that were built elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import TypeAlias, TypeGuard, TypeVar

from unetscope.analysis.diff import blocks, places
from unetscope.analysis.diff.alignment import align
from unetscope.analysis.diff.trials import Direct, Reached, Trial, fewest, outcome, reached, union
from unetscope.difference import EFFECTS, Attribution, Impact, Reason
from unetscope.difference.changes import (
    BlockChange,
    Cause,
    Change,
    ConfigChange,
    How,
    InputChange,
    SkipChange,
    TensorChange,
    caused,
    of,
    sides,
)  # fmt: skip
from unetscope.model import Architecture, Skip, Tensor
from unetscope.paths import is_within, within

T = TypeVar("T")
_Unit: TypeAlias = tuple[How, str]
"""A block that went ("removed", its path in A) or came ("added", in B)."""
_MOST = 3000
"""Sets of fields tried for one that cannot change alone; a check costs about 0.1 ms."""


def smallest_groups(fields: Sequence[str], attempt: Callable[[tuple[str, ...]], T | None]) -> Iterator[T]:
    """What `attempt` makes of each field alone, else of the smallest group with it that gives anything."""
    effects: dict[Cause, T | None] = {(field,): attempt((field,)) for field in fields}
    stuck = [field for field in fields if effects[field,] is None]
    rest = stuck + [field for field in fields if field not in stuck]
    for field in stuck:
        others = [other for other in rest if other != field]
        sets = (more for size in range(1, len(others) + 1) for more in combinations(others, size))
        for more in islice(sets, _MOST):
            group = tuple(sorted((field, *more)))
            if group not in effects:
                effects[group] = attempt(group)
            if effects[group] is not None:
                break
    return (effect for effect in effects.values() if effect is not None)


def attribute(
    changes: Sequence[Change], a: Architecture, b: Architecture, trials: Sequence[Trial]
) -> Attribution:
    """The cause of each change, and what the trials tell of every differing field.

    A tensor or input is caused by the smallest sets of fields that alone give it B's form from A, or A's from
    B; failing that, jointly by all fields that alter it at all. The tensors of a removed or added block take
    the cause that removed or added all of it, even where another field could explain a few of them. A block
    or skip takes the causes of the tensors in it.
    """
    outcomes = [outcome(trial, a if trial.towards == "b" else b) for trial in trials]
    ways = {index: reached(change, outcomes) for index, change in enumerate(changes) if _is_direct(change)}
    units = _units(changes, a, b)
    whole = _of_units(units, ways)
    together = _needed(trials)
    with_causes = []
    for index, known in enumerate(changes):
        cause = known.cause
        if index in ways:
            unit = units.get(index)
            cause = whole[unit] if unit in whole else _cause(ways[index])
        with_causes.append(caused(known, together.get(cause, cause)))
    whole = {unit: together.get(cause, cause) for unit, cause in whole.items()}
    tensors = of(TensorChange, with_causes)
    causes = tuple(_settled(with_cause, tensors, whole, (a, b)) for with_cause in with_causes)
    fields = [change.path for change in of(ConfigChange, changes)]
    return Attribution(causes, _reasons([tensor.cause for tensor in tensors], fields, trials))


def _units(changes: Sequence[Change], a: Architecture, b: Architecture) -> dict[int, _Unit]:
    """Maps the index of each removed or added tensor to the outermost block removed or added with it."""
    there, back = align(a, b), align(b, a)
    roots: dict[How, set[str]] = {
        "removed": {node.path for node in blocks.lacking(a, b, there, stages=False)},
        "added": {node.path for node in blocks.lacking(b, a, back, stages=False)},
    }
    units: dict[int, _Unit] = {}
    for index, change in enumerate(changes):
        if isinstance(change, TensorChange) and change.change in roots:
            path = within(change.path, roots[change.change])
            if path is not None:
                units[index] = (change.change, path)
    return units


def _of_units(units: Mapping[int, _Unit], ways: Mapping[int, Reached]) -> dict[_Unit, Cause]:
    """The cause of each block that some sets of fields remove or add whole."""
    by_unit: dict[_Unit, list[Reached]] = {}
    for index, unit in units.items():
        by_unit.setdefault(unit, []).append(ways[index])
    causes = {}
    for unit, members in by_unit.items():
        shared = set.intersection(*(set(member.by) for member in members))
        if shared:
            causes[unit] = fewest({cause: sum(member.by[cause] for member in members) for cause in shared})
    return causes


def _cause(way: Reached) -> Cause:
    """The fields that account for one thing; all fields that alter it, jointly, if none accounts for it
    alone."""
    if way.by:
        return fewest(way.by)
    single = [fields for fields in way.touched if len(fields) == 1]
    grouped = [fields for fields in way.touched if not any(set(cause) < set(fields) for cause in way.touched)]
    return union(grouped or single)


def _is_direct(change: Change) -> TypeGuard[Direct]:
    """Whether trials show the change itself: a top-level block too, which may hold no tensor."""
    if isinstance(change, BlockChange):
        return change.change in ("added", "removed") and "." not in change.path
    return isinstance(change, TensorChange | InputChange)


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
    greatest = max(seen, key=lambda trial: EFFECTS.index(trial.effect)).effect
    where = {name for trial in seen if trial.effect == greatest for name in trial.shown_in}
    return Impact(greatest, tuple(sorted(where)))


def _needed(trials: Sequence[Trial]) -> dict[Cause, Cause]:
    """Fields with others that must change along with them, though those do nothing alone: an embedding's
    sizes."""
    alone = [trial for trial in trials if len(trial.fields) == 1]
    acting = {trial.fields for trial in alone if trial.impact.effect != "none"}
    idle = {trial.fields for trial in alone} - acting
    needed: dict[Cause, Cause] = {}
    for trial in trials:
        rest = tuple(field for field in trial.fields if (field,) not in idle)
        if rest and rest != trial.fields:
            needed[rest] = union([needed.get(rest, ()), trial.fields])
    return needed


def _settled(
    change: Change,
    tensors: Sequence[TensorChange],
    whole: Mapping[_Unit, Cause],
    networks: tuple[Architecture, Architecture],
) -> Cause:
    """The cause of a change. A block or skip has the cause of the tensors that it stands for."""
    match change:
        case BlockChange():
            return _inherited(change, tensors, places.stages(change, *networks))
        case SkipChange():
            ends = {cause for place in _ends(change) if (cause := _gone(place, whole)) is not None}
            return union(ends) or _inherited(change, tensors, places.stages(change, *networks))
    return change.cause


def _ends(change: SkipChange) -> Iterator[_Unit]:
    """The ends of a skip, each with what would have become of a block there: A's removed, B's added. A skip
    that only joins another source counts too.
    """
    ends: tuple[tuple[How, Skip | None], ...] = (("removed", change.before), ("added", change.after))
    for how, skip in ends:
        if skip and change.change == "changed":
            yield how, skip.source
        if skip:
            yield how, skip.target


def _gone(place: _Unit, whole: Mapping[_Unit, Cause]) -> Cause | None:
    """The cause of the block that went or came with a place in it; a skip ends where its block does."""
    how, path = place
    root = within(path, {unit for kind, unit in whole if kind == how})
    return None if root is None else whole[how, root]


def _inherited(
    change: BlockChange | SkipChange, tensors: Sequence[TensorChange], stages: Sequence[str]
) -> Cause:
    """The causes of the tensors where a change lies; of those in its stages where these hold none.

    A tensor that only changed its shape does not say why a block or skip went, where other tensors do. A
    top-level block without tensors keeps the one that trials showed.
    """
    alike = [tensor for tensor in tensors if tensor.change == change.change != "changed"]
    structural = [tensor for tensor in tensors if tensor.change != "changed"]
    ends = [places.path_of(side) for side in (change.before, change.after) if side is not None]
    for known, roots in (
        (alike, ends), (structural, ends), (tensors, ends), (structural, stages), (tensors, stages)
    ):  # fmt: skip
        inside = {tensor.cause for tensor in known if _lies_in(tensor, roots)}
        if inside:
            return union(inside)
    return change.cause


def _lies_in(change: TensorChange, roots: Sequence[str]) -> bool:
    names = {side.name for side in sides(change)}
    return any(is_within(name, root) for name in names for root in roots)


def same(tensors: Sequence[Tensor], other: Sequence[Tensor]) -> bool:
    """Whether two networks have the same tensors, in whatever order."""
    if len(tensors) != len(other):
        return False
    ordered = (sorted(side, key=lambda tensor: tensor.name) for side in (tensors, other))
    return next(ordered) == next(ordered)
