"""Bytes of activations from call to call of one forward, and which stage runs then. Knows no pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.analysis.memory.activations import eager_beside, inputs_bytes, skipped
from unetscope.analysis.memory.precision import Precision, storages
from unetscope.model import Architecture
from unetscope.paths import is_within


@dataclass(frozen=True, slots=True)
class Span:
    """Calls from `start` up to `stop`, all in one stage; name "" outside the stages."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class LiveBytes:
    """Bytes held during each call. `skips` are those of tensors that wait for their concatenation."""

    fused: tuple[int, ...]
    eager: tuple[int, ...]
    skips: tuple[int, ...]
    spans: tuple[Span, ...]
    paths: tuple[str, ...]

    def peak(self, attention: str) -> tuple[int, int]:
        """The most bytes with fused or eager attention, and the first call that holds them."""
        curve = self.eager if attention == "eager" else self.fused
        most = max(curve)
        return most, curve.index(most)


def live(architecture: Architecture, *, dtype: str) -> LiveBytes:
    """What a forward in one dtype holds, its inputs included, weights not.

    Raises ConfigError for a dtype that does not follow from the trace.
    """
    precision = Precision(dtype)
    stored, waiting = storages(architecture, precision), set[int]()
    now, skipping, allocated = inputs_bytes(architecture, precision), 0, 0
    marked = skipped(architecture, stored)
    moments: list[tuple[int, int, int]] = []
    for index, call in enumerate(architecture.calls):
        now -= sum(stored.bytes[number] for number in call.frees)
        skipping -= sum(stored.bytes[number] for number in waiting.intersection(call.frees))
        waiting.difference_update(call.frees)
        own = range(allocated, allocated + len(call.allocates))
        new, allocated = sum(stored.bytes[number] for number in own), own.stop
        unfused = eager_beside(architecture, call, stored.types[index], new)
        moments.append((now + new + stored.beside[index], now + unfused + stored.beside[index], skipping))
        now += new
        waiting.update(marked.intersection(own))
        skipping += sum(stored.bytes[number] for number in marked.intersection(own))
    fused, eager, skips = zip(*moments, strict=True) if moments else ((0,), (0,), (0,))
    paths = tuple(architecture.nodes[call.node].path for call in architecture.calls)
    return LiveBytes(fused, eager, skips, tuple(_spans(architecture, paths)), paths or ("",))


def _spans(architecture: Architecture, paths: tuple[str, ...]) -> Iterator[Span]:
    """Runs of calls in one stage."""
    staged = [stage for stage in architecture.stages if stage.role in STAGED]
    names = {path: next((s.name for s in staged if is_within(path, s.path)), "") for path in set(paths)}
    start = 0
    for name, run in groupby(paths, key=names.__getitem__):
        stop = start + sum(1 for _ in run)
        yield Span(name, start, stop)
        start = stop
