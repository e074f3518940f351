"""The values of pairs of tensors, read piece by piece from both files and summed: memory stays as it is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, repeat
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

_PIECE = 2**19
"""Elements that are summed at once: calls for fewer cost more than a cache that holds them saves, and threads
wait for each other more often."""
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
    totals = [Sums()] * len(pairs)
    with ExitStack() as stack, ThreadPoolExecutor(threads or _threads()) as pool:
        read = _reader({view.path for pair in pairs for view in pair}, stack)
        rooms = threading.local()
        sums = pool.map(_summed, parts, repeat(read), repeat(rooms))
        for part, part_sums in zip(parts, told(sums, "comparing values, part", of=len(parts)), strict=True):
            totals[part.at] = totals[part.at] + part_sums
    return totals


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

    dtypes = part.a.dtype, part.b.dtype
    raw, room = _rooms(rooms, "<f8" if any(map(numbers.is_wide, dtypes)) else "<f4")
    total = Sums()
    with np.errstate(all="ignore"):
        for first in range(0, part.elements, _PIECE):
            count = min(_PIECE, part.elements - first)
            raws = _pieces(part, first, count, raw, read)
            total = total + _sums(dtypes, count, raws, room)
    return total


def _rooms(local: threading.local, kind: str) -> tuple[Elements, Elements]:
    """The buffers of a thread: for the bytes of a piece of both files, and for its numbers."""
    import numpy as np

    rooms: dict[str, tuple[Elements, Elements]] = local.__dict__
    if kind not in rooms:
        rooms[kind] = np.empty(2 * 8 * _PIECE, "u1"), np.empty(2 * _PIECE, kind)
    return rooms[kind]


def _pieces(part: _Part, first: int, count: int, room: Elements, read: _Read) -> list[Elements]:
    """The bytes of `count` elements of both files from the one after `first` others on, filled up with zeros
    to whole rows: both sides one below the other where they are of one type, else each by itself."""
    sides: list[Elements] = []
    end, whole = 0, -(-count // _ROW) * _ROW
    for view, start in zip((part.a, part.b), part.starts, strict=True):
        size = BITS[view.dtype] // 8
        raw = room[end : end + whole * size]
        read(view.path, start + first * size, raw[: count * size].data)
        raw[count * size :] = 0
        sides.append(raw[None])
        end += whole * size
    return [room[:end].reshape(2, -1)] if part.a.dtype == part.b.dtype else sides


def _sums(dtypes: tuple[str, str], count: int, raws: list[Elements], room: Elements) -> Sums:
    """The sums of a piece; what is equal to the byte is read as numbers once."""
    import numpy as np

    equal = len(raws) == 1 and _same(*raws[0])
    if equal:
        raws = [raws[0][:1]]
    values = _values(numbers.quick, dtypes, raws, room)
    squares = _squares(values)
    if not all(map(numbers.is_right, dtypes, chain(*raws), squares)):
        values = _values(numbers.exact, dtypes, raws, room)
        squares = _squares(values)
    if equal:
        return Sums(count, squares[0], squares[0])
    change = np.subtract(values[:1], values[1:], out=values[1:])
    largest = max(float(change.max()), -float(change.min()))
    changed = _squares(change)[0] if largest else 0.0
    return Sums(count, squares[0], squares[1], changed, largest)


def _values(
    decode: Callable[[str, Elements, Elements], Elements], dtypes: tuple[str, str], raws: list[Elements],
    room: Elements,
) -> Elements:  # fmt: skip
    """The numbers of both sides, or of the one there is, one below the other."""
    import numpy as np

    count = raws[0].shape[1] * 8 // BITS[dtypes[0]]
    if len(raws) == 1:
        sides = len(raws[0])
        return decode(dtypes[0], raws[0], room[: sides * count].reshape(sides, count))
    values = room[: 2 * count].reshape(2, count)
    for dtype, raw, slot in zip(dtypes, raws, (values[:1], values[1:]), strict=True):
        side = decode(dtype, raw, slot)
        if side is not slot:
            np.copyto(slot, side)
    return values


def _same(a: Elements, b: Elements) -> bool:
    """Whether bytes are equal; the first few already decide nearly all pairs that differ."""
    import numpy as np

    return a[:_GLANCE].tobytes() == b[:_GLANCE].tobytes() and np.array_equal(a.view("u8"), b.view("u8"))


def _squares(values: Elements) -> list[float]:
    """The sums of squares of each side, row by row."""
    import numpy as np

    rows = values.reshape(len(values), -1, _ROW)
    products = np.matmul(rows[..., None, :], rows[..., :, None])
    return [float(side) for side in products.sum((1, 2, 3), dtype="f8")]
