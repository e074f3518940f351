"""Two networks as one sequence of columns: stages side by side, their blocks aligned, each with what
became of it. Knows no coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from unetscope.analysis.diff.alignment import Alignment, align
from unetscope.cost import total
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, of
from unetscope.layout.chain.blocks import Block, Chain, StageBlocks, State, chain
from unetscope.model import Architecture
from unetscope.paths import is_within


@dataclass(frozen=True, slots=True)
class Slot:
    """One glyph's place: the block of A and the block of B that stand there."""

    before: Block | None
    after: Block | None

    @property
    def drawn(self) -> Block:
        """The block that needs more room."""
        sides = [side for side in (self.before, self.after) if side is not None]
        return max(sides, key=lambda side: side.repeat)

    @property
    def heights(self) -> tuple[int, int] | None:
        """How many layers are stacked on each side, where both sides stack them and the numbers differ.

        A block that is no run of equal ones stands for itself.
        """
        if self.before is None or self.after is None:
            return None
        before, other = self.before.repeat, self.after.repeat
        if self.before.type == self.after.type:
            before, other = before or 1, other or 1
        return (before, other) if before != other and before and other else None

    @property
    def states(self) -> frozenset[State]:
        """What became of it, on whichever side it stands."""
        return frozenset(side.state for side in (self.before, self.after) if side is not None)


@dataclass(frozen=True, slots=True)
class StagePair:
    """A stage of A with its counterpart in B; one of them may be missing."""

    before: StageBlocks | None
    after: StageBlocks | None
    slots: tuple[Slot, ...]

    @property
    def stage(self) -> StageBlocks:
        """The stage with the blocks of both sides, to be placed once for both."""
        side = self.before or self.after
        assert side is not None
        return replace(side, blocks=tuple(slot.drawn for slot in self.slots))

    @property
    def mark(self) -> Literal["removed", "added", ""]:
        """Whether the whole stage went or came."""
        plain = bool(self.slots) and all("" in slot.states for slot in self.slots)
        return "" if plain or (self.before and self.after) else "removed" if self.before else "added"

    @property
    def params(self) -> int:
        """Parameters that B's stage has more than A's."""
        return (self.after.cost.params if self.after else 0) - (self.before.cost.params if self.before else 0)


@dataclass(frozen=True, slots=True)
class Columns:
    """Both networks from left to right: conv in, the stages, conv out."""

    inlet: Slot | None
    stages: tuple[StagePair, ...]
    outlet: Slot | None
    alignment: Alignment

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot of every stage, in order."""
        return tuple(slot for column in self.stages for slot in column.slots)

    @property
    def is_aligned(self) -> bool:
        """Whether both networks have the same sequence of blocks, so that one strip shows both."""
        return all(slot.before and slot.after for slot in self.slots)

    @property
    def is_apart(self) -> bool:
        """Whether the networks have no stage in common."""
        return all(stage.before is None or stage.after is None for stage in self.stages)

    def alone(self, *, after: bool) -> Columns:
        """One side by itself, in its own colours."""

        def side(slot: Slot | None) -> Slot | None:
            block = (slot.after if after else slot.before) if slot else None
            if block is None:
                return None
            plain = replace(block, state="")
            return Slot(None, plain) if after else Slot(plain, None)

        stages = []
        for pair in self.stages:
            stage = pair.after if after else pair.before
            if stage is not None:
                slots = tuple(own_slot for slot in pair.slots if (own_slot := side(slot)) is not None)
                stages.append(StagePair(None if after else stage, stage if after else None, slots))
        return Columns(side(self.inlet), tuple(stages), side(self.outlet), self.alignment)

    def chain(self, *, after: bool) -> Chain:
        """The chain of one side alone, its blocks marked."""

        def side(slot: Slot | None) -> Block | None:
            return (slot.after if after else slot.before) if slot else None

        stages = []
        for column in self.stages:
            stage = column.after if after else column.before
            if stage is not None:
                blocks = tuple(block for slot in column.slots if (block := side(slot)) is not None)
                stages.append(replace(stage, blocks=blocks))
        return Chain(side(self.inlet), tuple(stages), side(self.outlet))


def columns(diff: Diff) -> Columns:
    """The chains of both networks along their alignment."""
    alignment = align(diff.a, diff.b)
    ours, theirs = (chain(network, one_by_one=True) for network in (diff.a, diff.b))
    judge = _Judge(diff, alignment)
    before = {stage.stage.path: stage for stage in ours.stages}
    after = {stage.stage.path: stage for stage in theirs.stages}
    pairs = [(before.get(pair.before or ""), after.get(pair.after or "")) for pair in alignment.stages]
    stages = tuple(_column(first, other, judge) for first, other in pairs if first or other)
    ends = (_end(ours.inlet, theirs.inlet, judge), _end(ours.outlet, theirs.outlet, judge))
    return Columns(ends[0], stages, ends[1], alignment)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What distinguishes a changed block from a kept one."""

    diff: Diff
    alignment: Alignment

    def place(self, block: Block) -> str | None:
        """Where a block of A stands in B; concatenations by the module that reads them."""
        moved = self.alignment.moved(block.path)
        return moved if moved is None or block.skip is None else f"⧺ {moved}"

    def pair(self, before: Block, after: Block) -> Slot:
        """Two blocks in one place, as kept, renamed or changed, under the larger network's numbers."""
        state: State = "kept" if before.path == after.path or before.skip is not None else "renamed"
        is_deepened = Slot(before, after).heights is not None
        if before.skip is None and (is_deepened or self._differs(before.path, after.path)):
            state = "changed"
        is_smaller = len(self.diff.a.nodes) < len(self.diff.b.nodes)
        place = after.place if is_smaller else before.place
        return Slot(replace(before, state=state, place=place), replace(after, state=state, place=place))

    def _differs(self, before: str, after: str) -> bool:
        for change in of(TensorChange, self.diff.changes):
            if change.change != "renamed":
                ours = change.before is not None and is_within(change.before.place, before)
                if ours or (change.after is not None and is_within(change.after.place, after)):
                    return True
        return _inside(self.diff.a, before) != _inside(self.diff.b, after)


