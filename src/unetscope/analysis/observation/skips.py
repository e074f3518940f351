"""The long skips of a network between the blocks that were observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from unetscope.analysis.observation.joins import Join
from unetscope.analysis.observation.members import OUTSIDE, Places
from unetscope.analysis.observation.running_path import SAMPLE, Path
from unetscope.analysis.observation.shapes import as_joined
from unetscope.model import Skip
from unetscope.paths import is_within


@dataclass(frozen=True, slots=True)
class NewPaths:
    """The path of the node that makes each call, and those of the stages by their numbers."""

    maker: Mapping[int, str]
    tops: Mapping[int, str]


def between_blocks(path: Path, places: Places, joins: Sequence[Join], renamed: NewPaths) -> Iterator[Skip]:
    """The skips between blocks, or stages where no block has an end of them."""
    dense = {join.call for join in joins if not join.on_path}
    for join in joins:
        source = join.operand if _is_dense(path, join.operand, dense) else _at(path, join.left)
        source = join.operand if source == SAMPLE else _made_by(path, places, source)
        target = _reader(path, places, join)
        start, end = (
            _block_path(places, renamed, source),
            _block_path(places, renamed, target),
        )
        if start and end and len(join.shape) > 1:
            yield Skip(start, end, as_joined(path, join.shape), join.kind, join.on_path)


def _made_by(path: Path, places: Places, call: int) -> int:
    """The call of a block that made what a stage only views, where one did."""
    at, stage = path.place.get(call, -1), places.stage_of.get(call)
    while at >= 0 and places.stage_of.get(path.calls[at]) == stage:
        if path.calls[at] in places.member_of:
            return path.calls[at]
        at -= 1
    return call


def _at(path: Path, place: int) -> int:
    return path.calls[place] if place >= 0 else SAMPLE


def _is_dense(path: Path, operand: int, dense: set[int]) -> bool:
    """Whether the way to an operand leads through a join beside the running path."""
    while operand not in path.place:
        if operand in dense:
            return True
        operand = path.before[operand]
    return False


def _reader(path: Path, places: Places, join: Join) -> int:
    """The call by which a block first reads what was joined."""
    if not join.on_path:
        calls = path.architecture.calls
        readers = (index for index in range(join.call + 1, len(calls)) if join.call in calls[index].reads)
        return next((index for index in readers if index in places.member_of), join.call)
    later = (call for call in path.calls[join.reached + 1 :] if call in places.member_of)
    return next(later, join.call)


def _block_path(places: Places, renamed: NewPaths, call: int) -> str:
    """The path of the block, else of the stage, in which a call lies."""
    member = places.member_of.get(call)
    if member is not None:
        maker = renamed.maker[call]
        top = renamed.tops.get(member.stage)
        depth = 2 if top is not None and is_within(maker, top) else 1
        return ".".join(maker.split(".")[:depth])
    return renamed.tops.get(places.stage_of.get(call, OUTSIDE), "")
