"""Tensors of two networks set against each other along an alignment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unetscope.analysis.diff.alignment import Alignment
from unetscope.difference.changes import TensorChange
from unetscope.model import Tensor


@dataclass(frozen=True, slots=True)
class Matched:
    """Tensors of A with their counterpart in B, those only in A, and those only in B, each in order."""

    pairs: tuple[tuple[Tensor, Tensor], ...]
    removed: tuple[Tensor, ...]
    added: tuple[Tensor, ...]


def match(a: Iterable[Tensor], b: Sequence[Tensor], alignment: Alignment) -> Matched:
    """Each tensor of A with the one that stands where the alignment moves it; by its name where stages were
    observed, since these are no modules that a name goes by."""
    names = {tensor.name: tensor for tensor in b}
    pairs, removed = [], []
    for tensor in a:
        target = alignment.moved(tensor.name) if tensor.place == tensor.name else tensor.name
        other = names.pop(target, None) if target is not None else None
        if other is None:
            removed.append(tensor)
        else:
            pairs.append((tensor, other))
    return Matched(tuple(pairs), tuple(removed), tuple(names.values()))


def changes(matched: Matched) -> list[TensorChange]:
    """One change for each tensor that differs in name, shape, type or existence."""
    changed = [TensorChange("removed", gone, None) for gone in matched.removed]
    changed += [TensorChange("added", None, new) for new in matched.added]
    for tensor, other in matched.pairs:
        if (tensor.shape, tensor.dtype) != (other.shape, other.dtype):
            changed.append(TensorChange("changed", tensor, other))
        elif tensor.name != other.name:
            changed.append(TensorChange("renamed", tensor, other))
    return sorted(changed, key=lambda change: (change.path, change.change))
