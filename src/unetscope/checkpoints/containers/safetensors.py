"""The header of a .safetensors file. Weights are never read.

A file is 8 bytes with the header's length, little-endian, then the header: a JSON object of name →
dtype, shape, data_offsets, where `__metadata__` is no tensor; then the data, without holes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, BinaryIO, TypeAlias

from unetscope.checkpoints.listing import (
    AGAIN,
    BITS,
    Listing,
    Stored,
    checked_name,
    checked_shape,
    few_enough,
    size_of,
)
from unetscope.errors import SourceError
from unetscope.limits import MAX_HEADER, MAX_METADATA
from unetscope.sources import parsing
from unetscope.words.messages import printable, shown

LENGTH = 8
DataPlace: TypeAlias = tuple[int, int]
"""First byte of a tensor's data in its file, and the byte behind its last."""
_SIGNS = 600_000
"""Brackets and colons of a header: seven a tensor. JSON of such alone takes twenty times its size."""


def read(file: BinaryIO, name: str) -> Listing:
    """What the header says. Raises SourceError where it is not one."""
    return read_with_places(file, name)[0]


def read_with_places(file: BinaryIO, name: str) -> tuple[Listing, dict[str, DataPlace]]:
    """What the header says, and where the data of each tensor lies. Raises SourceError as `read` does."""
    size = size_of(file)
    length, header = _header(file, name)
    metadata, tensors = header.pop("__metadata__", None), dict[str, Stored]()
    few_enough(len(header), name)
    spans = dict[str, DataPlace]()
    for key, entry in header.items():
        tensors[checked_name(key, name)], spans[key] = _tensor(key, entry, name)
    end = _without_holes(sorted((*span, key) for key, span in spans.items()), name)
    data = LENGTH + length
    have = size - data
    behind = f"{have - end:,} bytes behind its last tensor, for which safetensors refuses it"
    notes = (behind,) if have > end else ()
    listing = Listing(
        name, "safetensors", tensors, _metadata(metadata, name), size, max(0, end - have), notes=notes
    )
    return listing, {key: (data + start, data + stop) for key, (start, stop) in spans.items()}


def _header(file: BinaryIO, name: str) -> tuple[int, dict[str, Any]]:
    start = file.read(LENGTH)
    length = int.from_bytes(start, "little")
    if len(start) < LENGTH or length < len("{}") or length > MAX_HEADER:
        raise SourceError(
            f"{name} is not a safetensors file: its header cannot be {length} bytes long", hint=AGAIN
        )
    data = file.read(length)
    if len(data) < length:
        raise SourceError(f"{name} is cut off within its header", hint=AGAIN)
    if sum(map(data.count, (b"[", b"{", b":"))) > _SIGNS:
        raise SourceError(f"{name} has a header of more lists than any network", hint=AGAIN)
    header = parsing.parse(data, name=name)
    if not isinstance(header, dict):
        raise SourceError(f"{name} is not a safetensors file: its header is not a JSON object", hint=AGAIN)
    return length, header


def _tensor(key: str, entry: Any, file: str) -> tuple[Stored, tuple[int, int]]:
    """One entry, and where its data begins and ends."""
    fields = entry if isinstance(entry, Mapping) else {}
    shape = checked_shape(fields.get("shape"), key, file)
    dtype, span = fields.get("dtype"), fields.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in BITS:
        raise SourceError(f"{file} gives {shown(key)} an unknown type: {shown(dtype)}", hint=AGAIN)
    pair = (
        isinstance(span, list)
        and len(span) == 2
        and all(type(offset) is int and offset >= 0 for offset in span)
    )
    size = math.prod(shape) * BITS[dtype]
    if not isinstance(span, list) or not pair or size % 8 or span[1] - span[0] != size // 8:
        raise SourceError(f"{file}: the data of {shown(key)} does not have the size of its shape", hint=AGAIN)
    return Stored(shape, dtype, size // 8), (span[0], span[1])


def _without_holes(spans: list[tuple[int, int, str]], file: str) -> int:
    """Where the data ends. Raises SourceError where tensors overlap or leave bytes between them."""
    end = 0
    for start, stop, key in spans:
        if start != end:
            what = (
                "overlaps another tensor" if start < end else "has bytes before it that belong to no tensor"
            )
            raise SourceError(f"{file}: {shown(key)} {what}", hint=AGAIN)
        end = stop
    return end


def _metadata(metadata: Any, file: str) -> dict[str, str]:
    if metadata is None:
        return {}
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise SourceError(f"{printable(file)} has metadata that is not text", hint=AGAIN)
    if sum(len(key) + len(value) for key, value in metadata.items()) > MAX_METADATA:
        raise SourceError(f"{printable(file)} has more than {MAX_METADATA >> 20} MiB of metadata", hint=AGAIN)
    return dict(metadata)
