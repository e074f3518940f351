"""Feed-forward parts: an MLP in one box, convolutions and gates (Mix-FFN) step by step, experts with
their router."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.cost import Cost, total
from unetscope.layout.column.reading.block_calls import BlockCalls
from unetscope.layout.column.reading.cells import Cell, LayerRow

_GATES = {"silu": "SwiGLU", "gelu": "GEGLU", "sigmoid": "GLU", "relu": "ReGLU"}
_PLAIN = {"silu": "SiLU", "gelu": "GELU", "relu": "ReLU", "sigmoid": "sigmoid", "mish": "Mish"}
_IMAGE_RANK = 4


def feed_forward_cells(block: BlockCalls, path: str, calls: list[int]) -> list[tuple[Cell, list[int]]]:
    """The boxes of a feed-forward part with the calls of each."""
    working = [call for call in calls if block.multiplies(call)]
    if any(block.operation(call).name == "topk" for call in calls):
        return [(_experts(block, path, calls, working), calls)]
    if any(block.operation(call).op_class == "conv" for call in working):
        return _stepwise(block, path, calls)
    return [(_mlp(block, path, calls, working), calls)]


def widths_of(block: BlockCalls, call: int) -> tuple[int, int]:
    """What a layer reads and makes for each token."""
    operation = block.operation(call)
    if operation.op_class == "conv":
        shape = next(input_ for input_ in operation.inputs if len(input_) >= 3)
        return shape[1], operation.outputs[0][1]
    node = block.node(call)
    width_in, width_out = node.attributes.get("in_features"), node.attributes.get("out_features")
    if isinstance(width_in, int) and isinstance(width_out, int):
        return width_in, width_out
    return operation.inputs[-2][-1], operation.outputs[0][-1]


def mixes_of(block: BlockCalls, call: int) -> tuple[int, ...]:
    """The widths that a layer reads of attention's result and what is joined to it; () where it reads one."""
    source = block.reads(call)[0]
    if source not in block.reach or block.operation(source).name != "cat":
        return ()
    if not any(block.scores(read) for read in block.reach[source] if read in block.reach):
        return ()
    widths = tuple(shape[-1] for shape in block.operation(source).inputs)
    return widths if len(widths) > 1 and sum(widths) == widths_of(block, call)[0] else ()


def form_of(block: BlockCalls, call: int) -> str:
    """A layer in a few words: "linear 3072 → 64", "conv 1×1, 2240 → 11200", "depthwise 3×3, 11200"."""
    channels_in, channels_out = widths_of(block, call)
    operation = block.operation(call)
    if operation.op_class != "conv":
        return f"linear {channels_in} → {channels_out}"
    weight = operation.inputs[1]
    kernel = "×".join(str(side) for side in weight[2:])
    if operation.details.get("groups", 1) == channels_in and channels_in > 1:
        return f"depthwise {kernel}, {channels_out}"
    return f"conv {kernel}, {channels_in} → {channels_out}"


def layer_rows(block: BlockCalls, calls: Sequence[int]) -> tuple[LayerRow, ...]:
    """The layers that some calls ran, for a picture of layers."""
    rows = []
    for call in calls:
        node = block.node(call)
        rows.append(LayerRow(_own_name(block, node.path), form_of(block, call), node.own))
    return tuple(rows)


def _own_name(block: BlockCalls, path: str) -> str:
    """What a layer is called in its part: "to_out.0"."""
    names = path[len(block.path) + 1 :].split(".")
    return ".".join(names[1:][-2:]) if len(names) > 1 else names[0]


def activation(block: BlockCalls, calls: Sequence[int]) -> str:
    """The activation among some calls, gated where its result is multiplied with another: "SwiGLU"."""
    for call in calls:
        name = block.operation(call).name
        if name in _PLAIN:
            gated = any(
                block.operation(after).name in ("mul", "mul_")
                and len(block.reads(after)) == 2
                and call in block.reads(after)
                and len({*block.operation(after).inputs}) == 1
                for after in calls
            )
            return _GATES.get(name, "GLU") if gated else _PLAIN[name]
    return ""


def _mlp(block: BlockCalls, path: str, calls: list[int], working: list[int]) -> Cell:
    first, last = widths_of(block, working[0])[0], widths_of(block, working[-1])
    hidden = last[0]
    named = activation(block, calls)
    wide = sum(widths_of(block, call)[1] for call in working[:-1])
    if wide > hidden and wide % hidden == 0:
        named = f"{named or 'gate'} of {wide // hidden} × {hidden}"
    return Cell(
        "feed-forward",
        f"MLP {first} → {hidden} → {last[1]}",
        path,
        block.architecture.costs[path],
        notes=(named,) if named else (),
        brief=("MLP", " · ".join(filter(None, [f"{first} → {hidden}", named.partition(" of ")[0]]))),
        layers=layer_rows(block, working),
    )


