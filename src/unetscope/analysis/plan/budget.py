"""All students of a network that a config can say and whose cost adds up, and those nearest to a budget.

Choices are made level by level and stack by stack; the cost of a student is its teacher's less that of the
modules that go, since what stays keeps its shapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from unetscope.analysis.plan.following import closed
from unetscope.analysis.plan.selecting import chosen
from unetscope.analysis.plan.skeleton import ATTENTIONS, LAYERS, RESNETS, Skeleton
from unetscope.cost import Cost
from unetscope.errors import ConfigError
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.paths import is_within
from unetscope.plans import Plan

MOST = 4096
"""Students that are looked at; networks with more choices go through fewer depths."""


@dataclass(frozen=True, slots=True)
class ReductionChoice:
    """Words that drop something, and the way of pruning they are of: depths of one way differ alone."""

    words: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class StudentCandidate:
    """A student by the words that drop, the way it is pruned, and its cost."""

    words: tuple[str, ...]
    way: tuple[str, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a student may have; None is no bound. `bytes` are those of a forward."""

    params: int | None = None
    macs: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A student within the budget that was built: its plan, the way it is pruned, the bytes of a forward."""

    plan: Plan
    way: tuple[str, ...]
    bytes: int


@dataclass(frozen=True)
class Offers(Shown):
    """Students of a teacher within a budget, the nearest first; `all` that were counted. `dtype` is that of
    the bytes."""

    teacher: Architecture
    budget: Budget
    dtype: str
    found: tuple[Offer, ...]
    all: tuple[StudentCandidate, ...]

    def __repr__(self) -> str:
        return f"Offers({self.teacher.title!r}, {len(self.found)} of {len(self.all)} students)"


def candidates(skeleton: Skeleton) -> list[StudentCandidate]:
    """Every student but the teacher itself, each with its exact cost."""
    costs = skeleton.network.costs
    whole, students = skeleton.network.cost, []
    seen: set[frozenset[str]] = set()
    for picked in product(*_thinned(_choices(skeleton))):
        words = tuple(word for choice in picked for word in choice.words)
        if not words:
            continue
        try:
            gone = closed(skeleton, chosen(skeleton, words, lenient=True))
        except ConfigError:
            continue
        outer = [path for path in gone if not any(path != root and is_within(path, root) for root in gone)]
        if frozenset(outer) in seen:
            continue
        seen.add(frozenset(outer))
        left = whole
        for path in outer:
            left = _less(left, costs[path])
        students.append(StudentCandidate(words, tuple(choice.way for choice in picked), left))
    return students


def nearest(candidates: Sequence[StudentCandidate], budget: Budget) -> list[StudentCandidate]:
    """Those within a budget, of each way of pruning the one that comes nearest to it, the nearest first."""

    def size(candidate: StudentCandidate) -> int:
        return (
            candidate.cost.macs
            if budget.params is None and budget.macs is not None
            else candidate.cost.params
        )

    within = [candidate for candidate in candidates if _fits(candidate.cost, budget)]
    best: dict[tuple[str, ...], StudentCandidate] = {}
    for student in sorted(within, key=lambda candidate: (-size(candidate), len(candidate.words))):
        best.setdefault(student.way, student)
    return list(best.values())


def _fits(cost: Cost, budget: Budget) -> bool:
    return (budget.params is None or cost.params <= budget.params) and (
        budget.macs is None or cost.macs <= budget.macs
    )


def _less(whole: Cost, part: Cost) -> Cost:
    return Cost(whole.params - part.params, whole.conv - part.conv, whole.linear - part.linear,
                whole.attention - part.attention, whole.other - part.other)  # fmt: skip


def _choices(skeleton: Skeleton) -> list[list[ReductionChoice]]:
    """For each thing that can be chosen its choices, the first of which drops nothing."""
    if not skeleton.rungs:
        return [list(_of_stack(skeleton, stack)) for stack in skeleton.stacks]
    per_level = [
        choices
        for rung in skeleton.rungs
        for choices in (list(_layers(skeleton, rung.index)), list(_depths(skeleton, rung.index)))
    ]
    return [*per_level, list(_mid(skeleton)), list(_last(skeleton))]


def _layers(skeleton: Skeleton, index: int) -> Iterator[ReductionChoice]:
    """How many layers a level keeps: the last of its down block go."""
    entries = skeleton.entries(f"{skeleton.rungs[index].down}.{RESNETS}")
    for left in range(len(entries), 0, -1):
        yield ReductionChoice(entries[left:], f"{left} layers at {index}" if entries[left:] else "")


def _depths(skeleton: Skeleton, index: int) -> Iterator[ReductionChoice]:
    """How deep the attention of a level is, from all its layers to none of the attention.

    The mid block is as deep as the coarsest level.
    """
    rung, last = skeleton.rungs[index], index == len(skeleton.rungs) - 1
    blocks = [rung.down, rung.up, *([skeleton.mid] if last and skeleton.mid else [])]
    depths = [
        skeleton.entries(f"{path}.{LAYERS}")
        for block in blocks
        for path in skeleton.entries(f"{block}.{ATTENTIONS}")
    ]
    yield ReductionChoice()
    if not any(skeleton.entries(f"{block}.{ATTENTIONS}") for block in (rung.down, rung.up)):
        return
    if depths and len({len(layers) for layers in depths}) == 1:
        for depth in range(len(depths[0]) - 1, 0, -1):
            yield ReductionChoice(tuple(path for layers in depths for path in layers[depth:]), "shallower")
    yield ReductionChoice((f"attention@{index}",), f"no attention at {index}")


def _mid(skeleton: Skeleton) -> Iterator[ReductionChoice]:
    yield ReductionChoice()
    if skeleton.mid:
        further = skeleton.entries(f"{skeleton.mid}.{RESNETS}")[1:]
        if further and skeleton.network.class_name == "UNet2DConditionModel":
            yield ReductionChoice(further, "mid of one residual block")
        yield ReductionChoice(("mid",), "no mid")


def _last(skeleton: Skeleton) -> Iterator[ReductionChoice]:
    """The coarsest level, where the next one has its channels."""
    yield ReductionChoice()
    channels = skeleton.network.config.get("block_out_channels")
    listed = isinstance(channels, list | tuple) and len(channels) > 1
    if listed and channels[-1] == channels[-2]:  # type: ignore[index]
        yield ReductionChoice(("level@last",), "without the coarsest level")


def _of_stack(skeleton: Skeleton, stack: str) -> Iterator[ReductionChoice]:
    """How many blocks a stack keeps: those in its middle go, since its ends may differ from them."""
    entries = skeleton.entries(stack)
    for left in range(len(entries), 0, -1):
        first = (left + 1) // 2
        dropped = entries[first : first + len(entries) - left]
        yield ReductionChoice(dropped, f"fewer {stack}" if dropped else "")


def _thinned(choices: list[list[ReductionChoice]]) -> list[list[ReductionChoice]]:
    """Fewer of the longest choices, their ends among them, until not too many students are left."""
    while _count(choices) > MOST:
        longest = max(choices, key=len)
        choices[choices.index(longest)] = [longest[0], *longest[1:-1:2], longest[-1]]
    return choices


def _count(choices: list[list[ReductionChoice]]) -> int:
    count = 1
    for reduction_choices in choices:
        count *= len(reduction_choices)
    return count
