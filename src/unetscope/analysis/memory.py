"""Bytes that live during one forward, from the recorded life of every storage. Weights not included."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from unetscope.model import Architecture, Operation

ATTENTION = "scaled_dot_product_attention"
WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2, "float64": 8, "int64": 8, "bool": 1}


@dataclass(frozen=True, slots=True)
class Peak:
    """The most bytes of activations that live at once, and the module that runs then."""

    bytes: int
    path: str


def activation_peak(architecture: Architecture, *, attention: str = "fused") -> Peak:
    """The peak of activations in one inference forward, the network's inputs included.

    "fused" attention allocates its output alone; "eager" also holds the scores before and after the
    softmax, each batch × heads × queries × keys.
    """
    live, most = sum(one.bytes for one in architecture.inputs), Peak(0, "")
    storages: list[int] = []
    for call in architecture.calls:
        live -= sum(storages[number] for number in call.frees)
        operation = architecture.operations[call.operation]
        beside = _scores(operation) if attention == "eager" else 0
        storages.extend(call.allocates)
        live += sum(call.allocates)
        if live + beside > most.bytes:
            most = Peak(live + beside, architecture.nodes[call.node].path)
    return most


def _scores(operation: Operation) -> int:
    """Bytes of attention scores that an unfused kernel holds: QKᵀ and its softmax."""
    if operation.name != ATTENTION:
        return 0
    query, key = operation.inputs[:2]
    return 2 * prod(query[:-1]) * key[-2] * WIDTHS[operation.dtype]
