"""A whole network read for a column: its kinds of blocks in order, each opened, and what flows between
them."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.cells import Opened
from unetscope.layout.column.reading.opening import Passed, opened, skips_of
from unetscope.layout.column.reading.runs import EqualBlocks, equal_blocks
from unetscope.layout.column.reading.tokens import Descent
from unetscope.model import Architecture


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """Equal blocks with the inside of the first. `alone` says that their stack holds no others, `skips` which
    earlier block each of them takes in besides: pairs (its path, the earlier one's). `shown_by` is the number
    of the run whose inside shows this one's too: itself, or one of the same build that costs more."""

    blocks: EqualBlocks
    inside: Opened
    alone: bool
    skips: tuple[tuple[str, str], ...]
    shown_by: int


def read_network(architecture: Architecture, descent: Descent) -> tuple[OpenedRun, ...]:
    """Every kind of block in the order of the forward, opened."""
    passed = Passed({}, {}, {})
    kinds = equal_blocks(architecture)
    opened_by_path: dict[str, Opened] = {}
    skips: dict[str, str] = {}
    starts = {path for run in kinds for path in (run.first, run.paths[0])}
    every = sorted((path for run in kinds for path in run.paths), key=architecture.first_call.__getitem__)
    for path in every:
        inside = opened(architecture, path, descent, passed) if path in starts else None
        if inside is not None:
            opened_by_path[path] = inside
        joined = skips_of(BlockCalls(architecture, path, descent), passed)
        skips.update({path: joined[0]} if joined else {})
        _pass_on(BlockCalls(architecture, path, descent), passed, inside)
    return tuple(
        OpenedRun(
            run,
            opened_by_path[run.first],
            sum(other.stage == run.stage for other in kinds) == 1,
            tuple((path, skips[path]) for path in run.paths if path in skips),
            _shown_by(kinds, run),
        )
        for run in kinds
    )


def _shown_by(kinds: tuple[EqualBlocks, ...], run: EqualBlocks) -> int:
    """The costliest run of the same build, by its number; the first of those that cost the same."""
    same = [number for number, other in enumerate(kinds) if other.build == run.build]
    return max(same, key=lambda number: (kinds[number].cost.macs, -number))


def _pass_on(block: BlockCalls, passed: Passed, inside: Opened | None) -> None:
    """Note what a block leaves behind: the ends of its streams. Blocks that stay closed keep the words of the
    streams that they carry on."""
    if inside is not None:
        ends = [(lane.flow.start, lane.flow.end, lane.word, lane.extent.tokens) for lane in inside.lanes]
    else:
        flows = block.flows
        ends = [(flow.start, flow.end, passed.words.get(flow.start, ""), 0) for flow in flows]
    for start, end, word, tokens in ends:
        if word and tokens:
            passed.sizes.setdefault(word, tokens)
        if end >= 0 and end != start:
            passed.words[end] = word or passed.words.get(start, "")
            passed.makers[end] = block.path
