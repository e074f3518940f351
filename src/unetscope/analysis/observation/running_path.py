"""The running path of a forward: from the sample to the output, through the most weighted operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

from unetscope.calls import Call, Operation
from unetscope.model import Architecture
from unetscope.sizes import Shape

SAMPLE = -1
"""The sample as a read: the first input."""
_CONCATENATED = frozenset({"cat", "stack", "index_put", "index_put_", "copy_", "slice_scatter", "scatter"})
"""Operations any of whose operands may be the running one."""
_NEW = frozenset(
    f"{how}_{what}" if how == "new" else f"{what}_{how}"
    for how in ("new", "like")
    for what in ("zeros", "ones", "empty", "full", "empty_strided", "rand", "randn")
)
"""Operations that take nothing of what they read but its form."""
_FIRST_ALONE = ("conv", "linear", "attention", "other")
"""Classes of operations whose first operand is the running one: query, left matrix, image."""


@dataclass(frozen=True)
class Path:
    """A forward with its running path. `calls` are indices into the architecture's calls, in order.

    `before` gives for each call that descends from the sample the operand that it works on, itself a call or
    SAMPLE; walking along it leads from anywhere to the running path.
    """

    architecture: Architecture
    calls: tuple[int, ...]
    before: dict[int, int]

    @cached_property
    def place(self) -> dict[int, int]:
        """The place of each call on the running path; the sample is at -1."""
        return {SAMPLE: -1} | {call: at for at, call in enumerate(self.calls)}

    def operation(self, call: int) -> Operation:
        """What a call executes."""
        return self.architecture.operations[self.architecture.calls[call].operation]

    def node(self, call: int) -> str:
        """The path of the module that makes a call."""
        return self.architecture.nodes[self.architecture.calls[call].node].path

    def operands(self, call: int) -> list[tuple[int, Shape]]:
        """What a call reads that descends from the sample, each with its shape as it is read."""
        return [(read, shape) for read, shape in _aligned(self.architecture, call) if self.descends(read)]

    def descends(self, read: int) -> bool:
        """Whether something read is the sample or made of it."""
        return read == SAMPLE or read in self.before

    def left(self, read: int) -> int:
        """The place at which the way to something read left the running path; -1 for the sample."""
        while read not in self.place:
            read = self.before[read]
        return self.place[read]


def running_path(architecture: Architecture) -> Path | None:
    """The running path; None where no output descends from the sample."""
    before: dict[int, int] = {}
    length: dict[int, tuple[int, int]] = {SAMPLE: (0, 0)}
    for index, call in enumerate(architecture.calls):
        operation = architecture.operations[call.operation]
        operands = [read for read in _running(architecture, index, call) if read in length]
        if not operands or operation.name in _NEW:
            continue
        weighted = operation.op_class in ("conv", "linear")
        best = max(operands, key=lambda read: length[read])
        before[index] = best
        length[index] = (length[best][0] + weighted, length[best][1] + operation.macs)
    ends = [call for call in architecture.nodes[0].returned if call in before] or list(before)[-1:]
    if not ends:
        return None
    at, places = max(ends, key=lambda call: length[call]), list[int]()
    while at != SAMPLE:
        places.append(at)
        at = before[at]
    return Path(architecture, tuple(reversed(places)), before)


def _running(architecture: Architecture, index: int, call: Call) -> list[int]:
    """The operands of a call that can be the running one."""
    operation = architecture.operations[call.operation]
    reads = _aligned(architecture, index)
    if operation.op_class in _FIRST_ALONE:
        return [read for read, _ in reads[:1]]
    if len(reads) < 2 or operation.name in _CONCATENATED:
        return [read for read, _ in reads]
    elements = prod(operation.outputs[0]) if operation.outputs else 0
    whole = [read for read, shape in reads if prod(shape) == elements]
    return whole or [reads[0][0]]


def _aligned(architecture: Architecture, index: int) -> list[tuple[int, Shape]]:
    """What a call reads with the shapes of its operands; weights are among these and not among those."""
    call = architecture.calls[index]
    shapes = architecture.operations[call.operation].inputs
    if len(call.reads) == len(shapes):
        return list(zip(call.reads, shapes, strict=True))
    operands, start = [], 0
    for read in call.reads:
        elements = _made(architecture, read)
        at = next((i for i in range(start, len(shapes)) if prod(shapes[i]) <= elements), start)
        left = len(shapes) - at
        operands.append((read, shapes[at] if left > 0 else ()))
        start = at + 1
    return operands


def _made(architecture: Architecture, read: int) -> int:
    """The elements of what a read call made."""
    if read < 0:
        return prod(architecture.inputs[~read].shape)
    outputs = architecture.operations[architecture.calls[read].operation].outputs
    return max((prod(shape) for shape in outputs), default=0)
