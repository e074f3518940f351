"""Bytes that live during one inference forward, from the recorded life of every storage; no weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from unetscope.analysis.memory.precision import (
    ATTENTION,
    Precision,
    Storages,
    input_type,
    score_types,
    storages,
    width,
)
from unetscope.calls import Call
from unetscope.model import Architecture, Skip


@dataclass(frozen=True, slots=True)
class Peak:
    """The most bytes of activations that live at once, and the module that runs then."""

    bytes: int
    path: str


def activation_peak(
    architecture: Architecture,
    *,
    attention: str = "fused",
    dtype: str | None = None,
    within: Callable[[Call], bool] | None = None,
) -> Peak:
    """The peak of activations in one inference forward, the network's inputs included.

    `within` says which calls count: those of a part of the network that runs alone, with what they read.

    "fused" attention allocates its output alone; "eager" is diffusers' AttnProcessor, which holds the
    scores (batch × heads × queries × keys) before and after the softmax. `dtype` is that of weights
    and activations, by default the one traced at. Raises ConfigError for a type that does not follow
    from the trace.
    """
    precision = Precision(dtype or architecture.basis.dtype)
    stored = storages(architecture, precision)
    sizes = stored.bytes if within is None else _of_part(architecture, stored, within)
    live = 0 if within else inputs_bytes(architecture, precision)
    most, allocated = Peak(live, ""), 0
    for index, call in enumerate(architecture.calls):
        live -= sum(sizes[number] for number in call.frees)
        new = sum(sizes[allocated : allocated + len(call.allocates)])
        allocated += len(call.allocates)
        beside = eager_beside(architecture, call, stored.types[index], new) if attention == "eager" else new
        beside += stored.beside[index]
        if live + beside > most.bytes and (within is None or within(call)):
            most = Peak(live + beside, architecture.nodes[call.node].path)
        live += new
    return most


def _of_part(architecture: Architecture, stored: Storages, within: Callable[[Call], bool]) -> tuple[int, ...]:
    """Bytes by storage; none for those that calls of a part neither make nor read."""
    seen: set[int | None] = set()
    allocated = 0
    for call in architecture.calls:
        if within(call):
            seen |= {stored.first[source] for source in call.reads if source >= 0}
            seen |= set(range(allocated, allocated + len(call.allocates)))
        allocated += len(call.allocates)
    return tuple(size if number in seen else 0 for number, size in enumerate(stored.bytes))


def inputs_bytes(architecture: Architecture, precision: Precision) -> int:
    """Bytes of the tensors a network is called with."""
    return sum(
        prod(input_.shape) * width(input_type(architecture, index, precision))
        for index, input_ in enumerate(architecture.inputs)
    )


def eager_beside(architecture: Architecture, call: Call, dtype: str, new: int) -> int:
    """The most bytes a call holds beside its operands, attention being unfused; `new` is its result."""
    operation = architecture.operations[call.operation]
    if operation.name != ATTENTION:
        return new
    query, key = operation.inputs[:2]
    scores = prod(query[:-1]) * key[-2]
    narrow = width(dtype)
    scored, normalized = (width(kind) for kind in score_types(architecture, call, dtype))
    copies = (prod(query) + prod(key)) * scored if scored != narrow else 0
    return max(
        prod(query) * narrow if operation.details.get("heads", 1) != 1 else 0,  # heads split off: a copy
        copies + 2 * scored * scores,  # torch.baddbmm adds to an empty tensor of the same size
        copies + (scored + normalized) * scores if scored != normalized else 0,
        2 * normalized * scores,
        (normalized + narrow) * scores if normalized != narrow else 0,
        narrow * scores + new,
    )


def skip_bytes(architecture: Architecture, *, dtype: str | None = None) -> int:
    """The most bytes that tensors of skip connections hold at one moment, which is after the down path."""
    stored = storages(architecture, Precision(dtype or architecture.basis.dtype))
    waiting = skipped(architecture, stored)
    live = most = allocated = 0
    for call in architecture.calls:
        live -= sum(stored.bytes[number] for number in waiting.intersection(call.frees))
        live += sum(
            stored.bytes[number]
            for number in range(allocated, allocated + len(call.allocates))
            if number in waiting
        )
        allocated += len(call.allocates)
        most = max(most, live)
    return most


def skipped(architecture: Architecture, stored: Storages) -> set[int]:
    """Numbers of the storages that skip connections hold; a network input is held anyway."""
    numbers = (_storage(architecture, stored, skip) for skip in architecture.skips)
    return {number for number in numbers if number is not None}


def _storage(architecture: Architecture, stored: Storages, skip: Skip) -> int | None:
    """The storage of a skipped tensor; None for a network input, which is held anyway."""
    for index in architecture.by_path[skip.source].returned:
        if index >= 0 and skip.shape in architecture.operations[architecture.calls[index].operation].outputs:
            return stored.first[index]
    return None
