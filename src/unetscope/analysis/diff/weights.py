"""What a checkpoint of one network gives another."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from unetscope.analysis.diff.changes import Transfer
from unetscope.analysis.diff.tensors import Matched
from unetscope.model import Tensor


def transfer(matched: Matched) -> Transfer:
    """The plan that loads as much as fits; `elements` counts each part in elements of B, or unused of A."""
    whole = [(one, other) for one, other in matched.pairs if one.shape == other.shape]
    partial = tuple(pair for pair in matched.pairs if pair[0].shape != pair[1].shape)
    kept = [other for one, other in whole if one.name == other.name]
    renamed = [other for one, other in whole if one.name != other.name]
    return Transfer(
        loads={other.name: one.name for one, other in whole},
        partial=partial,
        missing=matched.added,
        unused=matched.removed,
        elements={
            "same": _elements(kept),
            "renamed": _elements(renamed),
            "partial": _elements(other for _, other in partial),
            "missing": _elements(matched.added),
            "unused": _elements(matched.removed),
        },
    )


def counts(plan: Transfer) -> dict[str, int]:
    """Number of tensors in each part, by the names of `elements`."""
    same = sum(1 for target, source in plan.loads.items() if target == source)
    return {
        "same": same,
        "renamed": len(plan.loads) - same,
        "partial": len(plan.partial),
        "missing": len(plan.missing),
        "unused": len(plan.unused),
    }


def _elements(tensors: Iterable[Tensor]) -> int:
    return sum(prod(tensor.shape) for tensor in tensors)
