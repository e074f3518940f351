"""A record of one sample as that of a batch, for counting bytes: what follows from the samples grows.

Shapes grow on their first axis, which keeps the number of elements right where axes are folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from unetscope.analysis.memory.precision import width
from unetscope.calls import Call, Input, Operation
from unetscope.errors import ConfigError
from unetscope.model import Architecture, Node
from unetscope.sizes import Shape


def at_batch(architecture: Architecture, batch: int) -> Architecture:
    """The same forward with a larger batch; costs of modules are left as they are.

    Raises ConfigError for an architecture traced with more than one sample, where tensors without a batch can
    no longer be recognised.
    """
    own = architecture.basis.batch
    if batch == own:
        return architecture
    if own != 1:
        raise ConfigError(f"a trace at batch {own} cannot tell batch {batch}", hint="trace it at batch 1")
    follows = _follows(architecture)
    calls, operations, moved = _grown(architecture, follows, batch)
    return replace(
        architecture,
        basis=replace(architecture.basis, batch=batch),
        inputs=tuple(
            replace(entry, shape=_times(entry.shape, batch), bytes=entry.bytes * batch)
            if entry.shape and _has_batch(entry)
            else entry
            for entry in architecture.inputs
        ),
        nodes=tuple(_node(node, moved, batch) for node in architecture.nodes),
        skips=tuple(replace(skip, shape=_times(skip.shape, batch)) for skip in architecture.skips),
        calls=calls,
        operations=operations,
        scaling=None,
    )


def read_from(operation: Operation, reads: int) -> int:
    """Where the operands that are no weights begin: a bias stands before the factors, a weight after them."""
    whole = reads == len(operation.inputs)
    return 0 if whole or operation.name not in ("addmm", "addmv", "baddbmm") else 1


def _follows(architecture: Architecture) -> list[bool]:
    """Whether each call's result has a batch: it was made from an input, or as one row for each sample.

    What is made empty beside a tensor (new_zeros) takes over its type alone.
    """
    inputs = [_has_batch(entry) for entry in architecture.inputs]
    follows: list[bool] = []
    for call in architecture.calls:
        operation = architecture.operations[call.operation]
        if not call.reads or operation.name.startswith("new_"):
            follows.append(operation.outputs[:1] != () and operation.outputs[0][:1] == (1,))
        else:
            read = (inputs[~source] if source < 0 else follows[source] for source in call.reads)
            follows.append(any(read) or _repeats_a_sample(operation))
    return follows


def _has_batch(entry: Input) -> bool:
    """Whether what is made of an input has a part for each sample; positions and rotary tables do not.

    A time step without a shape has: the forward spreads it over the samples.
    """
    if entry.role == "rope":
        return False
    return entry.role not in ("ids", "history") or entry.shape[:1] == (1,)


def _repeats_a_sample(operation: Operation) -> bool:
    """Whether an operation repeats a table once for each sample: with one sample nothing is repeated."""
    if operation.name != "repeat":
        return False
    (table, *_), (repeated, *_) = operation.inputs, operation.outputs
    return repeated[:1] == (1,) and prod(repeated) == prod(table)


def _grown(
    architecture: Architecture, follows: Sequence[bool], batch: int
) -> tuple[tuple[Call, ...], tuple[Operation, ...], list[int]]:
    """Calls and operations at the larger batch, with the copies that a batch needs, and where each call now
    stands."""
    operations: dict[tuple[int, tuple[bool, ...]], int] = {}
    variants: list[Operation] = []
    inputs = [_has_batch(entry) for entry in architecture.inputs]
    calls = []
    for call, grows in zip(architecture.calls, follows, strict=True):
        operation = architecture.operations[call.operation]
        reads = tuple(inputs[~source] if source < 0 else follows[source] for source in call.reads)
        number = operations.setdefault((call.operation, (grows, *reads)), len(variants))
        if number == len(variants):
            variants.append(_operation(operation, reads, batch=batch if grows else 1))
        allocates = tuple(size * batch for size in call.allocates) if grows else call.allocates
        calls.append(replace(call, operation=number, allocates=allocates))
    return _folded(calls, variants, [node.kind == "linear" for node in architecture.nodes])


def _folded(
    calls: list[Call], operations: list[Operation], linear: list[bool]
) -> tuple[tuple[Call, ...], tuple[Operation, ...], list[int]]:
    """Adds a copy of each operand whose batch cannot be folded into its rows in place. This happens where
    torch adds a linear layer's bias in a separate step: its input is transposed.
    """
    rewritten: list[Call] = []
    moved: list[int] = []
    storages: list[int] = []
    count, copied = 0, None
    for call, after in zip(calls, [*calls[1:], calls[-1]], strict=True):
        frees = tuple(storages[number] for number in call.frees)
        frees, copied = (frees if copied is None else (*frees, copied)), None
        reads = tuple(moved[source] if source >= 0 else source for source in call.reads)
        if linear[call.node] and _adds_its_bias(operations, call, after):
            copied, count = count, count + 1
            rewritten.append(_copy(operations, call, reads, frees))
            reads, frees = (len(rewritten) - 1,), ()
        moved.append(len(rewritten))
        storages += range(count, count + len(call.allocates))
        count += len(call.allocates)
        rewritten.append(replace(call, reads=reads, frees=frees))
    return tuple(rewritten), tuple(operations), moved


def _adds_its_bias(operations: list[Operation], call: Call, after: Call) -> bool:
    names = operations[call.operation].name, operations[after.operation].name
    return names == ("mm", "add") and call.node == after.node


def _copy(operations: list[Operation], call: Call, reads: tuple[int, ...], frees: tuple[int, ...]) -> Call:
    """A call that copies the operand of another one."""
    multiplied = operations[call.operation]
    shape = multiplied.inputs[0]
    operations.append(Operation("clone", "none", 0, (shape,), (shape,), multiplied.dtype))
    size = prod(shape) * width(multiplied.dtype)
    return Call(call.node, len(operations) - 1, reads, (size,), frees)


def _node(node: Node, moved: list[int], batch: int) -> Node:
    returned = tuple(moved[call] if call >= 0 else call for call in node.returned)
    return replace(node, output=node.output and _times(node.output, batch), returned=returned)


def _operation(operation: Operation, reads: tuple[bool, ...], *, batch: int) -> Operation:
    """An operation whose result, and whose operands that have a batch, are grown."""
    inputs = list(operation.inputs)
    for place, grows in enumerate(reads, read_from(operation, len(reads))):
        inputs[place] = _times(inputs[place], batch) if grows else inputs[place]
    outputs = tuple(_times(shape, batch) for shape in operation.outputs)
    return replace(operation, inputs=tuple(inputs), outputs=outputs)


def _times(shape: Shape, batch: int) -> Shape:
    return (shape[0] * batch, *shape[1:]) if shape else shape
