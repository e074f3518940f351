"""Traces, and attributions of diffs, on disk under the hash of all that they depend on.

Any number of processes may use it. It only ever saves time: whatever goes wrong with it counts as a miss.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TypeVar

from unetscope import codec, files
from unetscope.errors import OutputError, UnetscopeError
from unetscope.limits import MAX_SAVED
from unetscope.model import SCHEMA_VERSION, Architecture
from unetscope.sizes import Size
from unetscope.spec import Spec

T = TypeVar("T")
VARIABLE = "UNETSCOPE_CACHE"
MAX_BYTES = 512 * 2**20
"""Total size kept; one SDXL trace takes about 100 KB."""

_SUFFIX = ".json.gz"
_TEMPORARY = ".tmp"
_OURS = re.compile(r"[0-9a-f]{64}\.json\.gz|unetscope-[A-Za-z0-9_]+\.tmp")
_ABANDONED_SECONDS = 3600


def key(spec: Spec, size: Size) -> str:
    """The name of an entry: a hash of all that a trace depends on, and of nothing else.

    That is class, config and size (pixels by way of the VAE factor), our schema, and the versions
    of torch and diffusers, which are read without importing them.
    """
    everything = {
        "class_name": spec.class_name,
        "config": spec.config,
        "size": asdict(size),
        "vae_factor": spec.facts.vae_factor if size.pixels else None,
    }
    return _hash(everything)


def key_of(content: str) -> str:
    """The name of an entry for what was found out of networks whose hash is `content`."""
    return _hash({"content": content})


def folder(env: Mapping[str, str]) -> Path:
    """Where entries lie: $UNETSCOPE_CACHE, or the user's cache folder. Raises OutputError for ~nobody."""
    if env.get(VARIABLE):
        try:
            return Path(env[VARIABLE]).expanduser()
        except RuntimeError as error:  # ~name of nobody, or no home at all
            raise OutputError(
                f"{VARIABLE} names a home that is not known: {env[VARIABLE]}",
                hint=f"give a folder: {VARIABLE}=DIR",
            ) from error
    import platformdirs

    return Path(platformdirs.user_cache_dir("unetscope", appauthor=False))


def read(folder: Path, key: str) -> Architecture | None:
    """The architecture kept under a key; None where there is none that is whole."""
    return read_as(folder, key, codec.loads)


def read_as(folder: Path, key: str, decode: Callable[[bytes], T | None]) -> T | None:
    """What `decode` makes of the JSON kept under a key; None where there is none that is whole.

    An entry is a regular file of bounded size whose first line is its own key: we ignore links, pipes,
    devices and entries of another key.
    """
    path = folder / f"{key}{_SUFFIX}"
    try:
        packed = files.read(path, most=MAX_SAVED, follow=False)
        named, _, plain = codec.unpacked(packed or b"").partition(b"\n")
        value = decode(plain) if named == key.encode() else None
    except (OSError, ValueError, UnetscopeError):
        return None
    if value is None:
        return None
    with suppress(OSError):  # the time tells `_prune` what is in use
        os.utime(path)
    return value


def write(folder: Path, key: str, value: Architecture | bytes) -> bool:
    """Keep an architecture, or other data as `codec.dumps` gives it, under a key.

    False where the folder cannot be written, which harms nothing. The entry appears whole or not at
    all, also beside other processes writing the same one.
    """
    plain = value if isinstance(value, bytes) else codec.dumps(value)
    data = codec.packed(key.encode() + b"\n" + plain)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix="unetscope-", suffix=_TEMPORARY)
    except (OSError, ValueError):
        return False
    temporary, entry = Path(name), folder / f"{key}{_SUFFIX}"
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, entry)
    except OSError:
        return False
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _prune(folder)
    return True


def clear(folder: Path) -> int:
    """Remove all entries and nothing else; how many there were."""
    removed = 0
    for path, _ in _entries(folder):
        with suppress(OSError):
            path.unlink()
            removed += path.name.endswith(_SUFFIX)
    return removed


def _prune(folder: Path, *, limit: int = MAX_BYTES) -> None:
    """Remove the entries longest unused beyond `limit` bytes, and files of writers that died."""
    entries = sorted(_entries(folder), key=lambda entry: entry[1].st_mtime, reverse=True)
    total, newest = 0, entries[0][1].st_mtime if entries else 0.0
    for path, status in entries:
        total += status.st_size
        abandoned = newest - status.st_mtime > _ABANDONED_SECONDS
        if abandoned if path.suffix == _TEMPORARY else total > limit:
            with suppress(OSError):
                path.unlink()


def _entries(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """Our own files in the folder; other processes may remove some meanwhile."""
    entries = []
    with suppress(OSError, ValueError):  # ValueError: a name no folder can have
        for path in folder.iterdir():
            with suppress(OSError):
                if _OURS.fullmatch(path.name):
                    entries.append((path, path.lstat()))
    return entries


def _hash(everything: Mapping[str, object]) -> str:
    """A hash of these and of what every entry depends on: our schema, torch and diffusers."""
    versions = {"schema": SCHEMA_VERSION, "torch": _version("torch"), "diffusers": _version("diffusers")}
    canonical = json.dumps({**everything, **versions}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def _version(package: str) -> str | None:
    """The installed version of a package; None where it is not installed."""
    from importlib import metadata  # which reads mail headers, and is needed for a trace of one's own alone

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
