"""The values of pairs of tensors, read piece by piece from both files and summed: memory stays as it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from unetscope import files
from unetscope.checkpoints.listing import AGAIN, BITS
from unetscope.checkpoints.values import numbers
from unetscope.checkpoints.values.changes import Sums
from unetscope.checkpoints.values.places import View
from unetscope.errors import OptionError, SourceError
from unetscope.hooks import told
from unetscope.sources import reading
from unetscope.words.messages import printable

if TYPE_CHECKING:
    from unetscope.checkpoints.values.numbers import Elements

_PIECE = 2**17
"""Elements that are summed at once: with fewer, calls cost more than a cache that holds them saves."""
_GLANCE = 2**10
"""Bytes of a piece that are compared first."""
_ROW = 2**13
"""Elements of one dot product: longer ones a BLAS library gives to threads of its own."""
_PART = 2**22
"""Elements of a tensor that one thread does in a row."""
_MOST_THREADS = 4
"""More read no faster than memory does."""
_Read: TypeAlias = Callable[[Path, int, memoryview], None]
"""Fills a buffer from a byte of a file on."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the pair `at` a place: elements that lie in a row in both files, from a byte of each."""

    at: int
    a: View
    b: View
    starts: tuple[int, int]
    elements: int


def compare(pairs: Sequence[tuple[View, View]], *, threads: int | None = None) -> list[Sums]:
    """The sums of each pair of as many elements.

    Raises SourceError where a file is cut off or cannot be read, OptionError where numpy is missing.
    """
    _needs_numpy()
    parts = [part for at, pair in enumerate(pairs) for part in _parts(at, *pair)]
    found = [Sums()] * len(pairs)
    with ExitStack() as stack, ThreadPoolExecutor(threads or _threads()) as pool:
        read = _reader({view.path for pair in pairs for view in pair}, stack)
        rooms = threading.local()
        sums = pool.map(_summed, parts, repeat(read), repeat(rooms))
        for part, one in zip(parts, told(sums, "comparing values, part", of=len(parts)), strict=True):
            found[part.at] = found[part.at] + one
    return found


def _threads() -> int:
    return min(_MOST_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


def _needs_numpy() -> None:
    try:
        import numpy as np
    except ImportError as error:
        raise OptionError("comparing values needs numpy", hint='pip install "unetscope[weights]"') from error
    del np


def _parts(at: int, a: View, b: View) -> Iterator[_Part]:
    """A pair in stretches that are whole in both files."""
    sizes = BITS[a.dtype] // 8, BITS[b.dtype] // 8
    runs = [[(start, (stop - start) // size) for start, stop in view.runs]
            for view, size in zip((a, b), sizes, strict=True)]  # fmt: skip
    while runs[0] and runs[1]:
        (first, many), (second, others) = runs[0].pop(0), runs[1].pop(0)
        count = min(many, others, _PART)
        yield _Part(at, a, b, (first, second), count)
        rest = ((first, many, sizes[0]), (second, others, sizes[1]))
        for queue, (start, have, size) in zip(runs, rest, strict=True):
            if have > count:
                queue.insert(0, (start + count * size, have - count))


def _reader(paths: Iterable[Path], stack: ExitStack) -> _Read:
    """What fills a buffer from a byte of a file on, in several threads at once."""
    opened = dict[Path, Any]()
    lock = threading.Lock()
    for path in paths:
        try:
            file = stack.enter_context(files.opened(path))
        except (OSError, ValueError) as error:
            raise reading.unreadable(path, error) from error
        if file is None:
            raise SourceError(f"{printable(path.name)} is not a regular file", hint="give the file itself")
        opened[path] = file

    def some(path: Path, start: int, room: memoryview) -> int:
        file = opened[path]
        if hasattr(os, "preadv"):
            return os.preadv(file.fileno(), [room], start)
        with lock:  # where a file has but one position
            file.seek(start)
            return int(file.readinto(room))

    def read(path: Path, start: int, room: memoryview) -> None:
        done = 0
        while done < len(room):
            try:
                got = some(path, start + done, room[done:])
            except OSError as error:
                raise reading.unreadable(path, error) from error
            if not got:
                raise SourceError(f"{printable(path.name)} was cut off while it was read", hint=AGAIN)
            done += got

    return read


def _summed(part: _Part, read: _Read, rooms: threading.local) -> Sums:
    """The sums of a stretch, piece by piece."""
    import numpy as np

    wide = numbers.is_wide(part.a.dtype) or numbers.is_wide(part.b.dtype)
    room = _rooms(rooms, "<f8" if wide else "<f4")
    total = Sums()
    with np.errstate(all="ignore"):
        for first in range(0, part.elements, _PIECE):
            count = min(_PIECE, part.elements - first)
            a = _piece(part.a, part.starts[0], first, count, room[0], read)
            b = _piece(part.b, part.starts[1], first, count, room[1], read)
            total = total + _sums(part, a, b, room)
    return total


def _piece(view: View, start: int, first: int, count: int, room: Elements, read: _Read) -> Elements:
    """The bytes of `count` elements from the one after `first` others on."""
    size = BITS[view.dtype] // 8
    raw = room[: count * size]
    read(view.path, start + first * size, raw.data)
    return raw


def _rooms(kept: threading.local, kind: str) -> list[Elements]:
    """The buffers of a thread: bytes and numbers of both files, their difference."""
    import numpy as np

    found: dict[str, list[Elements]] = kept.__dict__
    if kind not in found:
        raws: list[Elements] = [np.empty(8 * _PIECE, "u1") for _ in range(2)]
        found[kind] = raws + [np.empty(_PIECE, kind) for _ in range(3)]
    return found[kind]


def _sums(part: _Part, raw_a: Elements, raw_b: Elements, room: list[Elements]) -> Sums:
    """The sums of a piece; what is equal to the byte is read as numbers once."""
    import numpy as np

    count = len(raw_a) * 8 // BITS[part.a.dtype]
    a = numbers.decode(part.a.dtype, raw_a, room[2][:count])
    if part.a.dtype == part.b.dtype and _same(raw_a, raw_b):
        squares = _squares(a)
        return Sums(count, squares, squares)
    b = numbers.decode(part.b.dtype, raw_b, room[3][:count])
    change = np.subtract(a, b, out=room[4][:count])
    largest = max(float(change.max()), -float(change.min()))
    return Sums(count, _squares(a), _squares(b), _squares(change) if largest else 0.0, largest)


def _same(a: Elements, b: Elements) -> bool:
    """Whether bytes are equal; the first few already decide nearly all pairs that differ."""
    import numpy as np

    if a[:_GLANCE].tobytes() != b[:_GLANCE].tobytes():
        return False
    words = len(a) // 8 * 8
    return np.array_equal(a[:words].view("u8"), b[:words].view("u8")) and np.array_equal(a[words:], b[words:])


def _squares(elements: Elements) -> float:
    """The sum of squares, row by row."""
    import numpy as np

    whole = len(elements) // _ROW * _ROW
    rows, rest = elements[:whole].reshape(-1, _ROW), elements[whole:]
    found = float(np.dot(rest, rest))
    if whole:
        found += float(np.matmul(rows[:, None, :], rows[:, :, None]).sum(dtype="f8"))
    return found
