"""A file of weights, or the index of many, → Listing: which kind it is, by its first bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, BinaryIO

from unetscope import files
from unetscope.checkpoints.containers import gguf, not_weights, safetensors, torchfile
from unetscope.checkpoints.listing import AGAIN, Listing, Stored, checked_name, few_enough
from unetscope.errors import SourceError
from unetscope.limits import MAX_HEADER, MAX_SHARDS
from unetscope.sources import parsing, reading
from unetscope.words.messages import printable, shown

SUFFIXES = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
INDEX = ".index.json"
SHARD = re.compile(r"-\d{5}-of-\d{5}\.")


def is_weights(path: Path) -> bool:
    """Whether a file holds weights, by its name."""
    return path.name.lower().endswith((*SUFFIXES, INDEX))


def read(path: Path) -> Listing:
    """What the header of a file of weights, or of all shards of an index, says.

    Raises SourceError where the file cannot be read or is not what it seems to be.
    """
    name = printable(path.name)
    not_weights.refuse_name(path)
    if path.name.lower().endswith(INDEX):
        return _index(path, name)
    try:
        with files.opened(path) as file:
            if file is None:
                reading.read_start(path, 1)  # says what it is instead
                raise SourceError(f"{name} is not a regular file", hint="give the file itself")
            return read_open(file, name)
    except (OSError, ValueError) as error:
        raise reading.unreadable(path, error) from error


def read_open(file: BinaryIO, name: str) -> Listing:
    """What the header of an open file of weights says, by its first bytes. Raises SourceError."""
    start = file.read(512)
    file.seek(0)
    not_weights.refuse(start, name)
    if start.startswith(b"PK\x03\x04"):
        return torchfile.read_zip(file, name)
    if start.startswith(gguf.MAGIC):
        return gguf.read(file, name)
    if start[:1] == b"\x80" and start[1:2] in b"\x02\x03\x04\x05" and start[8:9] != b"{":
        return torchfile.read_old(file, name)
    return safetensors.read(file, name)


def _index(path: Path, name: str) -> Listing:
    """The index of shards: the headers of those beside it, else names alone."""
    index, places = _places(path, name)
    few_enough(len(places), name)
    shards = _shards(places, name)
    parts = {shard: read(path.with_name(shard)) for shard in shards if is_fetched(path.with_name(shard))}
    return _joined(name, places, parts, len(shards), _total(index))


def _places(path: Path, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What an index says, and in which file each tensor is."""
    index = parsing.parse(reading.read_start(path, MAX_HEADER + 1), name=name)
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict) or not all(isinstance(place, str) for place in places.values()):
        raise SourceError(f"{name} has no weight_map from tensors to files", hint=AGAIN)
    return index, places


def _shards(places: dict[str, str], name: str) -> list[str]:
    """The files that an index names: beside it, and not too many."""
    shards = sorted(set(places.values()))
    strange = [shard for shard in shards if not shard.lower().endswith(SUFFIXES) or Path(shard).name != shard]
    if strange or len(shards) > MAX_SHARDS:
        what = shown(strange[0]) if strange else f"{len(shards)} files"
        raise SourceError(f"{name} refers to {what}, which is not read", hint=AGAIN)
    return shards


def shards_of(path: Path) -> list[Path]:
    """The files that an index names. Raises SourceError where one is not beside it, or it is no index."""
    name = printable(path.name)
    shards = _shards(_places(path, name)[1], name)
    for shard in shards:
        if not is_fetched(path.with_name(shard)):
            raise SourceError(f"{name} is an index of {printable(shard)}, which is not beside it", hint=AGAIN)
    return [path.with_name(shard) for shard in shards]


def is_fetched(path: Path) -> bool:
    """Whether a file is there, itself and not a pointer to it."""
    return reading.exists(path) and not reading.read_start(path, 64).startswith(not_weights.POINTER)


def _joined(name: str, places: dict[str, str], parts: dict[str, Listing], shards: int, total: int) -> Listing:
    tensors = {checked_name(key, name): _of(parts.get(shard), key, shard) for key, shard in places.items()}
    lost = shards - len(parts)
    notes = (
        [f"{lost} of {shards} shards are not beside the index: names are all there is of them"]
        if lost
        else []
    )
    first = next(iter(parts.values()), None)
    return Listing(
        name,
        f"index of {shards} shards",
        tensors,
        first.metadata if first else {},
        total,
        sum(part.absent for part in parts.values()),
        tuple({word: None for part in parts.values() for word in part.foreign}),
        tuple(notes),
    )


def _of(part: Listing | None, key: str, shard: str) -> Stored:
    """A tensor as its shard stores it."""
    if part is None:
        return Stored()
    if key not in part.tensors:
        raise SourceError(f"{part.name} has no {shown(key)}, which the index says it has", hint=AGAIN)
    return part.tensors[key]


def _total(index: dict[str, Any]) -> int:
    metadata = index.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    return int(total) if isinstance(total, int | float) and 0 <= total < 2**63 else 0


def in_folder(folder: Path) -> list[Path]:
    """Files of weights and indexes in a folder and in the folders inside it, sorted; shards of an index are
    left to it. Raises SourceError where the folder cannot be read or holds more than is read."""
    try:
        inside = [folder, *sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())]
        names = [Path(entry.path) for place in inside[:MAX_SHARDS] for entry in os.scandir(place)]
    except OSError as error:
        raise SourceError(
            f"cannot read {printable(str(folder), limit=200)}: {error.strerror}", hint="may you read it?"
        ) from error
    weights = sorted(path for path in names if is_weights(path) and not SHARD.search(path.name))
    if len(weights) > MAX_SHARDS:
        raise SourceError(
            f"{printable(str(folder), limit=200)} holds {len(weights)} files of weights",
            hint="give some of them",
        )
    return weights
