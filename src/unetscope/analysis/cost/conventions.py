"""Published ways of counting MACs, as formulas over the recorded operations; no counter is run.

Their words are in `words.conventions`.

`full` is what the trace holds. `layers` is conv + linear, what most Stable Diffusion papers print.
`thop` is what thop 0.1.1 prints: it hooks modules by their exact class, so it sees Conv, Linear,
LayerNorm and AvgPool2d modules and no matmul of two activations.
`calflops` is what calflops 0.3.2 prints and `deepspeed` what the profiler of DeepSpeed 0.19.8 does; both
wrap functions of torch.nn.functional. calflops has no wrapper for scaled_dot_product_attention, so that
its MACs are those of `layers`. The FLOPs of both hold more than 2 per MAC: see `analysis.elementwise`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

from unetscope.analysis.cost import caching
from unetscope.analysis.cost.profilers import ELEMENTWISE
from unetscope.calls import Call, Operation
from unetscope.cost import Cost, Counting, OpClass, total
from unetscope.model import Architecture
from unetscope.spec import DTYPES

_HOOKED_CONVS = frozenset(f"Conv{turn}{n}d" for turn in ("", "Transpose") for n in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Work:
    """One counted call: the module's index, the class and MACs of the operation, the FLOPs it counts for
    beside MACs, the bytes it moves."""

    node: int
    op_class: OpClass
    macs: int
    elementwise: int
    moved: int


def counted(architecture: Architecture, counting: Counting) -> Architecture:
    """The same network, its nodes' MACs counted another way; parameters, shapes and calls stay.

    What thop counts beside layers (LayerNorm, pooling) stands under `other`.
    """
    if counting == architecture.counting:
        return architecture
    sums: list[dict[str, int]] = [{} for _ in architecture.nodes]
    for spent in work(architecture, counting):
        own = sums[spent.node]
        own["elementwise"] = own.get("elementwise", 0) + spent.elementwise
        if spent.op_class != "none":
            own[spent.op_class] = own.get(spent.op_class, 0) + spent.macs
    nodes = tuple(
        replace(node, own=Cost(node.own.params, **own))
        for node, own in zip(architecture.nodes, sums, strict=True)
    )
    notes = tuple(note for note in architecture.notes if not note.startswith(REUSED))
    recounted = replace(architecture, nodes=nodes, counting=counting, notes=notes)
    return (
        replace(recounted, notes=(*notes, _each_kind(architecture, recounted)))
        if counting.reuses
        else recounted
    )


REUSED = "each forward: "


def _each_kind(architecture: Architecture, network: Architecture) -> str:
    """What one forward of each kind costs, and an average step."""
    parts = [
        f"{caching.KINDS[kind]} {one_of(architecture, network.counting, kind).macs:,} MACs × {number}"
        for kind, number in network.counting.of_kind.items()
    ]
    mean = network.cost.macs / network.counting.steps
    return f"{REUSED}{', '.join(parts)}; an average step {mean:,.0f} MACs"


def one_of(architecture: Architecture, counting: Counting, kind: tuple[bool, bool]) -> Cost:
    """What one forward costs of a kind that `counting` has."""
    runs = caching.runs(architecture, counting, {kind: 1})
    return total(
        Cost(
            elementwise=spent.elementwise,
            **({} if spent.op_class == "none" else {spent.op_class: spent.macs}),
        )
        for spent in work(architecture, counting, runs)
    )


def work(architecture: Architecture, counting: Counting, runs: Sequence[int] | None = None) -> Iterator[Work]:
    """Every call that the convention counts, times the number of forwards in which it runs."""
    macs_of, beside = _RULES[counting.convention], ELEMENTWISE.get(counting.convention)
    known: dict[tuple[str, int, int], tuple[OpClass, int, int, int]] = {}
    runs = caching.runs(architecture, counting, counting.of_kind) if runs is None else runs
    for call, forwards in zip(architecture.calls, runs, strict=True):
        key = architecture.nodes[call.node].type, call.operation, forwards
        if key not in known:
            operation = architecture.operations[call.operation]
            op_class, macs = macs_of(key[0], operation)
            elementwise = beside(operation) if beside else 0
            known[key] = op_class, forwards * macs, forwards * elementwise, forwards * moved(operation)
        op_class, macs, elementwise, bytes_moved = known[key]
        if op_class != "none" or elementwise:
            yield Work(call.node, op_class, macs, elementwise, bytes_moved)


def of_call(architecture: Architecture, call: Call) -> Cost:
    """The work of one call as the architecture counts it; all forwards that it counts have to be whole."""
    assert not architecture.counting.reuses
    operation, counting = architecture.operations[call.operation], architecture.counting
    op_class, macs = _RULES[counting.convention](architecture.nodes[call.node].type, operation)
    beside = ELEMENTWISE.get(counting.convention)
    cost = Cost(elementwise=beside(operation) if beside else 0)
    return (cost if op_class == "none" else replace(cost, **{op_class: macs})).times(counting.forwards)


def moved(operation: Operation) -> int:
    """Bytes one call moves at least: weights, inputs and outputs once each, nothing in between."""
    elements = sum(prod(shape) for shape in (*operation.inputs, *operation.outputs[:1]))
    return elements * DTYPES.get(operation.dtype, 4)


def _full(_: str, operation: Operation) -> tuple[OpClass, int]:
    return operation.op_class, operation.macs


def _layers(_: str, operation: Operation) -> tuple[OpClass, int]:
    counts = operation.op_class in ("conv", "linear")
    return (operation.op_class, operation.macs) if counts else ("none", 0)


def _thop(owner: str, operation: Operation) -> tuple[OpClass, int]:
    """By the class of the module that runs the operation: a functional call has no hook."""
    if operation.op_class == "conv" and owner in _HOOKED_CONVS:
        source, weight = operation.inputs[:2]
        groups = operation.details.get("groups", 1)
        channels = source[1] // (groups if isinstance(groups, int) else 1)
        return "conv", prod(operation.outputs[0]) * channels * prod(weight[2:])
    if operation.op_class == "linear" and owner == "Linear":
        return "linear", operation.macs
    if operation.name == "native_layer_norm" and owner == "LayerNorm":
        return "other", sum(map(prod, operation.inputs[:1])) * (4 if operation.details.get("weight") else 2)
    if operation.name == "avg_pool2d" and owner == "AvgPool2d":
        return "other", sum(map(prod, operation.outputs[:1]))
    return "none", 0


_RULES: dict[str, Callable[[str, Operation], tuple[OpClass, int]]] = {
    "full": _full,
    "layers": _layers,
    "thop": _thop,
    "calflops": _layers,
    "deepspeed": _full,
}
