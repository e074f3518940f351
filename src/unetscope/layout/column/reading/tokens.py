"""What flows through a network's stacks: which inputs each call descends from, and the streams of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

from unetscope.calls import InputRole
from unetscope.model import Architecture
from unetscope.sizes import Shape

WORD_OF: dict[InputRole, str] = {
    "time": "time",
    "guidance": "guidance",
    "class": "class",
    "size": "size",
    "text context": "text",
    "image context": "image",
    "control": "control",
    "audio": "audio",
    "camera": "camera",
    "history": "history",
    "identity": "identity",
    "sample": "image",
}
"""What an input is called where it conditions others."""


class Descent:
    """For every call the inputs of the network that it descends from, by their numbers."""

    def __init__(self, architecture: Architecture) -> None:
        self._inputs = architecture.inputs
        self._of: dict[int, int] = {~index: 1 << index for index in range(len(architecture.inputs))}
        for index, call in enumerate(architecture.calls):
            self._of[index] = reduce(or_, (self._of.get(read, 0) for read in call.reads), 0)

    def roles(self, call: int) -> frozenset[InputRole]:
        """The roles of the inputs that a call (~i: the i-th input) descends from."""
        bits = self._of.get(call, 0)
        return frozenset(input_.role for index, input_ in enumerate(self._inputs) if bits >> index & 1)

    def inputs(self, call: int) -> tuple[int, ...]:
        """The numbers of these inputs."""
        bits = self._of.get(call, 0)
        return tuple(index for index in range(len(self._inputs)) if bits >> index & 1)


def shape_of(architecture: Architecture, call: int) -> Shape:
    """The shape of what a call made, or of an input (~i)."""
    if call < 0:
        return architecture.inputs[~call].shape
    outputs = architecture.operations[architecture.calls[call].operation].outputs
    return outputs[0] if outputs else ()


@dataclass(frozen=True, slots=True)
class Extent:
    """How many tokens, and how wide each is."""

    tokens: int
    width: int

    def __str__(self) -> str:
        return f"{self.tokens} × {self.width}"


def extent_of(shape: Shape) -> Extent:
    """The tokens of a tensor: its last axis is their width, all but the batch before it their number."""
    tokens = reduce(
        lambda product, factor: product * factor, shape[1:-1] if len(shape) > 2 else shape[:-1], 1
    )
    return Extent(tokens, shape[-1] if shape else 0)
