"""A block opened: its boxes on the lanes of its streams, phase by phase, each phase up to a residual
addition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unetscope.cost import total
from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.cells import LaneOf, Opened, Phase
from unetscope.layout.column.reading.parts import Unit, modulation_note, units_of
from unetscope.layout.column.reading.phases import PhaseRow, phase, place_of, rows
from unetscope.layout.column.reading.residuals import Flowing
from unetscope.layout.column.reading.tokens import Descent, Extent, extent_of, shape_of
from unetscope.model import Architecture
from unetscope.paths import parent


@dataclass
class Passed:
    """What blocks left behind, in the order of the forward: what each stream is, by the call that ended
    it, and the block that made it."""

    words: dict[int, str]
    makers: dict[int, str]
    sizes: dict[str, int]


def opened(architecture: Architecture, path: str, descent: Descent, passed: Passed) -> Opened:
    """The inside of the block at a path."""
    block = BlockCalls(architecture, path, descent)
    flows = _flows(block, passed)
    lanes = tuple(_lane(block, flow, flows, descent, passed) for flow in flows)
    order = sorted(range(len(flows)), key=lambda number: lanes[number].word == "text")
    flows, lanes = [flows[number] for number in order], tuple(lanes[number] for number in order)
    streams = frozenset(flow.start for flow in flows)
    units = _noted(block, units_of(block, _roots(block, flows), streams))
    return _laid_out(block, units, flows, lanes, passed, streams)


def _roots(block: BlockCalls, flows: Sequence[Flowing]) -> frozenset[int]:
    """What streams begin with and, where that is made inside the block, what it is made of."""
    starts = frozenset(flow.start for flow in flows)
    return starts | frozenset(
        read
        for start in starts
        for read in block.reach.get(start, frozenset())
        if read not in block.reach and len(shape_of(block.architecture, read)) > 2
    )


def _flows(block: BlockCalls, passed: Passed) -> list[Flowing]:
    """The streams of a block, those that only feed the others (the text of SD3's last block) too."""
    flows = block.flows
    starts = {flow.start for flow in flows}
    latest = {word: call for call, word in passed.words.items()}
    feeding = [
        Flowing(call, ())
        for call in sorted(block.read_from_outside & set(latest.values()))
        if call not in starts and not any(call in block.reach.get(start, frozenset()) for start in starts)
    ]
    return [*flows, *feeding]


def _lane(
    block: BlockCalls, flow: Flowing, flows: Sequence[Flowing], descent: Descent, passed: Passed
) -> LaneOf:
    first = flow.additions[0].call if flow.additions else flow.start
    extent = extent_of(shape_of(block.architecture, first))
    return LaneOf(_word(block, flow, extent, descent, passed), extent, flow, bool(flow.additions))


def _word(block: BlockCalls, flow: Flowing, extent: Extent, descent: Descent, passed: Passed) -> str:
    """What a stream is: known from the block before it, else by the inputs it descends from, else by its
    size."""
    alike = [other for other in block.flows if other.start == flow.start]
    if flow.start in passed.words and len(alike) < 2:
        return passed.words[flow.start]
    roles, axes = descent.roles(flow.start), block.architecture.basis.axes
    picture = "video" if "frames" in axes else "image"
    if len(alike) > 1:  # cut out of one tensor
        return "text" if extent.tokens == axes.get("tokens") else picture
    if "sample" in roles and "text context" not in roles:
        return "control" if "control" in roles else picture
    if "sample" not in roles:
        return "audio" if "audio" in roles else "text" if "text context" in roles else "tokens"
    known = [word for word, tokens in passed.sizes.items() if tokens == extent.tokens]
    if len(known) == 1:
        return known[0]
    return f"text + {picture}"


def _noted(block: BlockCalls, units: list[Unit]) -> list[Unit]:
    """The boxes, each norm with what makes its scale and shift; layers that only do that have no box."""
    owner = {call for unit in units for call in unit.calls}
    moved: set[int] = set()
    noted = []
    for unit in units:
        if "t" not in unit.cell.reads:
            noted.append(unit)
            continue
        makers = [call for call in unit.calls if block.multiplies(call) and not _many(block, call)]
        apart = [
            call
            for call in sorted(block.any_reach(unit.calls) | _glue(block, unit, owner))
            if call in block.reach
            and call not in owner
            and call not in moved
            and block.multiplies(call)
            and not _many(block, call)
        ]
        moved.update(apart)
        extra = total({block.node(call).path: block.node(call).own for call in apart}.values())
        note = modulation_note(block, unit, [*makers, *apart], unit.cell.cost + extra)
        notes = (note, *unit.cell.notes) if note else unit.cell.notes
        noted.append(Unit(replace(unit.cell, notes=notes, cost=unit.cell.cost + extra), unit.calls))
    return noted


def _many(block: BlockCalls, call: int) -> bool:
    """Whether a layer works on many tokens: the context's, which it changes before they are looked at."""
    shape = block.operation(call).outputs[0]
    return (shape[0] if len(shape) < 3 else max(shape[1:-1])) > block.architecture.basis.batch


def _glue(block: BlockCalls, unit: Unit, owner: set[int]) -> frozenset[int]:
    """What the operations between boxes read that follow one box."""
    reached: frozenset[int] = frozenset()
    for call in block.calls:
        if call not in owner and set(block.reads(call)) & set(unit.calls):
            reached |= block.reach[call]
    return reached


def _laid_out(
    block: BlockCalls,
    units: list[Unit],
    flows: list[Flowing],
    lanes: tuple[LaneOf, ...],
    passed: Passed,
    streams: frozenset[int],
) -> Opened:
    placed = [place_of(block, unit, flows) for unit in units]
    row_of = rows(placed, flows)
    entry, phases = [], []
    for number in range(max(row_of.values(), default=-1) + 1):
        inside = [
            (unit, own)
            for unit, own in zip(units, placed, strict=True)
            if own and row_of[min(own, key=lambda candidate: row_of[candidate])] == number
        ]
        closes = frozenset(
            stream for (stream, _), row in row_of.items() if row == number and flows[stream].additions
        )
        phases.append(phase(block, inside, flows, closes, row_of, number))
    ahead, behind = _apart(block, units, placed, flows)
    entry = [unit.cell for unit in ahead]
    if behind:
        lane = tuple(unit.cell for unit in behind)
        rest = ((),) * (len(flows) - 1)
        phases.append(Phase((lane, *rest), (), ((), *rest), frozenset()))
    skips = skips_of(block, passed)
    return Opened(lanes, tuple(entry), tuple(phases), skips, _remarks(block))


def _apart(
    block: BlockCalls, units: list[Unit], placed: list[dict[PhaseRow, bool]], flows: list[Flowing]
) -> tuple[list[Unit], list[Unit]]:
    """The boxes before the streams begin, and those behind the last addition."""
    ahead: list[Unit] = []
    behind: list[Unit] = []
    for unit, own in zip(units, placed, strict=True):
        if not own:
            early = any(set(unit.calls) & block.behind(flow.start) for flow in flows)
            (ahead if early else behind).append(unit)
    return ahead, behind


def skips_of(block: BlockCalls, passed: Passed) -> tuple[str, ...]:
    """The blocks of the same stack whose results the block takes in, beside the block right before it."""
    latest = {word: call for call, word in passed.words.items()}
    stack = parent(block.path)
    own = {call for call, path in passed.makers.items() if parent(path) == stack}
    read = block.read_from_outside & own - set(latest.values())
    return tuple(passed.makers[call] for call in sorted(read))


def _remarks(block: BlockCalls) -> tuple[str, ...]:
    """What the block holds besides its boxes: a table of scales and shifts, a factor for each head."""
    own = block.architecture.by_path[block.path].own.params
    shapes = [
        tensor.shape
        for tensor in block.architecture.tensors
        if tensor.owner == block.path and tensor.role == "parameter"
    ]
    if not own or not shapes:
        return ()
    wide = [" × ".join(str(side) for side in shape if side != 1) for shape in shapes if len(shape) > 1]
    single = [shape[0] for shape in shapes if len(shape) == 1]
    return (
        *(f"table of {size} added to t" for size in wide),
        *(f"{size} learned factors" for size in single),
    )
