"""A tensor, layer or block under each of its names, and the table of a network's: frozen plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unetscope.checkpoints.names import crosswalks
from unetscope.choices import KeysBy
from unetscope.hooks import Shown
from unetscope.model import Architecture
from unetscope.sizes import Shape


@dataclass(frozen=True, slots=True)
class Key:
    """A tensor, or all tensors of a layer or block, under each name; "" where it has none.

    Of the tensor `original` it takes rows `first` up to `end`, both 0 for all of them, its halves changing
    places where `swapped`; `file_shape` is the shape of that tensor. `merge` is supermerger's block,
    `sd_mecha` sd-mecha's. `kohya` and `peft` name the layer that an adapter hangs on. `tensors` and `params`
    are what it stands for, `shape` that of one tensor.
    """

    diffusers: str
    original: str = ""
    first: int = 0
    end: int = 0
    swapped: bool = False
    merge: str = ""
    sd_mecha: str = ""
    bk_sdm: str = ""
    kohya: str = ""
    peft: str = ""
    shape: Shape | None = None
    file_shape: Shape | None = None
    tensors: int = 1
    params: int = 0


@dataclass(frozen=True, slots=True)
class KeyTable(Shown):
    """The names of a network: `naming` is what its own code's names are called, "" where none are known
    here, "diffusers" where they are the same; `keys` are tensors, layers or blocks as `by` says.
    `missing` are tensors without a name there; `whole` are all tensors, whatever `keys` show."""

    network: Architecture
    naming: str
    by: KeysBy
    keys: tuple[Key, ...]
    whole: tuple[Key, ...]
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"KeyTable({self.network.title!r}, naming={self.naming!r}, by={self.by!r}, {len(self.keys)} keys)"
        )

    def records(self) -> list[dict[str, Any]]:
        """A dict for each row: `pandas.DataFrame(keys.records())`."""
        return [{name: getattr(key, name) for name in Key.__slots__} for key in self.keys]

    def plan(self) -> dict[str, Any]:
        """What takes a state dict under the original names to diffusers': see `crosswalks.plan`."""
        taken = {
            key.diffusers: crosswalks.Taken(key.original, key.first, key.end, key.swapped)
            for key in self.whole
            if key.original
        }
        return crosswalks.plan(taken, self.missing)
