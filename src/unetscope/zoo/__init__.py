"""The models shipped with the program: one data file each under models/, traces under traces/.

A model of which no network is known has its file under facts/ instead. Presets whose network and size
are the same share one trace, which is named by them. Adding a model is adding a file; nothing here names
a model, builds a network or needs torch.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unetscope.sizes import Axes
from unetscope.spec import Spec
from unetscope.words import messages
from unetscope.zoo import preset as _file
from unetscope.zoo.preset import Preset

if TYPE_CHECKING:
    from importlib.abc import Traversable  # moved in Python 3.11, gone from here in 3.14

__all__ = [
    "Preset",
    "Totals",
    "attribution",
    "attribution_file",
    "bundled",
    "find",
    "ids",
    "nearest",
    "network",
    "preset",
    "spec",
    "totals",
    "totals_file",
    "trace_file",
    "unpublished",
]

_SUFFIX, _PACKED = ".json", ".json.gz"
_TOTALS = "totals.json"


class Totals(msgspec.Struct, frozen=True):
    """What a bundled trace adds up to, at hand without reading it: one forward at batch 1."""

    params: int
    macs: int
    axes: Axes


@cache
def ids() -> tuple[str, ...]:
    """Ids of all presets that have a network, sorted."""
    return _named_in("models")


@cache
def unpublished() -> tuple[str, ...]:
    """Ids of the models that are known by facts alone, sorted."""
    return _named_in("facts")


@cache
def preset(id: str) -> Preset:
    """One preset or facts of a model, whole. Raises KeyError for an id that is neither."""
    if id not in ids() and id not in unpublished():
        raise KeyError(id)
    kind = "models" if id in ids() else "facts"
    return _file.read((folder(kind) / f"{id}{_SUFFIX}").read_bytes(), id=id, find=preset)


def find(name: str) -> str | None:
    """The id of the model with this id or alias, whatever the case; None if there is none."""
    return _names().get(name.casefold())


def nearest(name: str, *, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """Ids of up to three models whose id or alias resembles `name`, or names `beside` them, best first."""
    known = _names() | {other: other for other in beside}
    close = messages.nearest(name.casefold(), known, limit=6)
    return tuple(dict.fromkeys(known[match] for match in close))[:3]


def spec(id: str) -> Spec:
    """The network to build for a preset; its config is the caller's own copy."""
    return deepcopy(_file.spec(preset(id)))


def bundled(network: str) -> bytes | None:
    """The compressed trace shipped for a network, at its native size; None where there is none.

    Name and facts in it are nobody's: presets share it.
    """
    trace = folder("traces") / f"{network}{_PACKED}"
    return trace.read_bytes() if network in _totals() and trace.is_file() else None


@cache
def network(id: str) -> str:
    """The name of a preset's network: the same for presets that differ in facts alone."""
    return _file.network_key(preset(id))


def totals(id: str) -> Totals | None:
    """Parameters and MACs of a preset's bundled trace; None where none is bundled."""
    return _totals().get(network(id)) if id in ids() else None


def trace_file(network: str) -> Path:
    """Where a trace is kept under its network's name, in an installation that is a folder of files."""
    return Path(str(folder("traces"))) / f"{network}{_PACKED}"


def totals_file() -> Path:
    """Where the totals of all traces are kept, in an installation that is a folder of files."""
    return Path(str(folder("traces"))) / _TOTALS


def attribution(content: str) -> bytes | None:
    """The compressed attribution shipped for a diff of this content; None where there is none."""
    path = folder("attributions") / f"{content}{_PACKED}"
    return path.read_bytes() if path.is_file() else None


def attribution_file(content: str) -> Path:
    """Where that is kept, in an installation that is a folder of files."""
    return Path(str(folder("attributions"))) / f"{content}{_PACKED}"


def folder(name: str) -> Traversable:
    """Where bundled files of a kind are kept."""
    return resources.files(__name__) / name


def _named_in(kind: str) -> tuple[str, ...]:
    names = (entry.name for entry in folder(kind).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


@cache
def _totals() -> dict[str, Totals]:
    """Totals by name of network; none where there is no list of them yet."""
    listed = folder("traces") / _TOTALS
    return msgspec.json.decode(listed.read_bytes(), type=dict[str, Totals]) if listed.is_file() else {}


@cache
def _names() -> dict[str, str]:
    """Id by case-folded id or alias; ids go last, so that no alias can hide one."""
    known = (*ids(), *unpublished())
    aliases = {alias.casefold(): id for id in known for alias in preset(id).aliases}
    return aliases | {id.casefold(): id for id in known}
