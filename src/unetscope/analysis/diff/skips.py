"""Skip connections and inputs that differ, followed along an alignment."""

from __future__ import annotations

from collections.abc import Mapping

from unetscope.analysis import channels
from unetscope.analysis.diff.alignment import Alignment
from unetscope.difference.changes import How, InputChange, InputSide, SkipChange
from unetscope.model import Architecture, Skip
from unetscope.sizes import IMAGE_RANK, Shape


def changes(a: Architecture, b: Architecture, alignment: Alignment) -> list[SkipChange]:
    """Skips gone, new, or joined to what another source made; matched by the block that reads them."""
    theirs = _by_target({skip.target: skip.target for skip in b.skips}, b)
    ours = _by_target({skip.target: alignment.moved(skip.target) for skip in a.skips}, a)
    changed = []
    for target in [*ours, *(new for new in theirs if new not in ours)]:
        before, after = ours.get(target), theirs.get(target)
        if before is None or after is None:
            changed.append(SkipChange("added" if before is None else "removed", before, after))
        elif alignment.moved(before.source) != after.source or before.channels != after.channels:
            changed.append(SkipChange("changed", before, after))
    return changed


def inputs(a: Architecture, b: Architecture) -> list[InputChange]:
    """Inputs gone, new or of another shape, and input channels that hold something else."""
    ours, theirs = ({i.name: i.shape for i in network.inputs} for network in (a, b))
    known = bool(a.facts.input_channels and b.facts.input_channels)
    changed = []
    for name in [*ours, *(new for new in theirs if new not in ours)]:
        before, after = (_input(network, name, known=known) for network in (a, b))
        if before != after:
            how: How = "added" if before is None else "removed" if after is None else "changed"
            changed.append(InputChange(how, name, before, after))
    return changed


def lasting(network: Architecture, name: str, shape: Shape) -> Shape:
    """The part of the shape of one of a network's inputs that does not follow the size asked for: channels,
    or width."""
    if name == network.inputs[0].name:
        return channels.lasting(network, shape)
    return shape[1:2] if len(shape) >= IMAGE_RANK else shape[1:]


def _input(network: Architecture, name: str, *, known: bool) -> InputSide | None:
    """An input of a network; with what its channels hold where that is known of both networks."""
    shape = next((input_.shape for input_ in network.inputs if input_.name == name), None)
    if shape is None:
        return None
    holds = network.facts.input_channels if known and name == network.inputs[0].name else None
    return InputSide(lasting(network, name, shape), holds)


def _by_target(names: Mapping[str, str | None], network: Architecture) -> dict[str, Skip]:
    """Skips by the place of their reader in B; by their own name in A where B lacks it."""
    return {names[skip.target] or f"- {skip.target}": skip for skip in network.skips}
