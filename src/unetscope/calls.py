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


@dataclass(frozen=True, slots=True)
class Input:
    """One tensor the network was called with. `bytes` is its storage, `role` what it means to the network."""

    name: str
    shape: Shape
    dtype: str
    bytes: int
    role: InputRole = "option"


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
