"""What autograd keeps of each operation for the backward pass, by the rules of torch's derivatives.

Knows operations and storages, no modules; a training forward runs the operations that were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from unetscope.analysis.memory import precision as precisions
from unetscope.analysis.memory.batch import read_from
from unetscope.analysis.memory.frozen import NOTHING, Frozen, trained
from unetscope.analysis.memory.precision import (
    ATTENTION,
    NORMS,
    WIDE,
    Precision,
    Storages,
    score_types,
    width,
)
from unetscope.calls import Call, Operation
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.spec import DTYPES

Key: TypeAlias = tuple[str, int, int]
"""A storage: ("made", its number, 0), ("input", index, 0), or one that training adds: (why, call, order)."""

SavedStorage: TypeAlias = tuple[Key, int]
"""A storage and its bytes."""

_NOTHING = frozenset(
    """
    add add_ alias arange cat chunk clone constant_pad_nd copy_ expand flip mean neg new_zeros ones permute
    pixel_shuffle pixel_unshuffle reflection_pad2d repeat replication_pad2d reshape roll select slice split
    stack sub sub_ sum t transpose unbind upsample_bicubic2d upsample_bilinear2d upsample_nearest1d
    upsample_nearest2d upsample_nearest3d zeros _to_copy _unsafe_view
    """.split()
)
_RESULT = frozenset({"exp", "sigmoid", "tanh", "sqrt", "rsqrt", "reciprocal", "relu", "softmax", "_softmax"})
_PRODUCTS = frozenset({"mul", "mul_", "div", "div_", "mm", "bmm", "addmm", "baddbmm", "mv"})
"""A factor is kept where the other one needs a gradient."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that a call reads: the call that made it (~i: an input), its shape, as cast for the call."""

    source: int
    shape: Shape
    key: Key
    bytes: int


@dataclass(frozen=True)
class Run:
    """A training forward at one precision; `needs` tells by call whether its result needs a gradient,
    `trained` by module whether a parameter of its own does, and whether its weight does."""

    architecture: Architecture
    precision: Precision
    held: Storages
    needs: tuple[bool, ...]
    eager: bool
    frozen: Frozen
    trained: tuple[tuple[bool, bool], ...]

    def operation(self, call: Call) -> Operation:
        """The operation that a call executes."""
        return self.architecture.operations[call.operation]


def run(
    architecture: Architecture, precision: Precision, *, attention: str = "fused", frozen: Frozen = NOTHING
) -> Run:
    """A training forward. Raises ConfigError where the types do not follow from the trace."""
    stored = precisions.storages(architecture, precision)
    needs: list[bool] = []
    trains = trained(architecture, frozen)
    for call, kind in zip(architecture.calls, stored.types, strict=True):
        operation = architecture.operations[call.operation]
        weighted = len(call.reads) < len(operation.inputs) and trains[call.node][0]
        creates = kind not in DTYPES or operation.name.startswith("new_")
        needs.append(
            not creates and (weighted or any(source >= 0 and needs[source] for source in call.reads))
        )
    return Run(architecture, precision, stored, tuple(needs), attention == "eager", frozen, trains)


def storage(forward: Run, source: int) -> SavedStorage | None:
    """The storage of a call's result or of an input; None where a call made nothing that lasts."""
    if source < 0:
        kind = precisions.input_type(forward.architecture, ~source, forward.precision)
        return ("input", ~source, 0), prod(forward.architecture.inputs[~source].shape) * width(kind)
    number = forward.held.first[source]
    return None if number is None else (("made", number, 0), forward.held.bytes[number])


def kept(forward: Run, index: int) -> Iterator[SavedStorage]:
    """The storages that a call keeps for its backward; weights and single numbers are left out."""
    call = forward.architecture.calls[index]
    operation = forward.operation(call)
    if not forward.needs[index] or operation.name in _NOTHING:
        return
    operands = list(_operands(forward, index, operation))
    if operation.name == ATTENTION:
        yield from (_eager if forward.eager else _fused)(forward, index, operands)
    elif operation.name in _RESULT:
        yield from filter(None, [storage(forward, index)])
    else:
        yield from (
            (saved.key, saved.bytes) for saved in _RULES.get(operation.name, _all)(forward, call, operands)
        )
    if operation.name in NORMS:
        yield from _statistics(forward, index)
    if _is_adapted(forward, index):
        size = prod(operation.outputs[0][:-1]) * forward.frozen.rank * width(forward.precision.computed)
        yield ("adapter", index, 0), size


