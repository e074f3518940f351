"""What the counter of DeepCache's authors counts of a forward, as a formula over the record; it is not run.

horseee/DeepCache @0540d34, DeepCache/flops.py: hooks by a module's class on convolutions (their bias with
them), linear layers (their bias once a call), norms at 2 per element (1 without affine), GELU modules and
pooling; no matmul of two activations. The two forwards of guidance are one batch, whose sum is not divided by
it, as the network is called by keyword. NumPy's product over a shape is a 32-bit integer on Windows: there a
linear layer of 2³¹ MACs and more wraps around.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from unetscope.calls import Operation
from unetscope.model import Architecture

NARROW = "deepcache-32bit"
COUNTERS = {
    "deepcache": "conv + linear with biases, norms at 2 per element, as DeepCache's flops.py prints",
    NARROW: "the same with NumPy's 32-bit integers (Windows): large linear layers wrap around",
}
"""Its ways of counting, in words."""
_CONVS = frozenset(f"Conv{turn}{n}d" for turn in ("", "Transpose") for n in (1, 2, 3))
_NORMS = {"native_group_norm": "GroupNorm", "native_layer_norm": "LayerNorm"}


def counted(architecture: Architecture, runs: Sequence[int], *, batch: int, narrow: bool) -> int:
    """The count of the calls that run in a forward, for a batch `batch` times as large as the traced one.

    `runs` is 0 for a call that does not run; `narrow` wraps products around as 32-bit integers.
    """
    known: dict[tuple[str, int], int] = {}
    whole = 0
    for call, times in zip(architecture.calls, runs, strict=True):
        key = architecture.nodes[call.node].type, call.operation
        if key not in known:
            known[key] = _one(key[0], architecture.operations[key[1]], batch, narrow=narrow)
        whole += times * known[key]
    return whole


def _one(owner: str, operation: Operation, batch: int, *, narrow: bool) -> int:
    """The count of one call, by the class of its module."""
    source = operation.inputs[0] if operation.inputs else ()
    if operation.op_class == "conv" and owner in _CONVS:
        elements, weight = batch * prod(operation.outputs[0]), operation.inputs[1]
        return elements * prod(weight[1:]) + (elements if operation.details.get("bias") else 0)
    if operation.op_class == "linear" and owner == "Linear":
        width, biased = operation.outputs[0][-1], operation.name == "addmm"
        macs = batch * operation.macs
        return (_wrapped(macs) if narrow else macs) + (width if biased else 0)
    if _NORMS.get(operation.name) == owner:
        return batch * prod(source) * (2 if operation.details.get("weight") else 1)
    if owner == "GELU" or (operation.name == "avg_pool2d" and owner == "AvgPool2d"):
        return batch * prod(source)
    return 0


def _wrapped(number: int) -> int:
    """A product as a 32-bit integer holds it."""
    return (number + 2**31) % 2**32 - 2**31
