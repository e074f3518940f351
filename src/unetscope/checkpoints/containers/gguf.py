"""The head of a GGUF file: `GGUF`, version, counts, key-values, then tensors with sides in reversed order.

Types and their blocks: ggml's table (github.com/ggml-org/ggml, docs/gguf.md and ggml-common.h).
"""

from __future__ import annotations

import math
import struct
from typing import Any, BinaryIO

from unetscope.checkpoints.listing import (
    AGAIN,
    Listing,
    Stored,
    checked_name,
    checked_shape,
    few_enough,
    size_of,
)
from unetscope.errors import SourceError
from unetscope.limits import MAX_GGUF_HEADER, MAX_GGUF_VALUES, MAX_METADATA, MAX_NAME
from unetscope.words.messages import printable

MAGIC = b"GGUF"
_TYPES: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17),
}
"""Type → its name, elements of a block, bytes of a block."""
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _LIST = 8, 9
_SHAPES = "comfy.gguf.orig_shape."
_LONGEST_LIST = 16
"""Entries up to which a list is kept: longer ones are vocabularies."""


class _Head:
    """The bytes before the data, taken one value at a time and within bounds."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.data, self.at, self.name, self.values = file.read(MAX_GGUF_HEADER), 0, name, 0

    def take(self, count: int) -> bytes:
        start, self.at = self.at, self.at + count
        if count < 0 or self.at > len(self.data):
            raise SourceError(f"{self.name} is cut off within its header, or broken there", hint=AGAIN)
        return self.data[start : self.at]

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def text(self) -> str:
        return self.take(self.number("<Q")).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self.text()
        if kind != _LIST:
            raise SourceError(f"{self.name} has a value of type {kind}, which GGUF does not have", hint=AGAIN)
        inner, count = self.number("<I"), self.number("<Q")
        self.values += count
        if self.values > MAX_GGUF_VALUES:
            raise SourceError(f"{self.name} has lists longer than any vocabulary", hint=AGAIN)
        return self.entries(inner, count)

    def entries(self, kind: int, count: int) -> list[Any]:
        """A list; one that is too long to keep is only skipped."""
        if kind == _LIST:
            raise SourceError(f"{self.name} has lists inside lists", hint=AGAIN)
        if kind in _SCALARS and count > _LONGEST_LIST:
            self.take(count * struct.calcsize(_SCALARS[kind]))
            return []
        if count > _LONGEST_LIST:
            for _ in range(count):
                self.take(self.number("<Q"))
            return []
        return [self.value(kind) for _ in range(count)]


def read(file: BinaryIO, name: str) -> Listing:
    """What the head says; a shape that was changed to suit GGUF is the one before. Raises SourceError."""
    size = size_of(file)
    head = _Head(file, name)
    head.take(len(MAGIC))
    version = head.number("<I")
    if version not in (2, 3):
        raise SourceError(f"{name} is GGUF of version {version}; 2 and 3 are read", hint=AGAIN)
    count, pairs = head.number("<Q"), head.number("<Q")
    few_enough(max(count, pairs), name)
    metadata = {head.text()[:MAX_NAME]: head.value(head.number("<I")) for _ in range(pairs)}
    tensors, end = dict[str, Stored](), 0
    for _ in range(count):
        key, tensor, offset = _tensor(head)
        key = checked_name(key, name)
        if key in tensors:
            raise SourceError(f"{name} names the tensor {printable(key)} twice", hint=AGAIN)
        tensors[key], end = _as_before(tensor, metadata.get(_SHAPES + key)), max(end, offset + tensor.bytes)
    start = _aligned(head.at, metadata.get("general.alignment", 32))
    absent = max(0, start + end - size) if count else 0
    return Listing(name, "GGUF", upright(tensors), _metadata(metadata), size, absent)


def _tensor(head: _Head) -> tuple[str, Stored, int]:
    key, rank = head.text(), head.number("<I")
    if rank > 8:
        raise SourceError(f"{head.name} gives no shape for {printable(key)}", hint=AGAIN)
    sides = [head.number("<Q") for _ in range(rank)][::-1]
    kind, offset = head.number("<I"), head.number("<Q")
    if kind not in _TYPES:
        raise SourceError(f"{head.name} holds a tensor of type {kind}, which is not known", hint=AGAIN)
    word, elements, block = _TYPES[kind]
    shape = checked_shape(sides, key, head.name)
    return key, Stored(shape, word, math.prod(shape) * block // elements), offset


def _as_before(stored: Stored, shape: Any) -> Stored:
    """A tensor with the shape that a converter noted down before it made four sides of five."""
    whole = isinstance(shape, list) and 0 < len(shape) <= 8 and all(type(s) is int and s > 0 for s in shape)
    if not whole or math.prod(shape) != math.prod(stored.shape or ()):
        return stored
    return Stored(tuple(shape), stored.dtype, stored.bytes)


def upright(tensors: dict[str, Stored]) -> dict[str, Stored]:
    """The tensors as they are, or all shapes turned where biases say that a writer forgot to reverse them.

    A layer's bias is as long as its weight has rows; square weights say nothing.
    """
    agree = turn = 0
    for key, tensor in tensors.items():
        bias = tensors.get(f"{key.removesuffix('weight')}bias") if key.endswith(".weight") else None
        if bias and tensor.shape and bias.shape and len(bias.shape) == 1 and len(tensor.shape) > 1:
            agree += tensor.shape[0] == bias.shape[0] != tensor.shape[-1]
            turn += tensor.shape[-1] == bias.shape[0] != tensor.shape[0]
    if turn <= agree:
        return tensors
    return {
        key: Stored((stored.shape or ())[::-1], stored.dtype, stored.bytes) for key, stored in tensors.items()
    }


def _aligned(at: int, alignment: Any) -> int:
    step: int = alignment if type(alignment) is int and 0 < alignment <= 2**20 else 32
    return -(-at // step) * step


def _metadata(metadata: dict[str, Any]) -> dict[str, str]:
    """The metadata in words; vocabularies and shapes are left out."""
    texts = {
        key: str(value) for key, value in metadata.items() if not key.startswith(_SHAPES) and value != []
    }
    return {key: value for key, value in texts.items() if len(value) < MAX_METADATA // 64}
