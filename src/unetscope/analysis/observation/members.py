"""Where every call of a forward belongs: in a block of a stage, in a stage beside its blocks, or outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from unetscope.analysis.observation.blocks import PathBlock
from unetscope.analysis.observation.joins import Join
from unetscope.analysis.observation.phases import ObservedStage
from unetscope.analysis.observation.running_path import SAMPLE, Path
from unetscope.paths import is_within
from unetscope.vocabulary import CONTAINERS

OUTSIDE = -1
"""In place of a stage: what conditions several stages, or none."""


@dataclass
class Member:
    """A module, or an operation outside of one, in a stage; `block` is its part of the running path, None for
    what stands beside that."""

    module: str
    stage: int
    block: PathBlock | None = None
    calls: list[int] = field(default_factory=list)


@dataclass
class Places:
    """The members of all stages, in the order in which they run, and where each call lies: its member, or its
    stage alone."""

    members: list[Member]
    member_of: dict[int, Member]
    stage_of: dict[int, int]


def places(path: Path, stages: Sequence[ObservedStage], joins: Sequence[Join]) -> Places:
    """Where every call belongs."""
    places = Places([], {}, {})
    by_module: dict[str, list[Member]] = {}
    for number, stage in enumerate(stages):
        for block in stage.blocks:
            member = Member(block.module, number, block)
            places.members.append(member)
            if not block.operation:
                by_module.setdefault(block.module, []).append(member)
    _place_path(path, places, joins)
    _place_inside(path, places, by_module)
    _place_beside(path, places, _runs_beside(path, places))
    return places


def _put(places: Places, call: int, member: Member) -> None:
    member.calls.append(call)
    places.member_of[call] = member
    places.stage_of[call] = member.stage


def _place_path(path: Path, places: Places, joins: Sequence[Join]) -> None:
    """Places the calls of the running path: each in its block; others go with the block before, joins with
    the block after."""
    reached = {join.reached for join in joins if join.on_path}
    ordered = [member for member in places.members if member.block is not None]
    current = 0
    for at, call in enumerate(path.calls):
        while current + 1 < len(ordered) and _first(ordered[current + 1]) <= at:
            current += 1
        if not ordered:
            places.stage_of[call] = OUTSIDE
        elif _first(ordered[current]) <= at <= _last(ordered[current]):
            _put(places, call, ordered[current])
        else:
            after = ordered[min(current + 1, len(ordered) - 1)]
            places.stage_of[call] = (after if at in reached else ordered[current]).stage


def _first(member: Member) -> int:
    return member.block.first if member.block else -1


def _last(member: Member) -> int:
    return member.block.last if member.block else -1


def _place_inside(path: Path, places: Places, by_module: dict[str, list[Member]]) -> None:
    """Places calls beside the running path in the modules of blocks; in a module that runs often, in the run
    to which they belong."""
    nodes = path.architecture.nodes
    for index, call in enumerate(path.architecture.calls):
        if index in places.stage_of:
            continue
        module = _within(nodes[call.node].path, by_module)
        if module is not None:
            runs = by_module[module]
            own = next((run for run in runs if path.calls[_last(run)] >= index), runs[-1])
            _put(places, index, own)


def _within(node: str, modules: dict[str, list[Member]]) -> str | None:
    while node and node not in modules:
        node = node.rpartition(".")[0]
    return node or None


def _runs_beside(path: Path, places: Places) -> dict[str, str]:
    """Maps every module outside the running path and outside blocks to the outermost such module around
    it."""
    busy: set[str] = {""}
    for index in places.stage_of:
        node = path.architecture.nodes[path.architecture.calls[index].node].path
        while node and node not in busy:
            busy.add(node)
            node = node.rpartition(".")[0]
    outermost: dict[str, str] = {}
    containers = {parent.path for parent in path.architecture.nodes if parent.type in CONTAINERS}
    blocks = {member.module for member in places.members if not (member.block and member.block.operation)}
    for module in path.architecture.nodes[1:]:
        above = module.path.rpartition(".")[0]
        if above in outermost and above not in containers:
            outermost[module.path] = outermost[above]
        elif module.path not in busy and not any(is_within(module.path, block) for block in blocks):
            outermost[module.path] = module.path
    return outermost


def _place_beside(path: Path, places: Places, outermost: dict[str, str]) -> None:
    """Places all other calls: in the first stage that reads them if they depend on the sample or no other
    stage reads them, else outside."""
    architecture = path.architecture
    readers: list[set[int]] = [set() for _ in architecture.calls]
    groups: dict[str, list[int]] = {}
    for index in reversed(range(len(architecture.calls))):
        call = architecture.calls[index]
        stage = places.stage_of.get(index)
        into = {stage} if stage is not None else readers[index]
        for read in call.reads:
            if read >= 0:
                readers[read] |= into
        if stage is None:
            node = architecture.nodes[call.node].path
            groups.setdefault(outermost.get(node, f"{node}()"), []).append(index)
    for name, calls in reversed(groups.items()):
        if name.endswith("()"):
            for index in calls:
                places.stage_of[index] = _stage(readers[index], path.descends(index))
            continue
        read_by = set().union(*(readers[index] for index in calls))
        made_of_sample = any(path.descends(index) and path.left(index) != SAMPLE for index in calls)
        member = Member(name, _stage(read_by, made_of_sample))
        places.members.append(member)
        for index in reversed(calls):
            _put(places, index, member)


def _stage(readers: set[int], of_sample: bool) -> int:  # noqa: FBT001 - a fact, not a switch
    inside = readers - {OUTSIDE}
    return min(inside) if inside and (of_sample or len(readers) == 1) else OUTSIDE
