"""Small copies of a snapshot's files: configs whole, files of weights as their header and no data.

A copy of a file of weights has the size of the file where the file system keeps holes, and takes up only its
header; whoever reads a header finds it as in the file itself.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from unetscope.errors import SourceError
from unetscope.limits import MAX_CONFIG, MAX_HUB_FIRST, MAX_HUB_HEADER, MAX_SHARDS
from unetscope.sources import parsing
from unetscope.sources.hub.snapshot import Snapshot
from unetscope.words.messages import printable

_LENGTH = 8
_INDEX = ".index.json"
_AGAIN = "try again; if it stays so, the file on the Hub is damaged"


def copy(snapshot: Snapshot, name: str, place: Path) -> Path:
    """Copy a file as `place`: shards of an index come with it. Raises SourceError."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not name.endswith(".json"):
        return _header(snapshot, name, place)
    data = _whole(snapshot, name)
    if place.name.endswith(_INDEX):
        for shard in _shards(data, name):
            source = f"{name.rpartition('/')[0]}/{shard}".lstrip("/")
            if source in snapshot.sizes:
                _header(snapshot, source, place.with_name(shard))
    place.write_bytes(data)
    return place


def _whole(snapshot: Snapshot, name: str) -> bytes:
    size = snapshot.sizes[name]
    if size > MAX_CONFIG:
        raise SourceError(
            f"{printable(name)} of {snapshot.repo} is larger than {MAX_CONFIG >> 20} MiB",
            hint="it is not a config",
        )
    data = snapshot.part(name, 0, size + 1) if size else b""
    if len(data) != size:
        raise _cut(snapshot, name, f"{len(data):,} bytes came where {size:,} are listed")
    return data


def _header(snapshot: Snapshot, name: str, place: Path) -> Path:
    """The start of a file of weights, to the end of its header, and a hole where its data would be."""
    size = snapshot.sizes[name]
    data = snapshot.part(name, 0, min(size, MAX_HUB_FIRST))
    wanted = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    if wanted > min(size, MAX_HUB_HEADER):  # no header: its reader says so by its first bytes
        wanted = len(data)
    elif wanted > len(data):
        data += snapshot.part(name, len(data), wanted)
    if len(data) < min(size, max(wanted, _LENGTH)):
        raise _cut(snapshot, name, "the answer ends within its header")
    with place.open("wb") as file:
        file.write(data[:wanted])
        with contextlib.suppress(OSError):  # no holes here: the reader says that the data is absent
            file.truncate(size)
    return place


def _cut(snapshot: Snapshot, name: str, what: str) -> SourceError:
    return SourceError(f"{printable(name)} of {snapshot.repo} came damaged: {what}", hint=_AGAIN)


def _shards(data: bytes, name: str) -> list[str]:
    """Files beside an index that it names, within bounds; its reader reports what is wrong with others."""
    index = parsing.parse(data, name=printable(name))
    places = index.get("weight_map") if isinstance(index, dict) else None
    named = (
        {place for place in places.values() if isinstance(place, str)} if isinstance(places, dict) else set()
    )
    beside = sorted(file for file in named if file.endswith(".safetensors") and "/" not in file)
    return beside if len(beside) <= MAX_SHARDS else []
