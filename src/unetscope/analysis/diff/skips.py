"""Skip connections and inputs that differ, followed along an alignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.analysis.diff.alignment import Alignment
from unetscope.analysis.diff.changes import Change, How
from unetscope.model import Architecture, Shape, Skip


def changes(a: Architecture, b: Architecture, alignment: Alignment) -> list[Change]:
    """Skips gone, new, or joined to what another source made; matched by the block that reads them."""
    theirs = _by_target({skip.target: skip.target for skip in b.skips}, b)
    ours = _by_target({skip.target: alignment.moved(skip.target) for skip in a.skips}, a)
    found = []
    for target in [*ours, *(new for new in theirs if new not in ours)]:
        before, after = ours.get(target), theirs.get(target)
        if before is None or after is None:
            how: How = "added" if before is None else "removed"
            found.append(Change("skip", how, _path(after or before), _shown(before), _shown(after)))
        elif alignment.moved(before.source) != after.source or before.shape[1] != after.shape[1]:
            found.append(Change("skip", "changed", after.target, _shown(before), _shown(after)))
    return found


def inputs(a: Architecture, b: Architecture) -> list[Change]:
    """Inputs gone, new or of another shape, and input channels that hold something else."""
    ours, theirs = ({i.name: i.shape for i in one.inputs} for one in (a, b))
    known = bool(a.facts.input_channels and b.facts.input_channels)
    found = []
    for name in [*ours, *(new for new in theirs if new not in ours)]:
        before, after = (_input(one, name, known=known) for one in (a, b))
        if before != after:
            how: How = "added" if before is None else "removed" if after is None else "changed"
            found.append(Change("conditioning", how, name, before, after))
    return found


def lasting(name: str, shape: Shape) -> list[int]:
    """The part of an input's shape that does not follow the size asked for: channels, or width."""
    return list(shape[1:2]) if name == "sample" or len(shape) == 4 else list(shape[1:])


def _input(network: Architecture, name: str, *, known: bool) -> dict[str, Any] | None:
    """An input as a plain value; with what its channels hold where that is known of both networks."""
    shape = next((one.shape for one in network.inputs if one.name == name), None)
    if shape is None:
        return None
    shown: dict[str, Any] = {"shape": lasting(name, shape)}
    if name == "sample" and known:
        shown["holds"] = [{"name": g.name, "count": g.count} for g in network.facts.input_channels]
    return shown


def _by_target(names: Mapping[str, str | None], network: Architecture) -> dict[str, Skip]:
    """Skips by the place of their reader in B; by their own name in A where B lacks it."""
    return {names[skip.target] or f"- {skip.target}": skip for skip in network.skips}


def _path(skip: Skip | None) -> str:
    return skip.target if skip else ""


def _shown(skip: Skip | None) -> dict[str, Any] | None:
    if skip is None:
        return None
    return {"source": skip.source, "target": skip.target, "channels": skip.shape[1]}
