"""What to survey: files, folders, globs, URLs, repositories and lists of all these → one item a file."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from unetscope.checkpoints import containers
from unetscope.errors import OptionError, SourceError
from unetscope.limits import MAX_DOCUMENT
from unetscope.sources import hub, reading
from unetscope.words.messages import printable

ItemKind: TypeAlias = Literal["file", "url", "hub", "absent"]
_LIST = ".txt"
_GLOB = frozenset("*?[")


class SurveyItem(msgspec.Struct, frozen=True, order=True):
    """One thing to read: a file here, a URL, or a repository on the Hub with whatever weights it has.

    `stamp` says which state of a file it was, so that one that changed is read again; of what is "absent" it
    is why.
    """

    place: str
    kind: ItemKind
    stamp: str = ""


def items(sources: tuple[str, ...]) -> list[SurveyItem]:
    """All that the sources name, each once, in their order; of a folder sorted by name.

    A source that names nothing is an item too, and becomes a row with the reason. Raises OptionError where a
    URL needs the extra.
    """
    return list(dict.fromkeys(item for source in sources for item in _named(source, lists=True)))


def _named(source: str, *, lists: bool) -> Iterator[SurveyItem]:
    if "://" in source:
        yield from _under_url(source)
        return
    path = Path(source)
    if lists and source.endswith(_LIST) and reading.exists(path) and not path.is_dir():
        lines = reading.read_start(path, MAX_DOCUMENT).decode("utf-8", "replace").splitlines()
        for line in lines:
            name = line.partition("#")[0].strip() if line.lstrip().startswith("#") else line.strip()
            yield from _named(name, lists=False) if name else ()
    elif path.is_dir():
        yield from _in_folder(source)
    elif reading.exists(path):
        yield _file(source)
    elif _GLOB & {*source}:
        yield from _matching(source)
    else:
        yield _on_hub(source)


def _on_hub(source: str) -> SurveyItem:
    """A repository, or an absent item."""
    try:
        address = hub.address_of(source, presets=False)
    except SourceError as error:
        return SurveyItem(source, "absent", error.message)
    if address is None:
        return SurveyItem(source, "absent", "there is no such file, folder or repository")
    return SurveyItem(str(address), "hub")


def _matching(pattern: str) -> Iterator[SurveyItem]:
    """Files and folders that match a pattern; ** is any number of folders."""
    paths = sorted(glob.glob(pattern, recursive=True))
    if not paths:
        yield SurveyItem(pattern, "absent", "no file matches this pattern")
    for path in paths:
        if os.path.isdir(path):
            continue
        if containers.is_weights(Path(path)):
            yield _file(path)


def _in_folder(folder: str) -> Iterator[SurveyItem]:
    """Files of weights in a folder and all folders in it; shards are left to an index beside them."""
    is_empty = False
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in _weights(names):
            is_empty = True
            yield _file(os.path.join(root, name))
    if not is_empty:
        yield SurveyItem(folder, "absent", "no file of weights is in this folder")


def _weights(names: list[str]) -> list[str]:
    """The names of weights among those of one folder."""
    weights = sorted(name for name in names if containers.is_weights(Path(name)))
    indexed = any(name.lower().endswith(containers.INDEX) for name in weights)
    return [name for name in weights if not (indexed and containers.SHARD.search(name))]


def _file(path: str) -> SurveyItem:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return SurveyItem(path, "file")
    return SurveyItem(path, "file", f"{status.st_size} {status.st_mtime_ns}")


def _under_url(url: str) -> Iterator[SurveyItem]:
    """The file at a URL, or those below it or that match it."""
    fsspec = _fsspec()
    try:
        system, path = fsspec.core.url_to_fs(url)
        if _GLOB & {*path}:
            paths = system.glob(path)
        elif system.isdir(path):
            paths = system.find(path)
        else:
            paths = [path]
        addresses = [
            address for address in sorted(paths) if address == path or containers.is_weights(Path(address))
        ]
        places = [system.unstrip_protocol(address) if address != path else url for address in addresses]
    except Exception as error:  # noqa: BLE001 - whatever a file system of any kind raises becomes a row
        yield SurveyItem(url, "absent", printable(str(error) or type(error).__name__, limit=200))
        return
    if not places:
        yield SurveyItem(url, "absent", "nothing of weights is there")
    yield from (SurveyItem(place, "url") for place in places)


def _fsspec() -> Any:
    try:
        import fsspec
    except ImportError as error:
        raise OptionError("a URL needs fsspec", hint='pip install "unetscope[survey]"') from error
    return fsspec
