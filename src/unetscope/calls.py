"""What one forward did: its inputs, its operations, and their calls in order. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from unetscope.cost import OpClass
from unetscope.sizes import Shape

Scalar: TypeAlias = bool | int | float | str | None
InputRole: TypeAlias = Literal[
    "sample", "time", "text context", "pooled text", "image context", "mask", "rope", "guidance", "class",
    "control", "ids", "size", "audio", "history", "camera", "identity", "option",
]  # fmt: skip
"""What an argument of a forward is to the network; "option" steers the forward."""
WIDENED, CASTS = "wide", "casts"
"""Details that a trace in float32 notes of an operation where they do not follow: whether a narrower network
makes its result in float32, and which of its reads it casts to float32 for that ("0 2")."""


def item(name: str, shape: Shape, batch: int) -> Shape:
    """The shape of an argument without the batch: an entry of a list, "x[0]", may be one item of it."""
    return shape if name.endswith("]") and shape[:1] != (batch,) else shape[1:]


@dataclass(frozen=True, slots=True)
class Input:
    """One tensor the network was called with. `bytes` is its storage, `role` what it means to the network."""

    name: str
    shape: Shape
    dtype: str
    bytes: int
    role: InputRole = "option"

    def item(self, batch: int) -> Shape:
        """The shape without the batch; an entry of a list has no batch where the list holds one entry per
        item."""
        return item(self.name, self.shape, batch)


@dataclass(frozen=True, slots=True)
class Operation:
    """One distinct operation: an ATen name with its shapes and scalar arguments.

    `macs` are those of one call. `inputs` are the shapes of its tensor arguments, weights
    included; `details` holds scalars such as heads, stride, eps or affine.
    """

    name: str
    op_class: OpClass
    macs: int
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    dtype: str
    details: dict[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of an operation, in the order of the forward.

    `node` and `operation` are indices. `reads` are the calls whose tensors it read (~i: the i-th
    network input); views count as the tensor they show. `allocates` holds the bytes of each storage
    it made: storages are numbered through all calls in this order. `frees` holds the numbers of
    those released since the previous call.
    """

    node: int
    operation: int
    reads: tuple[int, ...]
    allocates: tuple[int, ...]
    frees: tuple[int, ...]
