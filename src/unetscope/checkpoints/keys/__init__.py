"""Every tensor of a network under its name in each naming: diffusers', that of its own code, LoRA trainers',
merge tools'. One table, searched from any side."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from unetscope.checkpoints.keys.every_name import tensors
from unetscope.checkpoints.keys.grouping import grouped, summed
from unetscope.checkpoints.keys.key import Key, KeyTable
from unetscope.checkpoints.keys.search import found
from unetscope.choices import KeysBy, NamingName
from unetscope.errors import OptionError
from unetscope.model import Architecture
from unetscope.paths import OtherNames, parent

__all__ = ["Key", "KeyTable", "key_table", "names_of"]


def key_table(network: Architecture, *, by: KeysBy | None = None, find: str = "") -> KeyTable:
    """The names of a network's tensors, layers or blocks: by default blocks, or the tensors found.

    `find` is a name in any naming, part of one, or a pattern with * and ?. Raises OptionError for an unknown
    word, SourceError where nothing has such a name.
    """
    by = by or ("tensor" if find else "block")
    if by not in get_args(KeysBy):
        raise OptionError(f"no keys by {by!r}", hint="by: " + ", ".join(get_args(KeysBy)))
    naming, whole = tensors(network)
    missing = tuple(key.diffusers for key in whole if not key.original) if naming else ()
    keys = whole if by == "tensor" else grouped(network, whole, by)
    if find:
        keys = found(keys, find, network)
    return KeyTable(network, naming, by, keys, whole, missing)


def names_of(network: Architecture, naming: str) -> OtherNames:
    """What each module of a network is called in another naming.

    Raises OptionError for a naming that is unknown or that the network does not have.
    """
    own, whole = tensors(network)
    pick = _picked(naming, own, network)
    below: dict[str, list[Key]] = {}
    for key in whole:
        path = parent(key.diffusers)
        while path:
            below.setdefault(path, []).append(key)
            path = parent(path)
    named = {path: pick(summed(path, keys, network)) for path, keys in below.items()}
    if not any(named.values()):
        raise OptionError(f"{network.title} has no names of {naming}", hint=_has(own))
    return OtherNames(naming, {path: name for path, name in named.items() if name})


def _picked(naming: str, own: str, network: Architecture) -> Callable[[Key], str]:
    """What of a key is its name in a naming."""
    if naming not in get_args(NamingName):
        raise OptionError(f"no naming {naming!r}", hint="namings: " + ", ".join(get_args(NamingName)))
    wanted = {"sgm": "ldm"}.get(naming, naming)
    if wanted in ("merge", "bk-sdm", "kohya", "peft"):
        return lambda key: str(getattr(key, wanted.replace("-", "_")))
    if wanted not in ("original", own.lower()) or not own:
        raise OptionError(f"{network.title} has no {naming} names", hint=_has(own))
    return lambda key: key.original


def _has(own: str) -> str:
    return f"its own are called {own}: {own.lower()}" if own else "it has: kohya, peft"
