"""U-Nets of other packages: a table of what is known of each, and the architecture that its code has.

They are traced from the packages themselves and kept under world/, each file without a name of its own:
that, the paper and the licence stand in world/networks.json. They are no presets, for no config makes them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from unetscope.checkpoint import Facts
from unetscope.model import Architecture
from unetscope.zoo import folder

FAMILY = _WORLD = "world"
"""What `unetscope list --family` calls them, and the folder of their files."""


class WorldUNet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network of another package.

    `package` has its version on PyPI, `code` builds the network, `input` is its shape without the batch.
    `licence` is that of the package as its metadata names it, None where they do not; `second_hand` says what
    of this is not as the makers of the network published it.
    """

    title: str
    package: str
    code: str
    input: str
    paper: str
    year: int
    licence: str | None
    second_hand: str
    params: int
    macs: int


@cache
def table() -> dict[str, WorldUNet]:
    """What is known of each, by the name that makes it a source."""
    data = (folder(_WORLD) / "networks.json").read_bytes()
    return msgspec.json.decode(data, type=dict[str, WorldUNet])


def packed(name: str) -> bytes:
    """The compressed trace of one of them, without its name and facts."""
    return (folder(_WORLD) / f"{name}.json.gz").read_bytes()


def named(architecture: Architecture, name: str) -> Architecture:
    """The trace of one of them under its name, with its facts. Raises KeyError for any other name."""
    known = table()[name]
    return replace(architecture, id=name, title=known.title, source=name, facts=_facts(known))


def without_name(architecture: Architecture) -> Architecture:
    """What its file keeps: everything that the table does not say."""
    return replace(architecture, id="", title="", source="", facts=Facts())


def file(name: str) -> Path:
    """Where one is kept, in an installation that is a folder of files."""
    return Path(str(folder(_WORLD))) / f"{name}.json.gz"


def _facts(known: WorldUNet) -> Facts:
    sources = [f"{known.package}: {known.code}", f"the paper: {known.paper}"]
    if known.second_hand:
        sources.append(f"second-hand: {known.second_hand}")
    return Facts(licence=known.licence, year=known.year, provenance="; ".join(sources))
