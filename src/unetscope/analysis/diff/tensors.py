"""Tensors of two networks set against each other along an alignment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from unetscope.analysis.diff.alignment import Alignment
from unetscope.analysis.diff.changes import Change, How
from unetscope.model import Tensor


@dataclass(frozen=True, slots=True)
class Matched:
    """Tensors of A with their counterpart in B, those only in A, and those only in B, each in order."""

    pairs: tuple[tuple[Tensor, Tensor], ...]
    removed: tuple[Tensor, ...]
    added: tuple[Tensor, ...]


def match(a: Iterable[Tensor], b: Sequence[Tensor], alignment: Alignment) -> Matched:
    """Each tensor of A with the one that stands where the alignment moves it."""
    names = {tensor.name: tensor for tensor in b}
    pairs, removed = [], []
    for tensor in a:
        target = alignment.moved(tensor.name)
        other = names.pop(target, None) if target is not None else None
        if other is None:
            removed.append(tensor)
        else:
            pairs.append((tensor, other))
    return Matched(tuple(pairs), tuple(removed), tuple(names.values()))


def changes(matched: Matched) -> list[Change]:
    """One change for each tensor that differs in name, shape, type or existence."""
    found = [Change("tensor", "removed", one.name, shown(one), None) for one in matched.removed]
    found += [Change("tensor", "added", one.name, None, shown(one)) for one in matched.added]
    for one, other in matched.pairs:
        if shown(one) != shown(other):
            how: How = "renamed" if (one.shape, one.dtype) == (other.shape, other.dtype) else "changed"
            found.append(Change("tensor", how, other.name, shown(one), shown(other)))
    return sorted(found, key=lambda change: (change.path, change.change))


def shown(tensor: Tensor) -> dict[str, Any]:
    """A tensor as a plain value: name, shape, dtype."""
    return {"name": tensor.name, "shape": list(tensor.shape), "dtype": tensor.dtype}
