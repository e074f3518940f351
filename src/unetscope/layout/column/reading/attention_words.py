"""Attention in three steps: what makes queries, keys and values, the scores, and the projection behind
them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from unetscope.cost import Cost
from unetscope.layout.column.reading.block_calls import SCORES, BlockCalls
from unetscope.layout.column.reading.cells import Cell, Condition
from unetscope.layout.column.reading.feed_forward import activation, form_of, layer_rows, mixes_of, widths_of
from unetscope.vocabulary import kind_of
from unetscope.words import units

Found = list[tuple[Cell, list[int]]]


def attention_cells(block: BlockCalls, path: str, calls: list[int], streams: frozenset[int]) -> Found:
    """The boxes of one attention with the calls of each: projections by stream, scores, projections out."""
    scored = [call for call in calls if block.scores(call)]
    behind = block.any_reach(scored)
    before = [call for call in calls if call in behind and call not in scored]
    after = [call for call in calls if call not in before and block.reach[call] & set(scored)]
    beside = [call for call in calls if call not in before and call not in after and call not in scored]
    cells = _projections(block, path, before, streams)
    cells.append((_scores(block, path, before, scored, streams), scored))
    mixed = activation(block, beside)
    layers = [call for call in beside if block.multiplies(call)]
    if mixed and layers:
        cells.append((_gate(block, path, layers, mixed), beside))
    elif mixed:
        cells = [(_fused(block, cell, own, scored[0]), own) for cell, own in cells]
        cells.append((_mixed(block, path, beside, mixed), beside))
    return cells + _outs(block, path, after)


def _projections(block: BlockCalls, path: str, before: list[int], streams: frozenset[int]) -> Found:
    """A box for each set of streams that queries, keys and values are made of; those of a context with the
    queries that look at it."""
    groups: dict[frozenset[int], list[int]] = {}
    for call in before:
        if block.multiplies(call):
            groups.setdefault(block.behind(call) & streams, []).append(call)
    context = groups.pop(frozenset(), [])
    cells: Found = []
    for own, group in groups.items():
        flow = [call for call in before if block.behind(call) & streams == own]
        letters, _, widths = _letters(block, group, crossing=bool(context)).partition(": ")
        notes = (" · ".join([widths, *_norms(block, flow)]),)
        cost = block.own_cost([*group, *_norm_calls(block, flow)])
        cell = Cell(
            "projection", letters, path, cost, notes, ("Q, K, V", ""), layers=layer_rows(block, group)
        )
        cells.append((cell, flow))
    if context and cells:
        beside = [call for call in before if not block.behind(call) & streams]
        cells[0] = _with_context(block, *cells[0], context, beside)
    return cells


def _with_context(
    block: BlockCalls, cell: Cell, flow: list[int], layers: list[int], calls: list[int]
) -> tuple[Cell, list[int]]:
    """The box of the queries with the keys and values of a context: its layers, and all its calls."""
    width_in, width_out = widths_of(block, layers[0])
    more = block.own_cost([*layers, *_norm_calls(block, calls)])
    both = replace(
        cell,
        cost=cell.cost + more,
        notes=(*cell.notes, f"K, V of c: {width_in} → {width_out}"),
        reads=frozenset({"c"}),
        layers=cell.layers + layer_rows(block, layers),
    )
    return both, flow + calls


_LETTER = re.compile(r"(?:^|_)(q|k|v|kv|qkv)(?:_|$)")


def _letters(block: BlockCalls, calls: Sequence[int], *, crossing: bool) -> str:
    """What a group of projections makes: "Q, K, V: 3072 → 3 × 3072"."""
    widths = [widths_of(block, call) for call in calls]
    width_in, outs = widths[0][0], [out for _, out in widths]
    named = [hit for call in calls if (hit := _LETTER.search(block.node(call).path.rpartition(".")[2]))]
    letters = "".join(sorted({letter for hit_ in named for letter in hit_[1]}, key="qkv".index)).upper()
    letters = letters if len(named) == len(calls) else "Q" if crossing and len(calls) == 1 else "QKV"
    if len(outs) > 1 and len({*outs}) == 1:
        return f"{', '.join(letters)}: {width_in} → {len(outs)} × {outs[0]}"
    return f"{', '.join(letters)}: {width_in} → {' + '.join(map(str, outs))}"


def _norm_calls(block: BlockCalls, calls: Sequence[int]) -> list[int]:
    return [call for call in calls if kind_of(block.node(call).type) == "norm"]


def _norms(block: BlockCalls, calls: Sequence[int]) -> list[str]:
    """The norm on queries and keys: "RMSNorm on Q, K"."""
    norms = {
        block.node(call).path: block.node(call).type.removeprefix("FP32")
        for call in _norm_calls(block, calls)
    }
    if not norms:
        return []
    name = next(iter(norms.values()))
    return [f"{name} on {'Q, K' if len(norms) > 1 else 'Q'}"]


def _scores(
    block: BlockCalls, path: str, before: list[int], scored: list[int], streams: frozenset[int]
) -> Cell:
    """The box of QKᵀ and PV.

    Linear attention has no scores between tokens, and says what these would take.
    """
    own = block.own_cost(scored)
    cost = Cost(attention=own.attention, other=own.other)
    positioned = ["RoPE"] if _turned(block, before, scored, streams) else []
    if all(block.operation(call).name != SCORES for call in scored):
        return _written_out(block, path, before, scored, cost)
    looks = [_looking(block, call, streams) for call in scored if block.operation(call).name == SCORES]
    title = " + ".join(dict.fromkeys(look.kind for look in looks))
    crosses = "cross" in title and "between" not in title
    keys = " + ".join(dict.fromkeys(str(look.keys) for look in looks))
    apart = any(look.keys != look.queries for look in looks)
    tokens = f"{looks[0].queries} tokens look at {keys}" if apart else f"{keys} tokens"
    return Cell(
        "scores",
        title,
        path,
        cost,
        (" · ".join([looks[0].heads, *positioned, tokens]),),
        (title, f"{looks[0].heads} · {keys} tokens" if crosses else looks[0].heads),
        frozenset[Condition]({"c"} if crosses else ()),
    )


@dataclass(frozen=True, slots=True)
class Looking:
    """One product of queries and keys: its kind of attention, its tokens, its heads in words."""

    kind: str
    queries: int
    keys: int
    heads: str


def _looking(block: BlockCalls, call: int, streams: frozenset[int]) -> Looking:
    """What looks at what, from the streams that queries and keys descend from."""
    shapes, reads = block.operation(call).inputs, block.reads(call)
    queries, keys = shapes[0][-2], shapes[1][-2]
    query = block.behind(reads[0]) & streams
    key = block.behind(reads[min(1, len(reads) - 1)]) & streams
    kind = "joint attention" if len(key) > 1 else "self-attention"
    if not key:
        kind = "cross-attention"
    elif not key & query:
        kind = "cross-attention between streams"
    elif keys > queries and len(key) == 1:
        kind = "self- and cross-attention"
    return Looking(kind, queries, keys, f"{shapes[0][-3]} heads × {shapes[0][-1]}")


def _written_out(block: BlockCalls, path: str, before: list[int], scored: list[int], cost: Cost) -> Cell:
    """Attention as products of its own. Where keys meet values first, their product has no axis of tokens: it
    is linear, and says what the scores of each token with each would take."""
    first = block.operation(scored[0])
    number = first.inputs[0][0]
    heads, tokens, wide = (
        number // block.architecture.basis.batch,
        first.inputs[0][-1],
        min(first.outputs[0][-2:]),
    )
    if any("softmax" in block.operation(call).name for call in block.calls if scored[0] < call < scored[-1]):
        named = f"{heads} heads × {tokens}"
        return Cell("scores", "attention", path, cost, (named,), ("attention", named))
    rectified = any(block.operation(call).name == "relu" for call in before)
    how = ["ReLU Q · (ReLU Kᵀ · V)"] if rectified else ["Q · (Kᵀ · V)"]
    softmax = f"softmax would take {units.macs(2 * number * tokens * tokens * wide)}"
    notes = (" · ".join([f"{heads} heads × {wide}", *how]), softmax)
    brief = ("linear attention", f"{heads} heads × {wide}, cost O(N)")
    return Cell("scores", "linear attention, O(N)", path, cost, notes, brief)


def _turned(block: BlockCalls, before: list[int], scored: list[int], streams: frozenset[int]) -> bool:
    """Whether queries or keys are turned by positions that come from outside the block."""
    for call in before:
        operation = block.operation(call)
        outside = [
            read for read in block.reads(call) if read in block.read_from_outside and read not in streams
        ]
        if operation.name in ("mul", "mul_") and outside and len(operation.inputs) == 2:
            small = min(operation.inputs, key=_size)
            if small and small[-1] > 1 and _size(small) > small[-1]:
                return True
    return False


def _size(shape: Sequence[int]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def _fused(block: BlockCalls, cell: Cell, own: list[int], scored: int) -> Cell:
    """The box of one layer that makes queries, keys and values and what the MLP starts from."""
    layers = [call for call in own if block.multiplies(call)]
    queries = block.operation(scored).inputs[0]
    inner = queries[-3] * queries[-1]
    if cell.kind != "projection" or len(layers) != 1:
        return cell
    width_in, width_out = widths_of(block, layers[0])
    rest = width_out - 3 * inner
    if rest <= 0:
        return cell
    tail = cell.notes[0].partition(" · ")[2]
    note = " · ".join(filter(None, [f"{width_in} → 3 × {inner} + {rest}", tail]))
    return replace(cell, title="Q, K, V and MLP", notes=(note,), mixes=(3 * inner, rest))


def _mixed(block: BlockCalls, path: str, beside: list[int], named: str) -> Cell:
    """The middle of an MLP that shares its first and last layer with attention."""
    wide = block.operation(beside[-1]).outputs[0][-1]
    return Cell("feed-forward", f"MLP {named} {wide}", path, Cost(), brief=("MLP", f"{wide}, {named}"))


def _gate(block: BlockCalls, path: str, layers: list[int], named: str) -> Cell:
    """A layer beside attention, whose activation multiplies what attention gives (Krea 2)."""
    width_in, width_out = widths_of(block, layers[0])[0], widths_of(block, layers[-1])[1]
    rows = layer_rows(block, layers)
    note = f"{width_in} → {width_out} · {named}"
    return Cell("projection", "gate of attention", path, block.own_cost(layers), (note,), layers=rows)


def _outs(block: BlockCalls, path: str, after: list[int]) -> Found:
    """A box for each layer behind the scores."""
    cells: Found = []
    for call in after:
        if block.multiplies(call):
            title = form_of(block, call)
            cell = Cell(
                "projection",
                title,
                path,
                block.node(call).own,
                layers=layer_rows(block, [call]),
                brief=("out", ""),
                mixes=mixes_of(block, call),
            )
            cells.append((cell, [call]))
        elif cells and cells[-1][1][0] in block.reach[call]:
            cells[-1][1].append(call)
    return cells
