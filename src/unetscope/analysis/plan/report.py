"""Everything that we report about a plan: the difference, memory, published students beside it."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.diff.blocks import labels
from unetscope.analysis.latency import LatencyFloor
from unetscope.analysis.memory.budget import Memory
from unetscope.analysis.memory.distillation import DistillationMemory
from unetscope.analysis.plan.skeleton import LAYERS, Skeleton
from unetscope.cost import Cost
from unetscope.difference import Diff
from unetscope.hooks import Shown
from unetscope.paths import is_within
from unetscope.plans import Plan


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A network beside the student: the teacher, a published student of the same teacher, the student."""

    title: str
    id: str
    cost: Cost
    is_planned: bool = False


@dataclass(frozen=True, slots=True)
class PartsLost:
    """How many parts of a kind a student lacks, of how many its teacher has."""

    what: str
    lost: int
    whole: int


@dataclass(frozen=True)
class PlanReport(Shown):
    """A plan with all that follows from it. `distilling` is None if the memory of training is unknown:
    `untold` says why.

    `floors` are the least times of teacher and student on a card, where one was asked for.
    """

    plan: Plan
    diff: Diff
    running: Memory
    distilling: DistillationMemory | None
    untold: str
    rows: tuple[StudentRow, ...]
    floors: tuple[LatencyFloor, ...] = ()

    def __repr__(self) -> str:
        return f"PlanReport({self.plan!r})"


def losses(plan: Plan) -> tuple[PartsLost, ...]:
    """What went, kind by kind: residual blocks, attention blocks, their layers, blocks of each stack."""
    skeleton = Skeleton(plan.teacher)
    gone = [dropped.path for dropped in plan.dropped]

    def count(what: str, paths: list[str]) -> PartsLost:
        lost = sum(1 for path in paths if any(is_within(path, root) for root in gone))
        return PartsLost(what, lost, len(paths))

    names = labels(plan.teacher)
    kinds = [count(what, [path for path, label in names.items() if label[0] == letter])
             for what, letter in (("residual blocks", "R"), ("attention blocks", "A"))]  # fmt: skip
    layers = [
        p for parent in skeleton.lists if parent.endswith(f".{LAYERS}") for p in skeleton.entries(parent)
    ]
    if len(layers) > kinds[1].whole:  # else each attention is one layer, which it counts already
        kinds.append(count("transformer layers", layers))
    for stack in skeleton.stacks:
        stream = skeleton.network.stage_of(stack)
        joint = f"{stream.stream} " if stream and stream.stream and len(skeleton.stacks) > 1 else ""
        kinds.append(count(f"{joint}blocks", list(skeleton.entries(stack))))
    return tuple(kind for kind in kinds if kind.lost)


def outermost(plan: Plan) -> tuple[str, ...]:
    """The dropped modules that lie in no other dropped one."""
    gone = [dropped.path for dropped in plan.dropped]
    return tuple(path for path in gone if not any(path != root and is_within(path, root) for root in gone))
