"""Changes as plain JSON values, in the form that `--json` prints and that names kept attributions."""

from __future__ import annotations

from typing import Any

from unetscope.changes import BlockSide, Change, InputSide
from unetscope.model import Skip, Tensor


def plain(change: Change) -> dict[str, Any]:
    """A change as a dict: kind, change, path, before, after, cause."""
    return {
        "kind": change.kind,
        "change": change.change,
        "path": change.path,
        "before": _side(change.before),
        "after": _side(change.after),
        "cause": change.cause,
    }


def _side(side: object) -> object:
    """One side of a change; a config value or a fact is one already."""
    match side:
        case Tensor():
            return {"name": side.name, "shape": list(side.shape), "dtype": side.dtype}
        case Skip():
            return {"source": side.source, "target": side.target, "channels": side.channels}
        case BlockSide():
            shown = {"path": side.path, "type": side.type, "labels": list(side.labels)}
            return shown | ({"could_be": list(side.could_be)} if side.could_be else {})
        case InputSide():
            held = [{"name": one.name, "count": one.count} for one in side.holds or ()]
            return {"shape": list(side.shape)} | ({} if side.holds is None else {"holds": held})
    return side
