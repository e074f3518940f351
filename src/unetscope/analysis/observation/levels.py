"""Levels along the running path: from positions per sample, which mean the same for images of any dimension,
videos folded into the batch, and tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log2, prod
from typing import cast

from unetscope.analysis.observation.running_path import SAMPLE, Path
from unetscope.calls import Operation
from unetscope.paths import is_within
from unetscope.sizes import IMAGE_RANK

_DRIFT = log2(1.5)
"""A step below this, in powers of two, is no other level: padding, unpadded convolutions, class tokens."""
_CLEAR = 0.9
"""The least step at a concatenation, whose second axis may be tokens as well as channels: below it nothing is
known of positions."""
_SPATIAL = re.compile(r"(?:pool|upsample).*?(?P<dimensions>[123])d")


@dataclass(frozen=True)
class Levels:
    """The level of every place on a running path, and that of the sample; 0 is the finest.

    `resamples` says at which places the level is another than before.
    """

    sample: int
    of: tuple[int, ...]
    positions: dict[int, float]

    def at(self, place: int) -> int:
        """The level at a place; the sample's before the first."""
        return self.sample if place < 0 else self.of[place]

    @property
    def coarsest(self) -> int:
        """The coarsest level of all."""
        return max((self.sample, *self.of))

    @cached_property
    def bottom(self) -> int:
        """The last place of the coarsest level."""
        coarsest = self.coarsest
        return max(at for at in range(-1, len(self.of)) if self.at(at) == coarsest)

    def coarsest_between(self, start: int, end: int) -> int:
        """The coarsest level strictly between two places; -1 for none."""
        return max(self.of[start + 1 : end], default=-1)

    def nearest(self, positions: float) -> int:
        """The level whose positions come nearest to a number of them."""
        return min(self.positions, key=lambda level: abs(log2(self.positions[level] / positions)))

    def resamples(self, place: int) -> bool:
        """Whether the level is another than before."""
        return self.at(place) != self.at(place - 1)


def positions(operation: Operation, batch: int) -> float | None:
    """Positions for each sample of what an operation makes; None where its form does not show them."""
    if not operation.outputs:
        return None
    shape = operation.outputs[0]
    if operation.op_class == "conv":
        return shape[0] * prod(shape[2:]) / batch
    if operation.op_class == "linear":
        return prod(shape[:-1]) / batch
    if match := _SPATIAL.search(operation.name):
        channels = shape[-1 - int(match["dimensions"])]
        return prod(shape) / channels / batch
    if operation.name in ("pixel_shuffle", "pixel_unshuffle"):
        return prod(shape) / shape[-3] / batch
    if joins_channels(operation) and len(shape) >= IMAGE_RANK:
        return prod(shape) / shape[_axis(operation)] / batch
    return None


def joins_channels(operation: Operation) -> bool:
    """Whether an operation concatenates channels: on axis 1, or on the last of tokens."""
    if operation.name != "cat" or not operation.outputs:
        return False
    rank = len(operation.outputs[0])
    return rank >= 3 and _axis(operation) in (1, rank - 1)


def _axis(operation: Operation) -> int:
    """The axis of a concatenation."""
    rank = len(operation.outputs[0])
    return int(operation.details.get("dim", 0) or 0) % max(rank, 1)  # type: ignore[arg-type]


def levels(path: Path) -> Levels:
    """The levels of a running path."""
    heights, counts = _heights(path)
    heights = _flattened(path, heights)
    ladder = _ladder(heights)
    ranks = [ladder[height] for height in heights]
    known: dict[int, float] = {}
    for rank, count in zip(ranks, counts, strict=True):
        if count:
            known.setdefault(rank, count)
    return Levels(ranks[0], tuple(ranks[1:]), known)


