"""One commit of a repository: the names and sizes of its files, and a way to read a part of each.

From the Hub, or offline from its cache; a file that lies in the cache is not asked for again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from unetscope.errors import SourceError
from unetscope.limits import MAX_HUB_FILES, MAX_HUB_LISTING, MAX_NAME
from unetscope.sources import parsing, reading
from unetscope.sources.hub.address import Address, is_inside
from unetscope.sources.hub.requests import Requests
from unetscope.words.messages import printable

_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`sizes`: bytes of each file by its path. `part` reads bytes start to stop of one, fewer at its end."""

    repo: str
    commit: str
    sizes: Mapping[str, int]
    part: Callable[[str, int, int], bytes]


def snapshot(address: Address) -> Snapshot:
    """The commit that an address names. Raises SourceError where it is not there, or the extra is missing."""
    try:
        from huggingface_hub import constants
    except ImportError as error:
        raise SourceError(
            f'no preset, file or folder is called "{printable(str(address), limit=100)}"',
            hint="if it is on the Hugging Face Hub: pip install 'unetscope[hub]'",
        ) from error
    return _offline(address) if constants.HF_HUB_OFFLINE else _online(address)


def _offline(address: Address) -> Snapshot:
    from huggingface_hub import snapshot_download

    try:
        folder = Path(
            snapshot_download(address.repo, revision=address.revision or None, local_files_only=True)
        )
    except (OSError, ValueError) as error:  # LocalEntryNotFoundError is both
        raise SourceError(
            f"no file or folder is called {address.repo}, "
            "nor is it in the Hub's cache (HF_HUB_OFFLINE is set)",
            hint=f"once online: hf download {address.repo} --include '*.json'",
        ) from error
    sizes = dict[str, int]()
    for root, _, names in os.walk(folder):
        paths = [Path(root, name) for name in names]
        sizes |= {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths if path.exists()}
        _few_enough(len(sizes), address.repo)
    return Snapshot(
        address.repo, folder.name, sizes, lambda name, start, stop: _piece(folder / name, start, stop)
    )


def _online(address: Address) -> Snapshot:
    from huggingface_hub import constants, hf_hub_url, try_to_load_from_cache

    requests, repo = Requests(address.repo), address.repo
    revision = quote(address.revision or "main", safe="")
    url = f"{constants.ENDPOINT}/api/models/{repo}/revision/{revision}?blobs=true"
    listing = requests.whole(url, most=MAX_HUB_LISTING, name="list of files")
    commit, sizes = _listed(parsing.parse(listing, name=f"the list of files of {repo}"), repo)

    def part(name: str, start: int, stop: int) -> bytes:
        cached = try_to_load_from_cache(repo, name, revision=commit)
        if isinstance(cached, str):
            return _piece(Path(cached), start, stop)
        url = hf_hub_url(repo, name, revision=commit)
        return requests.part(url, start, stop, name=printable(name), commit=commit)

    return Snapshot(repo, commit, sizes, part)


def _listed(listing: Any, repo: str) -> tuple[str, dict[str, int]]:
    """Commit, and sizes by name, as the Hub lists them. Raises SourceError for anything else."""
    commit = listing.get("sha") if isinstance(listing, dict) else None
    entries = listing.get("siblings") if isinstance(listing, dict) else None
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit) or not isinstance(entries, list):
        raise SourceError(
            f"the Hub's answer lists no files of {repo}", hint="does HF_ENDPOINT name a server of the Hub?"
        )
    _few_enough(len(entries), repo)
    pairs = [(entry.get("rfilename"), entry.get("size")) for entry in entries if isinstance(entry, dict)]
    sizes = dict[str, int]()
    for name, size in pairs:
        if isinstance(name, str) and _is_name(name) and type(size) is int and size >= 0:
            sizes[name] = size
    return commit, sizes


def _is_name(name: str) -> bool:
    """Whether a file may be called so here: never a path out of the folder that it is put in."""
    return len(name) <= MAX_NAME and name.isprintable() and is_inside(name)


def _few_enough(count: int, repo: str) -> None:
    if count > MAX_HUB_FILES:
        raise SourceError(f"{repo} holds {count:,} files: more than is read", hint="download what you need")


def _piece(path: Path, start: int, stop: int) -> bytes:
    """Bytes of a file here; they lie at its start."""
    return reading.read_start(path, stop)[start:]
