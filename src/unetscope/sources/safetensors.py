"""Names and shapes of the tensors in a .safetensors file or a sharded index, from the headers alone.

A file is 8 bytes with the header's length, little-endian, then the header: a JSON object of name →
dtype, shape, data_offsets; `__metadata__` is no tensor. Weights are never read. No torch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from unetscope.errors import SourceError
from unetscope.limits import MAX_CONFIG
from unetscope.sources import parsing, reading
from unetscope.words.messages import printable, shown

Shapes: TypeAlias = dict[str, tuple[int, ...]]

MAX_HEADER = MAX_CONFIG
"""Sixteen times the header of a network of 6,000 tensors."""
MAX_SHARDS = 200
_MAX_DIMENSIONS = 8
_LENGTH = 8
_NAME = "diffusion_pytorch_model"
_FILE, _INDEX = ".safetensors", ".safetensors.index.json"
_AGAIN = "is the download of the weights complete? the network is counted without them"
_POINTER = b"version "
"""How a Git LFS pointer begins, which stands for weights that were not fetched."""


def beside(config: Path) -> Path | None:
    """The weights that diffusers loads with a config.json; a variant (fp16) where there are no others."""
    if config.name != "config.json":
        return None
    for place in (
        config.with_name(_NAME + _FILE),
        config.with_name(_NAME + _INDEX),
        *_variants(config.parent),
    ):
        if reading.exists(place) and place.is_file():
            return place
    return None


def _variants(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.startswith(f"{_NAME}."))
    except OSError:
        return
    yield from (folder / name for name in names if name.endswith((_FILE, _INDEX)) and "-of-" not in name)


def shapes(path: Path) -> Shapes:
    """Shape of each tensor in a file, or in all shards of an index, by its name.

    None where the weights are not at hand: a shard is absent, or a Git LFS pointer stands for it.
    Raises SourceError where a file cannot be read or is not what its name says.
    """
    if not path.name.endswith(_INDEX):
        return _in_file(path)
    index = parsing.parse(reading.read_start(path, MAX_HEADER + 1), name=printable(path.name))
    files = _shards(index, printable(path.name))
    if not all(reading.exists(path.with_name(name)) for name in files):
        return {}
    parts = [_in_file(path.with_name(name)) for name in files]
    return {key: shape for part in parts for key, shape in part.items()} if all(parts) else {}


def _shards(index: Any, name: str) -> list[str]:
    """The files that an index names: beside it, and not too many."""
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict) or not all(isinstance(place, str) for place in places.values()):
        raise SourceError(f"{name} has no weight_map from tensors to files", hint=_AGAIN)
    files = sorted(set(places.values()))
    strange = [file for file in files if not file.endswith(_FILE) or Path(file).name != file]
    if strange or len(files) > MAX_SHARDS:
        what = shown(strange[0]) if strange else f"{len(files)} files"
        raise SourceError(f"{name} refers to {what}, which is not read", hint=_AGAIN)
    return files


def _in_file(path: Path) -> Shapes:
    name = printable(path.name)
    start = reading.read_start(path, _LENGTH)
    if start.startswith(_POINTER):
        return {}
    length = int.from_bytes(start, "little")
    if len(start) < _LENGTH or length < len("{}") or length > MAX_HEADER:
        raise SourceError(
            f"{name} is not a safetensors file: its header cannot be {length} bytes long", hint=_AGAIN
        )
    header = reading.read_start(path, _LENGTH + length)[_LENGTH:]
    if len(header) < length:
        raise SourceError(f"{name} is cut off within its header", hint=_AGAIN)
    entries = parsing.parse(header, name=name)
    if not isinstance(entries, dict):
        raise SourceError(f"{name} is not a safetensors file: its header is no JSON object", hint=_AGAIN)
    return {key: _shape(key, entry, name) for key, entry in entries.items() if key != "__metadata__"}


def _shape(key: str, entry: Any, name: str) -> tuple[int, ...]:
    shape = entry.get("shape") if isinstance(entry, Mapping) else None
    whole = isinstance(shape, list) and all(type(side) is int and side >= 0 for side in shape)
    if not isinstance(shape, list) or not whole or len(shape) > _MAX_DIMENSIONS:
        raise SourceError(f"{name} gives no shape for {shown(key)}", hint=_AGAIN)
    return tuple(shape)
