"""The parts of a block as boxes: norms with what modulates them, attention in three steps, feed-forward,
rest.

Nothing here knows a class of diffusers: what a part is follows from the operations it ran.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from unetscope.cost import Cost
from unetscope.layout.column.reading.attention_words import attention_cells
from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.cells import Cell, CellKind, Condition
from unetscope.layout.column.reading.feed_forward import feed_forward_cells, form_of, layer_rows, mixes_of
from unetscope.layout.column.reading.tokens import extent_of, shape_of
from unetscope.vocabulary import kind_of
from unetscope.words import units

ACTIVATIONS = {
    "gelu": "GELU",
    "silu": "SiLU",
    "relu": "ReLU",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "mish": "Mish",
}
_TIMES = frozenset({"mul", "mul_"})
_PLUS = frozenset({"add", "add_"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A box with the calls it stands for."""

    cell: Cell
    calls: tuple[int, ...]


def units_of(block: BlockCalls, streams: frozenset[int], starts: frozenset[int]) -> list[Unit]:
    """The boxes of a block, in the order of the forward. `starts` are the calls its streams begin with,
    `streams` these and what they are made of."""
    boxes: list[Unit] = []
    for path, calls in block.parts.items():
        boxes += _cells(block, path, calls, streams, starts)
    boxes = _with_activations(block, [unit for unit in boxes if unit.calls])
    marks = _modulations(block, boxes, streams)
    return [_modulated(block, unit, marks.get(index, set())) for index, unit in enumerate(boxes)]


def _cells(
    block: BlockCalls, path: str, calls: list[int], streams: frozenset[int], starts: frozenset[int]
) -> list[Unit]:
    flowing = [call for call in calls if block.behind(call) & streams]
    if not flowing:
        return []
    if any(block.scores(call) for call in calls):
        return [Unit(cell, tuple(own)) for cell, own in attention_cells(block, path, calls, starts)]
    working = [call for call in flowing if block.multiplies(call)]
    if len(working) > 1:
        return [Unit(cell, tuple(own)) for cell, own in feed_forward_cells(block, path, calls)]
    if working:
        return [Unit(_single(block, path, working[0]), tuple(calls))]
    return [Unit(_plain(block, path), tuple(calls))]


def _single(block: BlockCalls, path: str, call: int) -> Cell:
    """A part with one layer that works on tokens."""
    form = form_of(block, call)
    cost = block.architecture.costs[path]
    kind: CellKind = "conv" if block.operation(call).op_class == "conv" else "linear"
    rows, mixes = layer_rows(block, [call]), mixes_of(block, call)
    return Cell(kind, form, path, cost, layers=rows, brief=(kind, form), mixes=mixes)


def _plain(block: BlockCalls, path: str) -> Cell:
    """A part without a layer that works on tokens: a norm, alone or with what makes its scale and shift."""
    architecture = block.architecture
    norms = [node for node in architecture.below(path) if kind_of(node.type) == "norm"]
    if norms:
        name = norms[-1].type.removeprefix("FP32")
        return Cell("norm", name, path, architecture.costs[path], brief=(name, ""))
    return Cell("other", architecture.by_path[path].type, path, architecture.costs[path])


def _with_activations(block: BlockCalls, units: list[Unit]) -> list[Unit]:
    """The boxes, an activation that is a module of its own joined to the box it follows."""
    joined: list[Unit] = []
    for unit in units:
        names = [ACTIVATIONS.get(block.operation(call).name) for call in unit.calls]
        names = [name for name in names if name]
        source = _feeding(block, joined, unit)
        if unit.cell.kind == "other" and names and not unit.cell.cost.params and source is not None:
            before = joined[source]
            kind = "feed-forward" if before.cell.kind == "linear" else before.cell.kind
            title = f"{before.cell.title} · {names[0]}"
            if kind == "feed-forward":
                title = title.replace("linear", "MLP", 1)
            cell = replace(before.cell, kind=kind, title=title, brief=("MLP", title.removeprefix("MLP ")))
            joined[source] = Unit(cell, (*before.calls, *unit.calls))
        else:
            joined.append(unit)
    return joined


def _feeding(block: BlockCalls, boxes: list[Unit], unit: Unit) -> int | None:
    """The number of the box whose result a box reads first."""
    reads = {read for call in unit.calls for read in block.reads(call)}
    return next((index for index, other in enumerate(boxes) if reads & set(other.calls)), None)


def _modulations(block: BlockCalls, units: list[Unit], streams: frozenset[int]) -> dict[int, set[str]]:
    """For boxes, by number, what conditions make of their results: scale, shift, gate."""
    owner = {call: index for index, unit in enumerate(units) for call in unit.calls}
    marks: dict[int, set[str]] = {}
    carried = {addition.call for addition in block.additions}
    for call in block.calls:
        reads = block.reads(call)
        flowing = [read for read in reads if block.behind(read) & streams and read not in carried]
        others = [read for read in reads if not block.behind(read) & streams]
        if len(reads) != 2 or len(flowing) != 1 or len(others) != 1:
            if call not in owner and len(flowing) == 1 and flowing[0] in owner and call not in carried:
                owner[call] = owner[flowing[0]]
            continue
        target = owner.get(call, owner.get(flowing[0]))
        name = block.operation(call).name
        if target is None or not (name in _TIMES or name in _PLUS):
            continue
        if call in owner and units[target].cell.kind != "norm":
            continue  # inside attention: positions, masks
        owner[call] = target
        norm = units[target].cell.kind == "norm" and not _gates(block, call, units[target])
        word = "shift" if name in _PLUS else "scale" if norm else "gate"
        marks.setdefault(target, set()).add(word)
    return marks


def _gates(block: BlockCalls, call: int, unit: Unit) -> bool:
    """Whether a product goes straight into a residual addition: that of a norm behind attention."""
    return any(addition.added == call for addition in block.additions) and call not in unit.calls


def _modulated(block: BlockCalls, unit: Unit, marks: set[str]) -> Unit:
    """A box with what conditions make of it."""
    if not marks:
        return unit
    order = [word for word in ("scale", "shift", "gate") if word in marks]
    cell, reads = unit.cell, frozenset[Condition]({"t"})
    if cell.kind == "norm":
        cell = replace(cell, title=" · ".join([cell.title, ", ".join(order)]))
    elif cell.notes:
        cell = replace(cell, notes=(*cell.notes[:-1], f"{cell.notes[-1]} · gate"))
    else:
        cell = replace(cell, title=f"{cell.title} · gate")
    return Unit(replace(cell, reads=cell.reads | reads), unit.calls)


def modulation_note(block: BlockCalls, unit: Unit, makers: Iterable[int], cost: Cost) -> str:
    """What makes a box's scale, shift and gate, and what the box costs: "6 × 3072 from t · 56.6 M
    params". Layers
    that only feed another (DiT's embeddings of time) make nothing themselves."""
    layers = [call for call in makers if block.multiplies(call)]
    fed = {read for call in layers for read in block.reach.get(call, frozenset()) if read != call}
    calls = [call for call in layers if call not in fed]
    if not calls:
        return ""
    wide = extent_of(shape_of(block.architecture, unit.calls[-1])).width
    outputs = sum(block.operation(call).outputs[0][-1] for call in calls)
    whole = outputs % wide == 0 and outputs > wide
    count = f"{outputs // wide} × {wide}" if whole else str(outputs)
    return f"{count} from t · {units.params(cost.params)} params"
