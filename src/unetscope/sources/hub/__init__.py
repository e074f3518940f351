"""What lies on the Hugging Face Hub, by a small copy of it here: its configs, the headers of its weights.

From there on it is a model folder or a file like any other. The copy ends with the process. Needs the extra
`hub`; nothing is asked of the network before a name is known to be neither a preset nor a path.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from unetscope import zoo
from unetscope.checkpoint import ON_HUB
from unetscope.errors import SourceError
from unetscope.hooks import tell
from unetscope.model import Architecture
from unetscope.sources import reading
from unetscope.sources.hub import choice
from unetscope.sources.hub.address import Address, parse, with_options
from unetscope.sources.hub.copying import copy
from unetscope.sources.hub.snapshot import Snapshot, snapshot
from unetscope.spec import Spec

__all__ = ["Address", "address_of", "copied_weights", "origin", "place", "with_options", "with_origin"]

_Known = TypeVar("_Known", bound=Spec | Architecture)
Wanted = Literal["network", "file", "all"]
"""Of a folder: its network with what stands around it, its one file of weights, or every such file."""


def address_of(source: object, *, presets: bool = True) -> Address | None:
    """The address that a source is; None for what exists here, for any other name, and for a preset if
    `presets` are sources too.

    Raises SourceError as `address.parse` does.
    """
    if not isinstance(source, str) or reading.exists(Path(source)):
        return None
    if presets and zoo.find(source) is not None:
        return None
    return parse(source)


def place(source: object, wanted: Wanted = "network") -> Path | None:
    """Where the copy of what a source names lies: a model folder, a folder of weights, or a file.

    None where the source is no address; a preset is one only where its weights are wanted.

    Raises SourceError where it cannot be had, or does not hold what is wanted.
    """
    address = address_of(source, presets=wanted == "network")
    return None if address is None else _copied(address, wanted)


def origin(path: Path) -> str:
    """Which commit of which repository a copy is of, in words; "" for any other file."""
    return next((_origins[folder] for folder in (path, *path.parents) if folder in _origins), "")


def with_origin(network: _Known, path: Path) -> _Known:
    """A network with the commit that it was read at among its facts; as it is for a file that is no copy."""
    known = origin(path)
    return replace(network, facts=replace(network.facts, provenance=known)) if known else network


_origins: dict[Path, str] = {}
"""Where copies lie, each with its origin."""


@cache
def _root() -> tempfile.TemporaryDirectory[str]:
    """Where the copies of this process lie; removed at its end."""
    return tempfile.TemporaryDirectory(prefix="unetscope-hub-")


@cache
def _snapshot(address: Address) -> Snapshot:
    tell(f"asking the Hub for {address.repo}")
    return snapshot(address)


@cache
def _copied(address: Address, wanted: Wanted) -> Path:
    """The copy of what is wanted of an address, made once."""
    shot = _snapshot(Address(address.repo, address.revision))
    top = Path(tempfile.mkdtemp(dir=_root().name)) / address.repo.partition("/")[2]
    _origins[top] = f"{ON_HUB}{shot.repo}, commit {shot.commit}"
    return _copy_to(top, shot, address, wanted)


def copied_weights(address: Address, folder: Path) -> tuple[Path, str]:
    """A copy in a folder of the caller's of all weights that an address names, and what it is a copy of.

    Raises SourceError where it cannot be had.
    """
    shot = snapshot(Address(address.repo, address.revision))
    return _copy_to(folder, shot, address, "all"), f"{ON_HUB}{shot.repo}, commit {shot.commit}"


def _copy_to(top: Path, shot: Snapshot, address: Address, wanted: Wanted) -> Path:
    """The copy of what is wanted of a snapshot, as a folder or as its one file."""
    names = choice.chosen(shot, address, wanted)
    for name in names:
        copy(shot, name, top / choice.renamed(name, address.variant))
    if choice.is_one_file(names, address, wanted):
        return top / choice.renamed(names[0], address.variant)
    folder = top / address.inside
    if not reading.exists(folder):
        raise SourceError(f"{address.repo} holds nothing in {address.inside}", hint="check the subfolder")
    return folder
