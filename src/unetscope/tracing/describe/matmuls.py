"""Which matmuls of two activations are attention: QKᵀ feeds a softmax and PV is fed by one, whatever the
class of their module is called. Known only once a forward is over, as QKᵀ comes before its softmax."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

from unetscope.calls import Call, Operation

_SOFTMAX = frozenset({"softmax", "_softmax", "_safe_softmax"})
_BETWEEN = frozenset(
    """
    add add_ clone copy_ div div_ mul mul_ sub sub_ masked_fill masked_fill_ where nan_to_num native_dropout
    dropout to _to_copy _unsafe_view
    """.split()
)
"""What may stand between the two: scales, masks, biases, casts; each keeps the number of elements."""


def attention_found(
    operations: tuple[Operation, ...], calls: list[Call]
) -> tuple[tuple[Operation, ...], list[Call]]:
    """The same record, with matmuls beside a softmax in the class of attention.

    If all calls of an operation are such matmuls, it changes its class; if only some are, these refer to a
    further operation at the end.
    """
    named = set(_beside_softmax(operations, calls))
    if not named:
        return operations, calls
    attending = {call.operation for index, call in enumerate(calls) if index not in named}
    classed, numbers = list(operations), {}
    for number in sorted({calls[index].operation for index in named}):
        attention = replace(operations[number], op_class="attention")
        if number in attending:
            numbers[number] = len(classed)
            classed.append(attention)
        else:
            numbers[number], classed[number] = number, attention
    renumbered = [
        replace(call, operation=numbers[call.operation]) if index in named else call
        for index, call in enumerate(calls)
    ]
    return tuple(classed), renumbered


def _beside_softmax(operations: tuple[Operation, ...], calls: list[Call]) -> Iterator[int]:
    """Indices of matmuls without a weight before or after a softmax."""
    matmul = [operations[call.operation].op_class == "other" for call in calls]
    softmax = [operations[call.operation].name in _SOFTMAX for call in calls]
    if not any(matmul) or not any(softmax):
        return
    for index in range(len(calls)):
        if softmax[index]:
            yield from (source for source in _sources(operations, calls, index) if matmul[source])
        elif matmul[index] and any(softmax[source] for source in _sources(operations, calls, index)):
            yield index


def _sources(operations: tuple[Operation, ...], calls: list[Call], index: int) -> Iterator[int]:
    """The calls that made the operands of a call; follows elementwise operations along their full size."""
    waiting, seen = list(calls[index].reads), set()
    while waiting:
        here = waiting.pop()
        if here < 0 or here in seen:
            continue
        seen.add(here)
        yield here
        operation = operations[calls[here].operation]
        if operation.name in _BETWEEN and operation.outputs:
            size = prod(operation.outputs[0])
            waiting += [
                read for read in calls[here].reads if read >= 0 and _size(operations, calls[read]) == size
            ]


def _size(operations: tuple[Operation, ...], call: Call) -> int:
    outputs = operations[call.operation].outputs
    return prod(outputs[0]) if outputs else 0
