"""What torch.save writes, read without torch: a zip archive with data.pkl, or five pickles in a row.

Names and shapes stand in one pickle; the archive's other members, the elements, are not touched.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from unetscope.checkpoints.containers import pickles
from unetscope.checkpoints.containers.torch_objects import Inert
from unetscope.checkpoints.listing import AGAIN, Listing, Stored, checked_name, few_enough, size_of
from unetscope.errors import SourceError
from unetscope.limits import MAX_DIRECTORY, MAX_HEADER

_MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle of a file of old."""
_LOCAL = struct.Struct("<4s4xH16xHH")
"""A zip member's own head: its mark, how it is compressed, the lengths of name and extra."""
_WRAPPED = ("state_dict", "model", "params_ema", "params", "module", "string_to_param")
"""Where trainers put the tensors, beside epochs and optimizers."""
_MODULE = ("_modules", "_parameters", "_buffers")
"""Where a pickled module keeps its parts: no part of their names."""
_DEEPEST = 16
"""Dicts inside one another."""


class _Counted(io.RawIOBase):
    """A file of which only a limited number of bytes may be read, whatever a zip claims about itself."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        super().__init__()
        self._file, self._left = file, most

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(min(len(buffer), self._left + 1))
        self._left -= len(data)
        if self._left < 0:
            raise zipfile.BadZipFile("more than may be read")
        buffer[: len(data)] = data
        return len(data)


def read_zip(file: BinaryIO, name: str) -> Listing:
    """A checkpoint in a zip archive, as torch writes since 1.6. Raises SourceError."""
    size = size_of(file)
    try:
        data, absent, notes = _pickle_in(file), 0, list[str]()
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        data, absent, notes = _pickle_at_start(file), 1, ["cut off: the zip archive has no end"]
        if data is None:
            raise SourceError(f"{name} is a broken zip archive, or a cut off one", hint=AGAIN) from error
    if data is None:
        raise SourceError(f"{name} is a zip archive without a data.pkl: torch did not write it", hint=AGAIN)
    foreign: dict[str, None] = {}
    try:
        tensors = _tensors(pickles.load(io.BytesIO(data), name, foreign), name)
    except SourceError as error:
        if not absent:
            raise
        raise SourceError(f"{name} is cut off within its pickle", hint=AGAIN) from error
    return Listing(name, "torch zip", tensors, {}, size, absent, tuple(foreign), tuple(notes))


def _pickle_in(file: BinaryIO) -> bytes | None:
    """The member data.pkl of an archive; None where it has none."""
    with zipfile.ZipFile(io.BufferedReader(_Counted(file, MAX_DIRECTORY + MAX_HEADER), 2**16)) as archive:
        if len(archive.filelist) > MAX_DIRECTORY // 64:
            raise zipfile.BadZipFile("too many members")
        for member in archive.filelist:
            if member.filename.endswith("/data.pkl") or member.filename == "data.pkl":
                if member.file_size > MAX_HEADER:
                    raise zipfile.BadZipFile("too large")
                with archive.open(member) as opened:
                    return opened.read(MAX_HEADER)
    return None


def _pickle_at_start(file: BinaryIO) -> bytes | None:
    """The pickle of an archive whose end is missing: torch writes data.pkl first, uncompressed."""
    file.seek(0)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        return None
    _, method, named, extra = _LOCAL.unpack(head)
    name = file.read(named)
    file.read(extra)
    return file.read(MAX_HEADER) if name.endswith(b"data.pkl") and not method else None


def read_old(file: BinaryIO, name: str) -> Listing:
    """A checkpoint of before torch 1.6: pickles of a magic number, a version, the system, the object."""
    size = size_of(file)
    data, foreign = io.BytesIO(file.read(MAX_HEADER)), dict[str, None]()
    first = pickles.load(data, name, foreign)
    if first == _MAGIC:
        pickles.load(data, name, foreign)
        pickles.load(data, name, foreign)
        first = pickles.load(data, name, foreign)
    tensors = _tensors(first, name)
    return Listing(name, "pickle", tensors, {}, size, 0, tuple(foreign))


def _tensors(saved: Any, file: str) -> dict[str, Stored]:
    """The tensors of what a file holds, under their names; a tensor by itself is called <root>."""
    if isinstance(saved, Stored):
        return {"<root>": saved}
    tensors: dict[str, Stored] = {}
    for visited, (path, tensor) in enumerate(_walked(_unwrapped(saved), "", depth=0)):
        few_enough(visited, file)
        if tensor is not None:
            tensors[path] = tensor
    return {checked_name(key, file): stored for key, stored in tensors.items()}


def _unwrapped(saved: Any) -> Any:
    """The state dict where it is an entry of what was saved."""
    items = _items(saved)
    if items is None:
        return saved
    if any(isinstance(value, Stored) for value in items.values()):
        return items
    return next((items[key] for key in _WRAPPED if _items(items.get(key))), items)


def _items(value: Any) -> Mapping[Any, Any] | None:
    if isinstance(value, Inert):
        return value.items
    return value if isinstance(value, Mapping) else None


def _walked(value: Any, prefix: str, *, depth: int) -> Iterator[tuple[str, Stored | None]]:
    """Tensors in dicts within dicts, their keys joined by dots, and None for everything else; tensors of
    optimizers are left out. One dict may be met again and again."""
    items = _items(value)
    if items is None or depth > _DEEPEST:
        return
    for key, item in items.items():
        inner = str(key) if key not in _MODULE else ""
        path = ".".join(filter(None, (prefix, inner)))
        yield path, item if isinstance(item, Stored) else None
        if not str(key).startswith(("optimizer", "lr_scheduler", "callbacks", "loops")):
            yield from _walked(item, path, depth=depth + 1)
