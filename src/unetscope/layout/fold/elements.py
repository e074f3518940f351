"""What a folded strip shows: both halves as elements, equal units once, and the skips between them. Knows no
coordinates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.parts.halves import level_pairs, lines_of
from unetscope.paths import within

_LONGEST = 12
"""Blocks in a unit that may repeat."""
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """Blocks on one another, in order of execution, `count` times over; `members` are those of every time.
    Without a stage it is an end of the network; `closed` shows a stage without its blocks."""

    stage: StageBlocks | None
    blocks: tuple[Block, ...]
    count: int = 1
    members: tuple[Block, ...] = ()
    closed: bool = False

    @property
    def resamples(self) -> bool:
        """Whether it is only what changes the resolution, or an end."""
        return self.stage is None or all(block.kind in ("down", "up", "conv") for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Rung:
    """Skips of equal channels from one element at the left to one at the right, by their numbers."""

    made: int
    taken: int
    channels: int
    count: int
    source: str
    target: str

    @property
    def label(self) -> str:
        """What stands in its line: "2 × 320"."""
        return f"{self.count} × {self.channels}" if self.count > 1 else str(self.channels)


@dataclass(frozen=True, slots=True)
class Fold:
    """Both halves from top to bottom, each element on its line; what lies at the foot; the rungs between."""

    left: tuple[Element, ...]
    right: tuple[Element, ...]
    lines: tuple[tuple[int, ...], tuple[int, ...]]
    middle: StageBlocks | None
    rungs: tuple[Rung, ...]
    undrawn: int
    """Skips that lead from no element at the left to one at the right."""


def folded(chain: Chain, *, closed: bool = False) -> Fold:
    """A chain folded at its middle; `closed` leaves stages without their blocks."""
    down, middle, up = _halves(chain)
    left = [element for stage in down for element in _elements(stage, closed=closed)]
    right = [element for stage in up for element in _elements(stage, closed=closed)]
    if chain.inlet:
        left.insert(0, Element(None, (chain.inlet,), members=(chain.inlet,)))
    if chain.outlet:
        (right if up else left).append(Element(None, (chain.outlet,), members=(chain.outlet,)))
    right.reverse()
    rungs = _rungs(left, right)
    skips = sum((block.skip is not None) + len(block.dense) for block in chain.blocks())
    weights = [(rung.made, rung.taken, 2 * rung.count - left[rung.made].resamples) for rung in rungs]
    lines = lines_of(len(left), len(right), level_pairs(weights))
    undrawn = skips - sum(rung.count for rung in rungs)
    return Fold(tuple(left), tuple(right), lines, middle, tuple(rungs), undrawn)


def _halves(chain: Chain) -> tuple[list[StageBlocks], StageBlocks | None, list[StageBlocks]]:
    """The stages on the way down, the one at the foot, those on the way up. Of two stages in the middle each
    belongs to its half; without a way up all stand at the left."""
    roles = [stage.stage.role for stage in chain.stages]
    mids = [index for index, role in enumerate(roles) if role == "mid"]
    stages = list(chain.stages)
    if "up" not in roles:
        return stages, None, []
    if len(mids) == 1 and "down" in roles[: mids[0]]:
        return stages[: mids[0]], stages[mids[0]], stages[mids[0] + 1 :]
    turn = mids[1] if len(mids) > 1 else roles.index("up")
    return stages[:turn], None, stages[turn:]


def _elements(stage: StageBlocks, *, closed: bool) -> Iterator[Element]:
    """The units of a stage in order of execution; all of it as one where blocks run beside each other."""
    blocks = stage.blocks
    if closed or not blocks or any(block.beside for block in blocks):
        yield Element(stage, blocks, 1, blocks, closed or not blocks)
        return
    for unit, count in units(blocks):
        yield Element(stage, unit[: len(unit) // count], count, unit)


def units(blocks: Sequence[Block]) -> list[tuple[tuple[Block, ...], int]]:
    """All blocks in runs: equal units in a row with their number; between these, a unit begins at each
    concatenation or residual block, and what resamples stands alone."""
    runs: list[tuple[tuple[Block, ...], int]] = []
    at, keys = 0, [_key(block) for block in blocks]
    while at < len(blocks):
        period, count = _repeats(keys, at)
        run = tuple(blocks[at : at + period * count])
        if count == 1 and runs and runs[-1][1] == 1 and _joins(runs[-1][0], run[0]):
            runs[-1] = ((*runs[-1][0], *run), 1)
        else:
            runs.append((run, count))
        at += period * count
    return runs


def _repeats(keys: Sequence[_Key], at: int) -> tuple[int, int]:
    """The period and number of the longest run of equal units from a place on."""
    best = (1, 1)
    for period in range(1, min(_LONGEST, (len(keys) - at) // 2) + 1):
        unit, count = keys[at : at + period], 1
        while keys[at + count * period : at + (count + 1) * period] == unit:
            count += 1
        if count > 1 and period * count > best[0] * best[1]:
            best = (period, count)
    return best


def _joins(before: tuple[Block, ...], block: Block) -> bool:
    """Whether a block stands on the one before it in a unit."""
    last = before[-1]
    if last.kind == "concat":
        return True
    alone = any(other.kind in ("down", "up", "conv") or other.resamples for other in (last, block))
    return not alone and block.kind not in ("concat", "residual", "conv-block")


def _key(block: Block) -> _Key:
    """What has to be equal for two blocks to be drawn once."""
    return (block.kind, block.letter, block.repeat, block.times, block.texts, block.resamples, block.shade)


def _rungs(left: Sequence[Element], right: Sequence[Element]) -> list[Rung]:
    """Skips by the elements that make and take them, from top to bottom."""
    # A stage may make a skipped tensor itself, after its last block.
    makers = {making.stage.stage.path: index for index, making in enumerate(left) if making.stage}
    makers |= {
        block.path: index
        for index, making in enumerate(left)
        for block in making.members
        if block.skip is None
    }
    counts: Counter[tuple[int, int, int]] = Counter()
    names: dict[tuple[int, int, int], tuple[str, str]] = {}
    for index, element in enumerate(right):
        for block in element.members:
            source = within(block.skip.source, makers) if block.skip else None
            if block.skip and source is not None:
                key = (makers[source], index, block.skip.channels)
                counts[key] += 1
                names.setdefault(key, (block.skip.source, block.skip.target))
    return [Rung(*key, counts[key], *names[key]) for key in sorted(counts)]