def _is_adapted(forward: Run, index: int) -> bool:
    """Whether a call is that of a linear layer with a LoRA beside it."""
    node = forward.architecture.nodes[forward.architecture.calls[index].node]
    return node.path in forward.frozen.adapted


def _operands(forward: Run, index: int, operation: Operation) -> Iterator[Operand]:
    """What a call reads, weights left out; under autocast each operand is cast for this call alone."""
    call = forward.architecture.calls[index]
    wanted = _wanted(forward, index, operation)
    shapes = operation.inputs[read_from(operation, len(call.reads)) :]
    for order, (source, shape) in enumerate(zip(call.reads, shapes, strict=False)):
        saved_storage = storage(forward, source)
        own = _type(forward, source)
        # A LoRA takes its input to its own type first, even if autocast then takes it back.
        cast = own != wanted or _is_adapted(forward, index)
        if forward.precision.autocast and wanted and own in DTYPES and cast:
            yield Operand(source, shape, ("cast", index, order), prod(shape) * width(wanted))
        elif saved_storage:
            yield Operand(source, shape, *saved_storage)


def _wanted(forward: Run, index: int, operation: Operation) -> str | None:
    """The type autocast brings operands to; None where it leaves them alone."""
    if precisions.is_computed(forward.architecture, forward.architecture.calls[index]):
        return forward.precision.computed
    return WIDE if operation.name in forward.precision.wide else None


def _type(forward: Run, source: int) -> str:
    if source < 0:
        return precisions.input_type(forward.architecture, ~source, forward.precision)
    return forward.held.types[source]


def _all(forward: Run, call: Call, operands: list[Operand]) -> list[Operand]:
    return operands


def _input(forward: Run, call: Call, operands: list[Operand]) -> list[Operand]:
    """The input, and a kernel where the network has made it itself."""
    return operands[:2]


def _factors(forward: Run, call: Call, operands: list[Operand]) -> list[Operand]:
    """Factors beside one that needs a gradient, as a trained weight does; beside a number none is kept."""
    if len(forward.operation(call).inputs) == 1:
        return []
    factors = operands[-2:]
    if len(factors) == 1:
        return factors if forward.trained[call.node][1] else []
    pairs = zip(factors, reversed(factors), strict=True)
    return [operand for operand, other in pairs if other.source >= 0 and forward.needs[other.source]]


_RULES: dict[str, Callable[[Run, Call, list[Operand]], list[Operand]]] = {
    **dict.fromkeys(_PRODUCTS, _factors),
    **dict.fromkeys((*NORMS, "convolution"), _input),
}
"""What an operation keeps of its operands; one without a rule keeps them all."""


def _statistics(forward: Run, index: int) -> Iterator[SavedStorage]:
    """Mean and reciprocal deviation of a norm, which stand after its result."""
    first = forward.held.first[index]
    for order in range(1, len(forward.architecture.calls[index].allocates)):
        number = (first or 0) + order
        yield ("made", number, 0), forward.held.bytes[number]


def _fused(forward: Run, index: int, operands: list[Operand]) -> Iterator[SavedStorage]:
    """Query, key, value, mask, result, and in float32 the logarithm of each softmax' sum."""
    yield from ((operand.key, operand.bytes) for operand in operands)
    yield from filter(None, [storage(forward, index)])
    query = forward.operation(forward.architecture.calls[index]).inputs[0]
    yield ("sums", index, 0), prod(query[:-1]) * width(WIDE)


def _eager(forward: Run, index: int, operands: list[Operand]) -> Iterator[SavedStorage]:
    """Query, key, value with heads split off, the softmax, and the softmax cast back."""
    call = forward.architecture.calls[index]
    own = forward.held.types[index]
    scored, normalized = score_types(forward.architecture, call, own)
    if forward.precision.autocast:
        scored, normalized = own, WIDE if "_softmax" in forward.precision.wide else normalized
    split = forward.operation(call).details.get("heads", 1) != 1
    for order, (operand, kind) in enumerate(zip(operands, (scored, scored, own), strict=False)):
        copied = split or kind != own
        yield (
            (("split", index, order), prod(operand.shape) * width(kind))
            if copied
            else (operand.key, operand.bytes)
        )
    query, key = forward.operation(call).inputs[:2]
    for order, kind in enumerate(dict.fromkeys((normalized, own))):
        yield ("softmax", index, order), prod(query[:-1]) * key[-2] * width(kind)
