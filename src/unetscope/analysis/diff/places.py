"""The stage that a change lies in: each side's in its own network."""

from __future__ import annotations

from unetscope.difference import Diff
from unetscope.difference.changes import BlockChange, BlockSide, SkipChange, TensorChange
from unetscope.model import Architecture, Skip, Stage, Tensor


def path_of(side: BlockSide | Skip | Tensor) -> str:
    """Where one side of a change lies: a block, the module that reads a skip, a tensor."""
    match side:
        case Tensor():
            return side.place
        case Skip():
            return side.target
    return side.path


def stage_of(
    change: BlockChange | TensorChange | SkipChange, a: Architecture, b: Architecture
) -> Stage | None:
    """The stage in B, or in A for what B lacks; None for what stands in the network itself."""
    path = change.place if isinstance(change, TensorChange) else change.path
    return (a if change.after is None else b).stage_of(path)


def stages(change: BlockChange | SkipChange, a: Architecture, b: Architecture) -> list[str]:
    """Paths of the stages of both sides, of a side itself where it lies in none."""
    sides = ((a, change.before), (b, change.after))
    return [root(network, path_of(side)) for network, side in sides if side is not None]


def root(network: Architecture, path: str) -> str:
    """The path of the stage that a path lies in; itself where it lies in none."""
    stage = network.stage_of(path)
    return path if stage is None else stage.path


def of_diff(change: BlockChange | TensorChange, diff: Diff) -> Stage | None:
    """`stage_of` in the networks of a diff."""
    return stage_of(change, diff.a, diff.b)
