"""What a checkpoint of one network gives another."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from unetscope.analysis.diff.tensors import Matched
from unetscope.difference import Transfer
from unetscope.model import Tensor
from unetscope.sizes import Shape


def transfer(matched: Matched) -> Transfer:
    """The plan that loads as much as fits.

    `elements` counts each part in elements of B, or unused of A: of partial tensors what is copied, and
    under "new" the rest. All but the unused add up to B.
    """
    whole = [(tensor, other) for tensor, other in matched.pairs if tensor.shape == other.shape]
    partial = tuple(pair for pair in matched.pairs if pair[0].shape != pair[1].shape)
    same = [other for tensor, other in whole if tensor.name == other.name]
    renamed = [other for tensor, other in whole if tensor.name != other.name]
    copied = sum(overlap(tensor.shape, other.shape) for tensor, other in partial)
    return Transfer(
        loads={other.name: tensor.name for tensor, other in whole},
        partial=partial,
        missing=matched.added,
        unused=matched.removed,
        elements={
            "same": _elements(same),
            "renamed": _elements(renamed),
            "partial": copied,
            "new": _elements(other for _, other in partial) - copied,
            "missing": _elements(matched.added),
            "unused": _elements(matched.removed),
        },
    )


def overlap(source: Shape, target: Shape) -> int:
    """Elements that two shapes share from their first on; axes of one element behind do not count.

    320×4×3×3 gives 320×9×3×3 its first four input channels; a 1×1 convolution gives a linear all.
    """
    rank = min(len(source), len(target))
    if prod(source[rank:]) != 1 or prod(target[rank:]) != 1:
        return 0
    return prod(map(min, source, target))


def counts(plan: Transfer) -> dict[str, int]:
    """Number of tensors in each part, by the names of `elements` but "new"."""
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
