"""Reads bytes from files and standard input: bounded, and from regular files only.

Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import NoReturn

from unetscope import files
from unetscope.errors import SourceError
from unetscope.limits import MAX_SAVED
from unetscope.words.messages import printable

STDIN = "-"
_TAKEN = "a source is a config.json, a model folder or an architecture saved by unetscope trace"


def exists(path: Path) -> bool:
    """Whether something exists under a path; False for names that no file can have."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:  # there, but unreadable: reading it will say why
        return error.errno != errno.ENAMETOOLONG
    return True


def read(path: Path) -> bytes:
    """The content of a regular file of at most MAX_SAVED bytes. Raises SourceError as `read_start` does."""
    return _read(path, MAX_SAVED, whole=True)


def read_start(path: Path, size: int) -> bytes:
    """The first `size` bytes of a regular file, or all it has.

    Devices, pipes and sockets are refused without waiting for them: reading one could block for ever.
    Raises SourceError.
    """
    return _read(path, size, whole=False)


def _read(path: Path, most: int, *, whole: bool) -> bytes:
    try:
        data = files.read(path, most=most, whole=whole)
        return data if data is not None else _refuse(path, path.stat())
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError | ValueError) -> SourceError:
    """What to raise for a file that could not be opened or read."""
    reason = error.strerror if isinstance(error, OSError) else None
    return SourceError(
        f"cannot read {printable(str(path), limit=200)}: {reason or printable(str(error))}",
        hint="check its name and that you may read it",
    )


def _refuse(path: Path, status: os.stat_result) -> NoReturn:
    """Refuse to read something that exists, and say why."""
    name = printable(str(path), limit=200)
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{name} is a folder, not a file", hint="give the config.json in it")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{name} is not a regular file", hint="to read from a pipe, give - as the source")
    raise _too_large(name)


def read_stdin() -> bytes:
    """All of standard input, of at most MAX_SAVED bytes. Raises SourceError."""
    if sys.stdin is None or sys.stdin.closed:
        raise SourceError(
            "cannot read standard input: it is closed", hint="pipe a config into it, or give a file"
        )
    try:
        data = sys.stdin.buffer.read(MAX_SAVED + 1)
    except OSError as error:
        raise SourceError(
            f"cannot read standard input: {error.strerror}", hint="pipe a config into it, or give a file"
        ) from error
    if len(data) > MAX_SAVED:
        raise _too_large("standard input")
    return data


def _too_large(name: str) -> SourceError:
    return SourceError(f"{name} is larger than {MAX_SAVED // 2**20} MiB", hint=_TAKEN)


def looks_like_path(source: str) -> bool:
    """Whether a name can only mean a file: it has a separator or ends as our files do."""
    separators = {os.sep, os.altsep or os.sep}
    return any(mark in source for mark in separators) or source.lower().endswith(
        (".json", ".json.gz", ".yaml")
    )
