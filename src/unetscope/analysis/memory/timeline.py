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
        found = self.eager if attention == "eager" else self.fused
        most = max(found)
        return most, found.index(most)


def live(architecture: Architecture, *, dtype: str) -> LiveBytes:
    """What a forward in one dtype holds, its inputs included, weights not.

    Raises ConfigError for a dtype that does not follow from the trace.
    """
    precision = Precision(dtype)
    held, waiting = storages(architecture, precision), set[int]()
    now, kept, made = inputs_bytes(architecture, precision), 0, 0
    marked = skipped(architecture, held)
    found: list[tuple[int, int, int]] = []
    for index, call in enumerate(architecture.calls):
        now -= sum(held.bytes[number] for number in call.frees)
        kept -= sum(held.bytes[number] for number in waiting.intersection(call.frees))
        waiting.difference_update(call.frees)
        own = range(made, made + len(call.allocates))
        new, made = sum(held.bytes[number] for number in own), own.stop
        unfused = eager_beside(architecture, call, held.types[index], new)
        found.append((now + new + held.beside[index], now + unfused + held.beside[index], kept))
        now += new
        waiting.update(marked.intersection(own))
        kept += sum(held.bytes[number] for number in marked.intersection(own))
    fused, eager, skips = zip(*found, strict=True) if found else ((0,), (0,), (0,))
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
