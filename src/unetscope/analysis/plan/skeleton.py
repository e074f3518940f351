"""The lists of a network whose entries can go: levels of a UNet with their layers, stacks of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from unetscope.model import Architecture
from unetscope.paths import is_within, parent

RESNETS, ATTENTIONS, LAYERS = "resnets", "attentions", "transformer_blocks"


@dataclass(frozen=True, slots=True)
class UNetRung:
    """One resolution: the down and the up block that work at it; the finest has index 0."""

    index: int
    down: str
    up: str


@dataclass(frozen=True)
class Skeleton:
    """What can go of a network, by path."""

    network: Architecture

    @cached_property
    def rungs(self) -> tuple[UNetRung, ...]:
        """The levels of a UNet, from the finest on; none for other networks."""
        downs = [stage.path for stage in self.network.stages if stage.role == "down"]
        ups = [stage.path for stage in self.network.stages if stage.role == "up"]
        listed = all(self.entries(f"{path}.{RESNETS}") for path in (*downs, *ups))
        if not downs or len(downs) != len(ups) or not listed:
            return ()
        pairs = zip(downs, reversed(ups), strict=True)
        return tuple(UNetRung(index, down, up) for index, (down, up) in enumerate(pairs))

    @cached_property
    def mid(self) -> str:
        """The mid block of a UNet; "" where it has none."""
        mids = [stage.path for stage in self.network.stages if stage.role == "mid"]
        return mids[0] if self.rungs and mids else ""

    @cached_property
    def stacks(self) -> tuple[str, ...]:
        """The lists of blocks of a transformer."""
        stages = (stage.path for stage in self.network.stages if stage.role == "body")
        return tuple(path for path in stages if self.entries(path))

    def entries(self, path: str) -> tuple[str, ...]:
        """The entries of a list of modules; none where there is no such list."""
        nodes = self.network.children.get(path, ())
        return tuple(node.path for node in nodes if node.path.rpartition(".")[2].isdecimal())

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The down, mid and up blocks of a UNet, in the order of the forward."""
        downs = [rung.down for rung in self.rungs]
        ups = [rung.up for rung in reversed(self.rungs)]
        return (*downs, *([self.mid] if self.mid else []), *ups)

    @cached_property
    def lists(self) -> tuple[str, ...]:
        """All lists whose entries can go."""
        lists = list(self.stacks)
        for block in self.blocks:
            attentions = self.entries(f"{block}.{ATTENTIONS}")
            lists += [f"{block}.{RESNETS}", *([f"{block}.{ATTENTIONS}"] if attentions else [])]
            lists += [f"{path}.{LAYERS}" for path in attentions if self.entries(f"{path}.{LAYERS}")]
        return tuple(lists)

    @cached_property
    def droppable(self) -> tuple[str, ...]:
        """All that can go: blocks of a UNet, then the entries of all lists, in the network's order."""
        entries = [path for holder in self.lists for path in self.entries(holder)]
        order = {node.path: at for at, node in enumerate(self.network.nodes)}
        return tuple(sorted((*self.blocks, *entries), key=order.__getitem__))

    def level(self, path: str) -> int | None:
        """The level of a block of a UNet or of what lies in it; the mid block is of the coarsest."""
        block = next((candidate for candidate in self.blocks if is_within(path, candidate)), None)
        if block is None:
            return None
        if block == self.mid:
            return len(self.rungs) - 1
        return next(rung.index for rung in self.rungs if block in (rung.down, rung.up))

    def partner(self, path: str) -> str:
        """The attention that goes with a residual block, or the other way round; "" where there is none.

        In a mid block each attention stands before the residual block of the next number.
        """
        above, _, number = path.rpartition(".")
        block, _, name = above.rpartition(".")
        other = {RESNETS: ATTENTIONS, ATTENTIONS: RESNETS}.get(name)
        if other is None:
            return ""
        shift = 0 if block != self.mid else 1 if name == ATTENTIONS else -1
        beside = f"{block}.{other}.{int(number) + shift}"
        return beside if beside in self.network.by_path else ""


def position(path: str) -> int:
    """The number of an entry in its list."""
    return int(path.rpartition(".")[2])


def list_of(path: str) -> str:
    """The list that an entry is in."""
    return parent(path)
