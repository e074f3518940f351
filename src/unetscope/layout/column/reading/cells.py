"""What one box of an opened block tells: frozen plain data between the recorded calls and the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.cost import Cost
from unetscope.layout.column.reading.residuals import Flowing
from unetscope.layout.column.reading.tokens import Extent

CellKind: TypeAlias = Literal["norm", "projection", "scores", "feed-forward", "linear", "conv", "other"]
Condition: TypeAlias = Literal["t", "c"]


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer that multiplies, for the picture that opens boxes into layers."""

    name: str
    form: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Cell:
    """One box. `title` is in bold, `notes` stand below it and `brief` is what a narrow picture says.

    `path` is the module; `reads` are the conditions it takes in; `layers` its layers; `mixes` the widths
    that a projection of joined tensors reads, where it reads several."""

    kind: CellKind
    title: str
    path: str
    cost: Cost
    notes: tuple[str, ...] = ()
    brief: tuple[str, str] = ("", "")
    reads: frozenset[Condition] = frozenset()
    layers: tuple[LayerRow, ...] = ()
    mixes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Fork:
    """Boxes beside each other that read the same and are joined behind."""

    branches: tuple[tuple[Cell, ...], ...]


Link: TypeAlias = Cell | Fork


@dataclass(frozen=True, slots=True)
class Phase:
    """What runs up to one residual addition on each lane: boxes of each lane, then one over all lanes (joint
    attention), then boxes of each lane again. `closes` are the lanes that end in an addition, `from_start`
    those whose addition takes what the block was given."""

    before: tuple[tuple[Link, ...], ...]
    shared: tuple[Cell, ...]
    after: tuple[tuple[Link, ...], ...]
    closes: frozenset[int]
    from_start: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LaneOf:
    """A stream of tokens through a block: what it is, its size, and whether it goes on behind the block."""

    word: str
    extent: Extent
    flow: Flowing
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """The inside of a block. `skips` are earlier blocks whose result it joins to its own input."""

    lanes: tuple[LaneOf, ...]
    entry: tuple[Cell, ...]
    phases: tuple[Phase, ...]
    skips: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All boxes, in the order of the picture."""
        cells: list[Cell] = [*self.entry]
        for phase in self.phases:
            for lane in phase.before:
                cells += flat_cells(lane)
            cells += phase.shared
            for lane in phase.after:
                cells += flat_cells(lane)
        return tuple(cells)


def flat_cells(links: tuple[Link, ...]) -> list[Cell]:
    """The boxes of a lane, those of forks too."""
    cells: list[Cell] = []
    for link in links:
        cells += [link] if isinstance(link, Cell) else [cell for branch in link.branches for cell in branch]
    return cells
