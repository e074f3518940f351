"""What a teacher A gives a student B, line by line: weights to load, features to compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import prod

from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.analysis.diff.transfer import counts, overlap
from unetscope.difference import Diff
from unetscope.model import Tensor
from unetscope.paths import leaf
from unetscope.words import diff as words
from unetscope.words import units

_PARTS = {
    "same": "load as they are",
    "renamed": "load under another name",
    "partial": "load in part, or in another shape",
    "missing": "missing",
    "unused": "not used",
}


def weights(diff: Diff) -> Iterator[str]:
    """Each part of the plan with its share: of B's elements, or of A's for what is not used."""
    tensors, plan = counts(diff.transfer), diff.transfer
    of_a, of_b = (sum(prod(tensor.shape) for tensor in network.tensors) for network in (diff.a, diff.b))
    for name, text in _PARTS.items():
        if tensors[name]:
            whole, side = (of_a, "A") if name == "unused" else (of_b, "B")
            elements = f"{units.exact(plan.elements[name])} elements"
            share = f"{units.share(plan.elements[name], whole)} of {side}"
            yield f"{text}: {tensors[name]} tensors, {elements}, {share}".replace(": 1 tensors", ": 1 tensor")
    if plan.elements["new"]:
        share = units.share(plan.elements["new"], of_b)
        yield f"new in tensors that load in part: {units.exact(plan.elements['new'])} elements, {share} of B"
    same = Counter((leaf(other.name), *_fit(diff, tensor, other)) for tensor, other in plan.partial)
    for (name, shapes, fit), count in same.items():
        yield f"    {name}{f' ×{count}' if count > 1 else ''} {shapes}: {fit}"


def features(diff: Diff) -> Iterator[str]:
    """Modules whose outputs can be compared, with the shape of these; one path where both have it."""
    for pair in feature_pairs(diff):
        paths = pair.teacher if pair.teacher == pair.student else f"{pair.teacher} ↔ {pair.student}"
        yield f"{paths} {words.shape(pair.shape[1:])}"


def _fit(diff: Diff, tensor: Tensor, other: Tensor) -> tuple[str, str]:
    """Both shapes, and how much of the second the first gives: "11,520 of 25,920 elements; …"."""
    copied, whole = overlap(tensor.shape, other.shape), prod(other.shape)
    shapes = f"{words.shape(tensor.shape)} → {words.shape(other.shape)}"
    if copied == whole == prod(tensor.shape):
        return shapes, "all elements"
    return shapes, f"{units.exact(copied)} of {units.exact(whole)} elements{_channels(diff, tensor, other)}"


def _channels(diff: Diff, tensor: Tensor, other: Tensor) -> str:
    """Input channels that come or go where the first convolution takes another number of them."""
    alike = tensor.shape[:1] + tensor.shape[2:] == other.shape[:1] + other.shape[2:]
    stage = diff.b.stage_of(other.name)
    if stage is None or stage.role != "stem" or not alike:
        return ""
    more = other.shape[1] - tensor.shape[1]
    channels = f"input channel{'s' if abs(more) > 1 else ''}"
    if more < 0:
        return f"; {-more} {channels} of A left out"
    return f"; {more} new {channels}, zero by convention"