def _heights(path: Path) -> tuple[list[float], list[float]]:
    """How coarse each place is, in powers of two of the sample's positions, which come first; and the
    positions themselves, 0 where not known."""
    batch = path.architecture.basis.batch
    sample = path.architecture.inputs[0].shape
    last = prod(sample[2:]) if len(sample) >= IMAGE_RANK else 0.0
    heights, counts, count_before = [0.0], [float(last)], cast("float | None", last)
    for at, call in enumerate(path.calls):
        operation = path.operation(call)
        count = positions(operation, batch)
        shuffles = last and not count_before and at and not _pads(path.operation(path.calls[at - 1]))
        if shuffles and (taken := _taken(operation, batch)):
            last = _moved(heights, counts, last, taken)
        if count and last and operation.name == "cat" and abs(log2(last / count)) < _CLEAR:
            count = last
        height, count_before = heights[-1], count
        if count and last and abs(step := log2(last / count)) >= _DRIFT:
            height += step
        last = count or last
        branch = _branched(path, at, count, counts)
        anchor = _anchor(path, at) if branch is None else branch
        if anchor is not None:
            height, last = heights[anchor + 1], counts[anchor + 1] or last
            # finer between: windows that are padded; either between branches: maps that are pooled
            if branch is not None or height >= max(heights[anchor + 1 :]):
                heights[anchor + 1 :] = [height] * len(heights[anchor + 1 :])
        heights.append(height)
        counts.append(float(last))
    return heights, counts


def _taken(operation: Operation, batch: int) -> float | None:
    """Positions, for each sample, of the input of a convolution or matmul."""
    shape = next((shape for shape in operation.inputs if len(shape) > 1), ())  # a bias may come first
    if operation.op_class == "conv":
        return shape[0] * prod(shape[2:]) / batch
    return prod(shape[:-1]) / batch if operation.op_class == "linear" else None


def _pads(operation: Operation) -> bool:
    """Whether an operation returns more elements than it takes."""
    return prod(operation.outputs[0]) > max(map(prod, operation.inputs), default=0)


def _moved(heights: list[float], counts: list[float], last: float, taken: float) -> float:
    """The positions that an operation takes; where views before it made more of them, the last of these is at
    their level (pixel shuffles that are written as views)."""
    step = log2(last / taken)
    if step > -_DRIFT:
        return last
    heights[-1], counts[-1] = heights[-1] + step, taken
    return taken


def _anchor(path: Path, at: int) -> int | None:
    """The place whose tensor a sum adds as it is: the level is that one's again, whatever stands between."""
    call = path.calls[at]
    if path.operation(call).name not in ("add", "add_"):
        return None
    operands = path.operands(call)
    if len(operands) != 2 or operands[0][1] != operands[1][1]:
        return None
    other = next((read for read, _ in operands if read != path.before[call]), None)
    return path.place.get(other) if other is not None and other != SAMPLE else None


def _branched(path: Path, at: int, count: float | None, counts: list[float]) -> int | None:
    """The place from which all that a concatenation joins branched off, if it has as many positions: maps
    pooled to several sizes beside one another are at its level (PSPNet, ASPP)."""
    call = path.calls[at]
    if not joins_channels(path.operation(call)):
        return None
    others = [path.left(read) for read, _ in path.operands(call) if read != path.before[call]]
    same = len(others) > 1 and len(set(others)) == 1
    return others[0] if same and 0 <= others[0] < at and counts[others[0] + 1] == count else None


def _flattened(path: Path, heights: list[float]) -> list[float]:
    """Heights in which a module is one level that leaves it and comes back while the network around it goes
    coarser: nested U-Nets, pooling gates."""
    flat, done = list(heights), list[str]()
    for node, (first, last) in sorted(spans(path).items(), key=lambda span: span[0].count(".")):
        if not node or any(is_within(node, other) for other in done):
            continue
        before, inside = heights[first], heights[first + 1 : last + 2]
        outside = heights[: first + 1] + heights[last + 2 :]
        leaves = max(abs(height - before) for height in inside) >= _DRIFT
        if leaves and abs(inside[-1] - before) < _DRIFT and max(outside) - before >= _DRIFT:
            flat[first + 1 : last + 2] = [before] * len(inside)
            done.append(node)
    return flat


def spans(path: Path) -> dict[str, tuple[int, int]]:
    """The first and last place of each module on the running path that runs without others between."""
    reach: dict[str, tuple[int, int]] = {}
    broken: set[str] = set()
    for at, call in enumerate(path.calls):
        node = path.node(call)
        parts = node.split(".") if node else []
        for depth in range(len(parts) + 1):
            name = ".".join(parts[:depth])
            first, last = reach.get(name, (at, at - 1))
            if last != at - 1:
                broken.add(name)
            reach[name] = (first, at)
    return {name: span for name, span in reach.items() if name not in broken}


def _ladder(heights: list[float]) -> dict[float, int]:
    """The rank of each height, near ones together; the finest is 0."""
    known = sorted(set(heights))
    ranks = {known[0]: 0}
    for low, high in pairwise(known):
        ranks[high] = ranks[low] + (high - low >= _DRIFT)
    return ranks
