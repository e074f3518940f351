"""Files: read within bounds, written whole or not at all, named safely; knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from unetscope.errors import OutputError
from unetscope.words import safe

_ORDINARY = 0o666
_ELSEWHERE = "choose another place with -o FILE"
_MAX_WORD = 64
"""Characters of a name that a file name takes over."""
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Opening a pipe or a device must not wait for its other end."""


def slug(name: str) -> str:
    """A name from anywhere as a part of a file name: letters, digits, dot, dash and underscore of it.

    Other characters become dashes. At most 64 characters, never empty, hidden or a path.
    """
    safe_name = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name[:_MAX_WORD])
    return safe_name.strip(".-_") or "network"


def named(*words: str, suffix: str) -> str:
    """A file name of words, each by `slug`: the one way from what a file says to a default output name."""
    return "-".join(map(slug, words)) + f".{suffix}"


@contextlib.contextmanager
def opened(path: Path, *, follow: bool = True) -> Iterator[BinaryIO | None]:
    """A regular file, open for reading; None where it is anything else.

    Devices, pipes and sockets are never waited for; with `follow` False nor are links followed.
    What is opened is what is judged, so that nobody can swap it in between. Raises OSError, and
    ValueError for a name that no file can have.
    """
    handle = os.open(path, os.O_RDONLY | _NO_WAIT | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            yield None
            return
        with os.fdopen(handle, "rb", closefd=False) as file:
            yield file
    finally:
        os.close(handle)


def read(path: Path, *, most: int, follow: bool = True, whole: bool = True) -> bytes | None:
    """The content of a regular file; None where it is anything else, or larger than `most` bytes.

    With `whole` False the first `most` bytes of a larger one. Raises as `opened` does.
    """
    with opened(path, follow=follow) as file:
        if file is None or (whole and os.fstat(file.fileno()).st_size > most):
            return None
        data = file.read(most + whole)
    return data if len(data) <= most else None


def write(path: Path, data: bytes, *, make_folder: bool = False) -> None:
    """Replace a file's content in one step, as `writing` does."""
    with writing(path, make_folder=make_folder) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: Path, *, make_folder: bool = False) -> Iterator[BinaryIO]:
    """A file to write bit by bit; what stood there stays until the new bytes are complete.

    A target that is no regular file (a pipe, /dev/null) is written to as it is. Raises OutputError
    where the target cannot be written.
    """
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        opened_ = path.open("wb") if path.exists() and not path.is_file() else replacing(path)
        with opened_ as file:
            yield file
    except FileExistsError as error:  # what should be a folder on the way
        raise OutputError(f"cannot write {_shown(path)}: Not a directory", hint=_ELSEWHERE) from error
    except OSError as error:
        missing = not path.parent.is_dir()
        raise OutputError(
            f"cannot write {_shown(path)}: {error.strerror or error}",
            hint=f"the folder {_shown(path.parent)} does not exist" if missing else _ELSEWHERE,
        ) from error


def write_folder(folder: Path, contents: Mapping[str, bytes], *, mark: str) -> None:
    """Write files into a folder: a new one appears whole or not at all.

    In one that exists each file is replaced in one step, but only where the file `mark` says that we wrote it
    before, or where it is empty: nothing of anybody else's is lost. Raises OutputError.
    """
    try:
        if holds_own(folder, mark):
            for name, data in contents.items():
                write(folder / name, data)
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        _appear(folder, contents)
    except OSError as error:
        raise OutputError(
            f"cannot write {_shown(folder)}: {error.strerror or error}", hint=_ELSEWHERE
        ) from error


def holds_own(folder: Path, mark: str) -> bool:
    """Whether a folder holds files of ours, as the file `mark` tells; False for a new or empty one.

    Raises OutputError for one that holds other files.
    """
    try:
        if not (folder.is_dir() and any(folder.iterdir())):
            return False
    except OSError as error:
        raise OutputError(
            f"cannot read {_shown(folder)}: {error.strerror or error}", hint=_ELSEWHERE
        ) from error
    if not (folder / mark).is_file():
        hint = "name a folder that is new, empty, or was written so before"
        raise OutputError(f"{_shown(folder)} holds other files", hint=hint)
    return True


def _appear(folder: Path, contents: Mapping[str, bytes]) -> None:
    """A new folder with all its files, made beside its place and moved there."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", suffix=".part", dir=folder.parent))
    try:
        for name, data in contents.items():
            (fresh / name).write_bytes(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(fresh, 0o777 & ~mask)
        os.replace(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _shown(path: Path) -> str:
    return f"'{safe.escaped(str(path), limit=200)}'"


def replace(path: Path, data: bytes) -> None:
    """Write beside the target, then take its place; nothing is left behind on failure.

    A link is followed, so that it stays a link. Raises OSError.
    """
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """The same for what is written bit by bit: a file that takes the target's place once it is whole."""
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
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
