"""Files of weights for tests: headers without data, GGUF, and the listings of real files."""

from __future__ import annotations

import gzip
import json
import math
import struct
from functools import cache
from pathlib import Path
from typing import Any

from support.places import DATA
from unetscope.checkpoints.listing import BITS, Listing, Stored

RANK = 8
"""Stands for the rank that some listings do not give."""


@cache
def listings() -> dict[str, dict[str, Any]]:
    """Listings of real files: source, what they are, tensors in groups of one pattern."""
    return json.loads(gzip.decompress((DATA / "listings.json.gz").read_bytes()))["listings"]


def listing(id: str, name: str = "model") -> Listing:
    """One of them, as its header would be read."""
    return of(dict(_tensors(listings()[id]["tensors"])), name)


def _tensors(groups: list[Any]):
    for pattern, shape, dtype, numbers in groups:
        sides = None if shape is None else tuple(map(int, shape.split("x"))) if shape else ()
        known = None if sides is None else tuple(RANK if side == -1 else side for side in sides)
        for one in numbers:
            values = iter(one.split())
            name = (
                "".join(next(values) if part == "#" else part for part in _parts(pattern)) if one else pattern
            )
            yield name, Stored(known, dtype or "", 0)


def _parts(pattern: str):
    for at, part in enumerate(pattern.split("#")):
        if at:
            yield "#"
        yield part


def of(tensors: dict[str, Any], name: str = "model", metadata: dict[str, str] | None = None) -> Listing:
    """A listing of shapes, or of tensors as stored."""
    stored = {key: one if isinstance(one, Stored) else Stored(one, "F16", 0) for key, one in tensors.items()}
    return Listing(name, "safetensors", stored, metadata or {})


def header(tensors: dict[str, Any], dtype: str = "F16", metadata: dict[str, str] | None = None) -> bytes:
    """A safetensors header of shapes by name, without the data."""
    entries: dict[str, Any] = {} if metadata is None else {"__metadata__": metadata}
    at = 0
    for name, shape in tensors.items():
        size = math.prod(shape) * BITS[dtype] // 8
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    data = json.dumps(entries).encode()
    return len(data).to_bytes(8, "little") + data


def written(
    path: Path, tensors: dict[str, Any], dtype: str = "F16", metadata: dict[str, str] | None = None
) -> Path:
    """A whole safetensors file whose data is a hole on the disk."""
    data = header(tensors, dtype, metadata)
    size = sum(math.prod(shape) * BITS[dtype] // 8 for shape in tensors.values())
    with path.open("wb") as file:
        file.write(data)
        file.truncate(len(data) + size)
    return path


def gguf(tensors: dict[str, Any], pairs: dict[str, Any] | None = None, *, turned: bool = True) -> bytes:
    """The head of a GGUF file in F16; `turned` says whether sides are reversed, as the format wants."""
    pairs = pairs or {}
    parts = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(pairs))]
    for key, value in pairs.items():
        parts += [_text(key), _value(value)]
    at = 0
    for name, shape in tensors.items():
        sides = shape[::-1] if turned else shape
        parts += [_text(name), struct.pack(f"<I{len(sides)}Q", len(sides), *sides), struct.pack("<IQ", 1, at)]
        at += -(-2 * math.prod(shape) // 32) * 32
    return b"".join(parts)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", 8) + _text(value)
    if isinstance(value, list):
        kind = 8 if value and isinstance(value[0], str) else 5
        entries = b"".join(_text(one) if kind == 8 else struct.pack("<i", one) for one in value)
        return struct.pack("<IIQ", 9, kind, len(value)) + entries
    return struct.pack("<II", 4, value)
