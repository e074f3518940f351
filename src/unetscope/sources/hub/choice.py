"""Which files of a repository are asked for: a network's configs and weights, or all weights."""

from __future__ import annotations

import posixpath
import re

from unetscope.errors import SourceError
from unetscope.limits import MAX_SHARDS
from unetscope.sources import folder
from unetscope.sources.hub.address import WEIGHTS, Address
from unetscope.sources.hub.snapshot import Snapshot
from unetscope.words.messages import did_you_mean, listed

_INDEX = ".safetensors.index.json"
_SHARD = re.compile(r"-\d{5}-of-\d{5}\.")
_AROUND = (
    "model_index.json",
    "scheduler/scheduler_config.json",
    *(f"{name}/config.json" for name in folder.VAES),
)


def chosen(shot: Snapshot, address: Address, wanted: str) -> list[str]:
    """Names of the files to copy, the network's config or the one file first. Raises SourceError for none."""
    if address.is_file:
        return [_there(shot, address.inside)]
    if wanted == "network":
        config = _config(shot, address.inside)
        if config:
            return [config, *_around(shot, config), *_beside(shot, config, address)]
    files = _weights(shot, address)
    if wanted != "all" and len(files) > 1:
        what = "config of a network" if wanted == "network" else "single file of weights"
        raise SourceError(
            f"{address} has no {what}", hint=f"add one of {listed(_parts(shot, files), limit=5)} after a :"
        )
    return files


def is_one_file(names: list[str], address: Address, wanted: str) -> bool:
    """Whether what was chosen is a file by itself rather than the content of a folder."""
    return address.is_file or (
        len(names) == 1 and not names[0].endswith("/config.json") and _is_weights(names[0])
    )


def renamed(name: str, variant: str) -> str:
    """A file's name in the copy: diffusers wrote the variant at three places of an index's name."""
    for spelt in (f".safetensors.index.{variant}.json", f".safetensors.{variant}.index.json"):
        if variant and name.endswith(spelt):
            return name.removesuffix(spelt) + f".{variant}{_INDEX}"
    return name


def _there(shot: Snapshot, name: str) -> str:
    if name not in shot.sizes:
        raise SourceError(
            f"{shot.repo} has no {name}",
            hint=did_you_mean(name, shot.sizes, otherwise="check the name and the revision"),
        )
    return name


def _config(shot: Snapshot, inside: str) -> str:
    """The network's config in a folder, where `folder.config_in` will find it."""
    places = [posixpath.join(inside, part, "config.json") for part in (*folder.NETWORKS, "")]
    return next((place for place in places if place in shot.sizes), "")


def _around(shot: Snapshot, config: str) -> list[str]:
    """The files that `folder.facts_beside` reads."""
    own = posixpath.dirname(config)
    if posixpath.basename(own) not in folder.NETWORKS:
        return []
    root = posixpath.dirname(own)
    return [place for name in _AROUND if (place := posixpath.join(root, name)) in shot.sizes]


def _beside(shot: Snapshot, config: str, address: Address) -> list[str]:
    """The weights that diffusers would load: of the variant asked for, else of none, else of any."""
    own = posixpath.dirname(config)
    named = [name for name in shot.sizes if posixpath.dirname(name) == own and _is_weights(name)]
    named = sorted(name for name in named if posixpath.basename(name).startswith(f"{folder.WEIGHTS}."))
    if address.variant:
        return _of_variant(named, address)[:1]
    plain = [name for name in named if posixpath.basename(name) in _plain()]
    return (plain or [name for name in named if name.endswith(WEIGHTS)])[:1]


def _plain() -> tuple[str, str]:
    return f"{folder.WEIGHTS}.safetensors", f"{folder.WEIGHTS}{_INDEX}"


def _weights(shot: Snapshot, address: Address) -> list[str]:
    """Files of weights in a folder and the folders in it; without the shards of an index."""
    start = f"{address.inside}/" if address.inside else ""
    names = sorted(name for name in shot.sizes if name.startswith(start) and _is_weights(name))
    files = [name for name in names if name.removeprefix(start).count("/") <= 1]
    if address.variant:
        files = _of_variant(files, address)
    if not files or len(files) > MAX_SHARDS:
        what = f"{len(files)} files of" if files else "no"
        raise SourceError(
            f"{address} has {what} safetensors weights here", hint="name a folder or a file of it after a :"
        )
    return files


def _is_weights(name: str) -> bool:
    """Whether a file holds weights or lists shards of them, and is no shard itself."""
    is_index = name.endswith(".json") and ".safetensors." in name
    return (name.lower().endswith(WEIGHTS) or is_index) and not _SHARD.search(name)


def _of_variant(names: list[str], address: Address) -> list[str]:
    variants = [name for name in names if f".{address.variant}." in posixpath.basename(name)]
    if not variants:
        raise SourceError(
            f"{address.repo} has no weights of variant {address.variant} here",
            hint=f"it has {listed(map(posixpath.basename, names), limit=4)}"
            if names
            else "leave --variant out",
        )
    return variants


def _parts(shot: Snapshot, weights: list[str]) -> list[str]:
    """What one may name instead: folders with a config, else files of weights."""
    folders = [posixpath.dirname(name) for name in shot.sizes if name.endswith("/config.json")]
    return sorted(folders) or weights
