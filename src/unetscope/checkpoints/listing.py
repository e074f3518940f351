"""What the header of a file of weights says, as frozen plain data: names, shapes, types, metadata."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from unetscope.errors import SourceError
from unetscope.limits import MAX_FILE_TENSORS, MAX_NAME, MAX_RANK, MAX_SIDE
from unetscope.sizes import Shape
from unetscope.words.messages import printable, shown

AGAIN = "download it again, or ask whoever made it for a safetensors file"

BITS: dict[str, int] = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "I16": 16,
    "U16": 16,
    "I32": 32,
    "U32": 32,
    "I64": 64,
    "U64": 64,
    "F16": 16,
    "BF16": 16,
    "F32": 32,
    "F64": 64,
    "C64": 64,
    "C128": 128,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F4": 4,
}
"""Bits of one element, by the names that safetensors 0.8.0 gives its types; C128 is torch's alone."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor of a file. `shape` is None where only its name is known (the index of shards that are not
    at hand), `dtype` is "" then; `bytes` is what it takes in the file."""

    shape: Shape | None = None
    dtype: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """All that the header of a file says. `container` is how the file is made.

    `absent` is how many bytes of data the header promises that are not there: a download that was cut
    short, or a header kept by itself. `foreign` names what a pickle would have called that is no part of
    torch: nothing of it is run. `notes` are lines about the file for the reader.
    """

    name: str
    container: str
    tensors: Mapping[str, Stored]
    metadata: Mapping[str, str] = field(default_factory=dict)
    bytes: int = 0
    absent: int = 0
    foreign: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shape of each tensor by its name, of those whose shape is known."""
        return {name: tensor.shape for name, tensor in self.tensors.items() if tensor.shape is not None}

    @property
    def dtypes(self) -> dict[str, int]:
        """Bytes of the tensors by their type, the largest first."""
        counts: Counter[str] = Counter()
        for tensor in self.tensors.values():
            counts[tensor.dtype] += tensor.bytes
        return {name: size for name, size in counts.most_common() if name}


def size_of(file: BinaryIO) -> int:
    """Bytes of an open file, which need not be on this machine; it is left at its start."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def stored(shape: Shape, dtype: str) -> Stored:
    """A tensor with the bytes that its elements take."""
    return Stored(shape, dtype, math.prod(shape) * BITS.get(dtype, 0) // 8)


def checked_name(name: Any, file: str) -> str:
    """A tensor's name, if it is text of a length that a name can have. Raises SourceError."""
    if not isinstance(name, str) or len(name) > MAX_NAME:
        raise SourceError(f"{file} holds a tensor with an invalid name: {shown(name)}", hint=AGAIN)
    return name


def checked_shape(shape: Any, name: str, file: str) -> Shape:
    """A shape of whole numbers within bounds. Raises SourceError."""
    sides = shape if isinstance(shape, list | tuple) else None
    if sides is None or len(sides) > MAX_RANK or not all(type(s) is int and 0 <= s < MAX_SIDE for s in sides):
        raise SourceError(f"{file} gives no shape for {shown(name)}", hint=AGAIN)
    return tuple(sides)


def few_enough(count: int, file: str) -> None:
    """Raise SourceError for more tensors than any network has."""
    if count > MAX_FILE_TENSORS:
        raise SourceError(f"{printable(file)} lists {count:,} tensors: more than is read", hint=AGAIN)