def _experts(block: BlockCalls, path: str, calls: list[int], working: list[int]) -> Cell:
    """A router that sends each token to some of many experts, with an expert for all of them where there
    is one."""
    chosen = next(call for call in calls if block.operation(call).name == "topk")
    router = [call for call in working if call in block.behind(chosen)]
    number = widths_of(block, router[-1])[1] if router else 0
    active = block.operation(chosen).details.get("k")
    ran = [call for call in working if call not in router]
    hidden = widths_of(block, ran[0])[1] if ran else 0
    shared = [call for call in ran if "shared" in block.node(call).path]
    by_token = isinstance(active, int) and active <= number
    notes = [
        f"router: {active} of {number} experts for each token"
        if by_token
        else f"router: each expert takes {active} tokens",
        activation(block, calls),
    ]
    if shared:
        notes.append(f"one shared by all, {widths_of(block, shared[0])[1]} wide")
    wide = widths_of(block, ran[0])[0] if ran else 0
    return Cell(
        "feed-forward",
        f"{number} experts, each {wide} → {hidden} → {wide}",
        path,
        block.architecture.costs[path],
        notes=tuple(notes),
        brief=("experts", f"{f'{active} of ' if by_token else ''}{number}" + ", 1 shared" * bool(shared)),
        layers=layer_rows(block, working),
    )


def _stepwise(block: BlockCalls, path: str, calls: list[int]) -> list[tuple[Cell, list[int]]]:
    """A box for each layer, with the activation behind it, and for the gate between them."""
    cells: list[tuple[Cell, list[int]]] = []
    whole = block.architecture.costs[path]
    for index, call in enumerate(calls):
        operation = block.operation(call)
        if block.multiplies(call):
            title = form_of(block, call)
            cell = Cell(
                "feed-forward",
                title,
                block.node(call).path,
                block.node(call).own,
                layers=layer_rows(block, [call]),
                brief=("", ""),
            )
            cells.append((cell, [call]))
        elif not cells:
            continue
        elif (
            operation.name in ("mul", "mul_") and len({*operation.inputs}) == 1 and len(operation.inputs) == 2
        ):
            half = (
                operation.outputs[0][1]
                if len(operation.outputs[0]) == _IMAGE_RANK
                else operation.outputs[0][-1]
            )
            gate = f"GLU: {half} × SiLU of the other {half}"
            cells.append((Cell("other", gate, path, Cost()), [call]))
        else:
            _follow(block, cells, call, calls[index + 1 :])
    missing = total(cell.cost for cell, _ in cells)
    first, own = cells[0]
    steps = ", ".join(_short(block, call) for call in calls if block.multiplies(call))
    cells[0] = (_named(first, steps, whole, missing), own)
    return cells


def _follow(block: BlockCalls, cells: list[tuple[Cell, list[int]]], call: int, later: list[int]) -> None:
    """A call joined to the box before it; an activation, unless it belongs to a gate, said in the box's
    title."""
    cell, own = cells[-1]
    word = _PLAIN.get(block.operation(call).name, "")
    gate = any(
        block.operation(other).name in ("mul", "mul_") and call in block.reads(other) for other in later
    )
    if word and not gate:
        cell = Cell(cell.kind, f"{cell.title} · {word}", cell.path, cell.cost, layers=cell.layers)
    cells[-1] = (cell, [*own, call])


def _named(cell: Cell, steps: str, whole: Cost, cost: Cost) -> Cell:
    """The first box of a Mix-FFN, which names all of it and holds what no other box does."""
    rest = Cost(params=whole.params - cost.params)
    return Cell(
        cell.kind, cell.title, cell.path, cell.cost + rest, layers=cell.layers, brief=("Mix-FFN", steps)
    )


def _short(block: BlockCalls, call: int) -> str:
    operation = block.operation(call)
    kernel = (
        "×".join(str(side) for side in operation.inputs[1][2:]) if operation.op_class == "conv" else "linear"
    )
    deep = operation.details.get("groups", 1) == widths_of(block, call)[0]
    return f"depthwise {kernel}" if deep and operation.op_class == "conv" else kernel