def _inside(network: Architecture, path: str) -> list[tuple[str, str, str]]:
    """Types and attributes of a block's modules, by their paths in it."""
    return [
        (node.path[len(path) :], node.type, repr(sorted(node.attributes.items())))
        for node in network.nodes
        if is_within(node.path, path)
    ]


def _end(before: Block | None, after: Block | None, judge: _Judge) -> Slot | None:
    if before and after:
        return judge.pair(before, after)
    if before:
        return Slot(replace(before, state="removed"), None)
    return Slot(None, replace(after, state="added")) if after else None


def _column(before: StageBlocks | None, after: StageBlocks | None, judge: _Judge) -> StagePair:
    ours = before.blocks if before else ()
    theirs = {_name(block): block for block in after.blocks} if after else {}
    slots = tuple(_merged(ours, theirs, judge))
    is_stack = "body" in {side.stage.role for side in (before, after) if side}
    return StagePair(before, after, tuple(_folded(slots)) if is_stack else slots)


def _folded(slots: Sequence[Slot]) -> Iterator[Slot]:
    """Consecutive blocks of a stack with the same fate as one; changed blocks stay apart."""
    for (_, states), run in groupby(slots, key=lambda slot: ((slot.drawn.type, _lacks(slot)), slot.states)):
        members = list(run)
        if len(members) == 1 or "changed" in states:
            yield from members
        else:
            yield Slot(_as_one([slot.before for slot in members]), _as_one([slot.after for slot in members]))


def _lacks(slot: Slot) -> tuple[bool, bool]:
    return slot.before is None, slot.after is None


def _as_one(blocks: Sequence[Block | None]) -> Block | None:
    """The first of some blocks with the number and the cost of all."""
    present = [block for block in blocks if block is not None]
    if not present:
        return None
    return replace(present[0], repeat=len(present), cost=total(block.cost for block in present))


def _merged(ours: Sequence[Block], theirs: Mapping[str, Block], judge: _Judge) -> Iterator[Slot]:
    """The blocks of both sides in one order: pairs at one place, each other block before the next pair."""
    waiting = list(theirs)
    for block in ours:
        name = judge.place(block)
        if name is None or name not in waiting:
            yield Slot(replace(block, state="removed"), None)
            continue
        at = waiting.index(name)
        yield from _added(waiting[:at], theirs)
        yield judge.pair(block, theirs[name])
        waiting = waiting[at + 1 :]
    yield from _added(waiting, theirs)


def _added(names: Sequence[str], theirs: Mapping[str, Block]) -> Iterator[Slot]:
    for name in names:
        yield Slot(None, replace(theirs[name], state="added"))


def _name(block: Block) -> str:
    return block.path if block.skip is None else f"⧺ {block.path}"
