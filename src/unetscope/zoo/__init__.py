"""The models shipped with the program: one data file each under models/, traces under traces/.

To add one, add a file; nothing here names a model, builds a network or needs torch.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unetscope.spec import Spec
from unetscope.words import messages
from unetscope.zoo import preset as _file
from unetscope.zoo.preset import Preset

if TYPE_CHECKING:
    from importlib.abc import Traversable  # moved in Python 3.11, gone from here in 3.14

__all__ = [
    "Preset",
    "attribution",
    "attribution_file",
    "bundled",
    "find",
    "ids",
    "nearest",
    "preset",
    "spec",
    "trace_file",
]

_SUFFIX = ".json"


@cache
def ids() -> tuple[str, ...]:
    """All preset ids, sorted."""
    names = (entry.name for entry in _folder("models").iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


@cache
def preset(id: str) -> Preset:
    """One preset with its config filled in. Raises KeyError for an id that is not in `ids()`."""
    entry = _read(id)
    if entry.same_as is None:
        return entry
    return msgspec.structs.replace(entry, config=_read(entry.same_as).config | entry.overrides)


def find(name: str) -> str | None:
    """The id of the preset with this id or alias, whatever the case; None if there is none."""
    return _names().get(name.casefold())


def nearest(name: str) -> tuple[str, ...]:
    """Ids of up to three presets whose id or alias resembles `name`, best first."""
    known = _names()
    close = messages.nearest(name.casefold(), known, limit=6)
    return tuple(dict.fromkeys(known[match] for match in close))[:3]


def spec(id: str) -> Spec:
    """The network to build for a preset; its config is the caller's own copy."""
    return deepcopy(_file.spec(preset(id)))


def bundled(id: str) -> bytes | None:
    """The compressed trace that ships for a preset at its native size; None if none does.

    Its name and facts date from the day it was made: the preset has those that hold.
    """
    trace = _folder("traces") / f"{id}.json.gz"
    return trace.read_bytes() if id in ids() and trace.is_file() else None


def trace_file(id: str) -> Path:
    """The file of a preset's trace, in an installation that is a folder of files."""
    return Path(str(_folder("traces"))) / f"{id}.json.gz"


def attribution(content: str) -> bytes | None:
    """The compressed attribution that ships for a diff of this content; None if none does."""
    file = _folder("attributions") / f"{content}.json.gz"
    return file.read_bytes() if file.is_file() else None


def attribution_file(content: str) -> Path:
    """The file of an attribution, in an installation that is a folder of files."""
    return Path(str(_folder("attributions"))) / f"{content}.json.gz"


def _folder(name: str) -> Traversable:
    return resources.files(__name__) / name


@cache
def _read(id: str) -> Preset:
    if id not in ids():
        raise KeyError(id)
    return _file.read((_folder("models") / f"{id}{_SUFFIX}").read_bytes(), id=id)


@cache
def _names() -> dict[str, str]:
    """Id by case-folded id or alias; ids go last, so that no alias can hide one."""
    aliases = {alias.casefold(): id for id in ids() for alias in _read(id).aliases}
    return aliases | {id.casefold(): id for id in ids()}
