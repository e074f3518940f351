"""Writes a file whole or not at all; knows nothing of what is in it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from unetscope.errors import OutputError
from unetscope.words import safe

_ORDINARY = 0o666


def write(path: Path, data: bytes, *, make_folder: bool = False) -> None:
    """Replace a file's content in one step; what stood there stays until the new bytes are complete.

    A target that is no regular file (a pipe, /dev/null) is written to as it is. Raises OutputError
    where the target cannot be written.
    """
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            replace(path, data)
    except OSError as error:
        missing = not path.parent.is_dir()
        raise OutputError(
            f"cannot write {_shown(path)}: {error.strerror or error}",
            hint=f"the folder {_shown(path.parent)} does not exist"
            if missing
            else "choose another place with -o FILE",
        ) from error


def _shown(path: Path) -> str:
    return f"'{safe.escaped(str(path), limit=200)}'"


def replace(path: Path, data: bytes) -> None:
    """Write beside the target, then take its place; nothing is left behind on failure.

    A link is followed, so that it stays a link. Raises OSError.
    """
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, _mode(path))
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, else those of any new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return _ORDINARY & ~mask
