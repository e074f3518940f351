"""The phases of a block: which boxes lead to which residual addition, on which lane, and what runs beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.cells import Cell, Fork, Link, Phase
from unetscope.layout.column.reading.parts import Unit
from unetscope.layout.column.reading.residuals import Flowing

PhaseRow = tuple[int, int]
"""A residual addition: the number of its stream, and its number on that stream."""


def place_of(block: BlockCalls, unit: Unit, flows: Sequence[Flowing]) -> dict[PhaseRow, bool]:
    """The additions a box leads to first, one for each stream, on the streams it belongs to."""
    calls = set(unit.calls)
    if any(calls & block.behind(flow.start) for flow in flows):
        return {}
    first: dict[PhaseRow, bool] = {}
    for stream, flow in enumerate(flows):
        for number, addition in enumerate(flow.additions):
            if calls & block.behind(addition.added):
                first[stream, number] = True
                break
    reached = block.any_reach(calls) | calls
    own = {stream for stream, flow in enumerate(flows) if flow.start in reached}
    if len(own) > 1 and first:
        own = {stream for stream, _ in first} & own or own
    joined = {place: True for place in first if place[0] in own}
    if joined:
        return joined
    if first and own:  # a stream that only feeds others: its boxes stand beside those they lead to
        stream, last = min(own), max(0, len(flows[min(own)].additions) - 1)
        return {(stream, min(last, *(number for _, number in first))): True}
    return {}


def rows(placed: Sequence[Mapping[PhaseRow, bool]], flows: Sequence[Flowing]) -> dict[PhaseRow, int]:
    """The phase of each addition: in order on each stream, side by side where boxes lead to both."""
    places = [
        (stream, number) for stream, flow in enumerate(flows) for number in range(max(1, len(flow.additions)))
    ]
    rows = {place: place[1] for place in places}
    for _ in range(len(places) + 1):
        for shared in placed:
            if len(shared) > 1:
                deepest = max(rows[place] for place in shared)
                rows.update(dict.fromkeys(shared, deepest))
        for stream, number in places:
            if number:
                rows[stream, number] = max(rows[stream, number], rows[stream, number - 1] + 1)
    return rows


def phase(
    block: BlockCalls,
    inside: Sequence[tuple[Unit, Mapping[PhaseRow, bool]]],
    flows: Sequence[Flowing],
    closes: frozenset[int],
    rows: Mapping[PhaseRow, int],
    number: int,
) -> Phase:
    shared = [unit for unit, own in inside if len(own) > 1 or _joins(block, unit, flows)]
    over = {call for unit in shared for call in unit.calls}
    before: list[list[Unit]] = [[] for _ in flows]
    after: list[list[Unit]] = [[] for _ in flows]
    for unit, own in inside:
        if unit not in shared:
            stream = next(iter(own))[0]
            late = bool(over & block.any_reach(unit.calls))
            (after if late else before)[stream].append(unit)
    early = frozenset(
        stream
        for (stream, at), row in rows.items()
        if row == number
        and at
        and flows[stream].additions
        and flows[stream].additions[at].carried == flows[stream].start
    )
    return Phase(
        tuple(tuple(_forked(block, lane)) for lane in before),
        tuple(_of_all(unit.cell) for unit in shared),
        tuple(tuple(_forked(block, lane)) for lane in after),
        closes,
        early,
    )


def _of_all(cell: Cell) -> Cell:
    """A box over all lanes: attention in it is joint, though the streams may be parts of one tensor."""
    title = cell.title.replace("self-attention", "joint attention")
    return replace(
        cell, title=title, brief=(cell.brief[0].replace("self-attention", "joint attention"), cell.brief[1])
    )


def _joins(block: BlockCalls, unit: Unit, flows: Sequence[Flowing]) -> bool:
    """Whether a box is attention over several streams, though only one goes on behind it."""
    if unit.cell.kind != "scores" or len(flows) < 2:
        return False
    return unit.cell.title.startswith("joint")


def _forked(block: BlockCalls, lane: list[Unit]) -> Iterator[Link]:
    """The boxes of a lane, those that neither read the other's result beside each other."""
    scores = next((unit for unit in lane if unit.cell.kind == "scores"), None)
    if scores is None:
        yield from (unit.cell for unit in lane)
        return
    aside = [unit for unit in lane if unit.cell.kind == "feed-forward" and _strangers(block, unit, scores)]
    if not aside:
        yield from (unit.cell for unit in lane)
        return
    others = [unit for unit in lane if unit not in aside]
    main = [unit for unit in others if _apart_from(block, unit, aside)]
    fused = any(set(block.any_reach(other.calls)) & set(unit.calls) for other in aside for unit in main)
    if fused:
        main = [scores]
    ahead = [unit for unit in others if unit not in main and not _follows(block, unit, scores)]
    behind = [unit for unit in others if unit not in main and _follows(block, unit, scores)]
    yield from (unit.cell for unit in ahead)
    yield Fork((tuple(unit.cell for unit in main), tuple(unit.cell for unit in aside)))
    yield from (unit.cell for unit in behind)


def _apart_from(block: BlockCalls, unit: Unit, aside: Sequence[Unit]) -> bool:
    """Whether a box neither feeds the boxes aside nor reads them: it is on the other branch."""
    return unit.cell.kind != "norm" and all(_strangers(block, unit, other) for other in aside)


def _follows(block: BlockCalls, unit: Unit, other: Unit) -> bool:
    return bool(block.any_reach(unit.calls) & set(other.calls))


def _strangers(block: BlockCalls, unit: Unit, two: Unit) -> bool:
    return not _follows(block, unit, two) and not _follows(block, two, unit)
