"""Bytes in, from files and standard input: bounded, and only from what is a plain file.

Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from unetscope.codec import MAX_BYTES
from unetscope.errors import SourceError
from unetscope.families.wording import printable

STDIN = "-"


def exists(path: Path) -> bool:
    """Whether something is there under that path; False for names that no file can have."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:  # there, but unreadable: reading it will say why
        return error.errno != errno.ENAMETOOLONG
    return True


def read(path: Path) -> bytes:
    """The content of a regular file of at most codec.MAX_BYTES. Raises SourceError as `read_start` does."""
    return _bounded(read_start(path, MAX_BYTES + 1), str(path))


def read_start(path: Path, size: int) -> bytes:
    """The first `size` bytes of a regular file, or all it has.

    Devices, pipes and sockets are refused without being opened: reading one could block for ever.
    Raises SourceError.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SourceError(
                f"{printable(str(path), limit=200)} is a folder, not a file",
                hint="give the folder of the model itself, or the file in it",
            )
        if not stat.S_ISREG(mode):
            raise SourceError(
                f"{printable(str(path), limit=200)} is not a regular file",
                hint="to read from a pipe, give - as the source",
            )
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise SourceError(
            f"cannot read {printable(str(path), limit=200)}: {reason or printable(str(error))}",
            hint="check its name and that you may read it",
        ) from error


def read_stdin() -> bytes:
    """All of standard input, of at most codec.MAX_BYTES. Raises SourceError."""
    if sys.stdin is None or sys.stdin.closed:
        raise SourceError(
            "cannot read standard input: it is closed", hint="pipe a config into it, or give a file"
        )
    try:
        return _bounded(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    except OSError as error:
        raise SourceError(
            f"cannot read standard input: {error.strerror}", hint="pipe a config into it, or give a file"
        ) from error


def _bounded(data: bytes, name: str) -> bytes:
    if len(data) > MAX_BYTES:
        raise SourceError(
            f"{printable(name, limit=200)} is larger than {MAX_BYTES // 2**20} MiB",
            hint="no config or saved architecture is that large",
        )
    return data


def looks_like_path(source: str) -> bool:
    """Whether a name can only mean a file: it has a separator or ends as our files do."""
    separators = {os.sep, os.altsep or os.sep}
    return any(mark in source for mark in separators) or source.lower().endswith((".json", ".json.gz"))
