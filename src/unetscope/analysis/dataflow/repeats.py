"""Runs of equal modules, one feeding the next and nothing else: they need to be shown only once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from unetscope.model import Architecture, Node
from unetscope.paths import parent

_COPIES = frozenset({"clone", "_to_copy", "copy_"})
"""What the first of equal blocks may need and the others not: its input lies differently in memory."""


@dataclass(frozen=True, slots=True)
class ModuleInside:
    """What a module consists of, whatever its widths: its class, the operations it ran itself but for copies,
    and each module in it; equal ones in a row stand once. Of a module with none in it the class says all: how
    a linear layer runs depends on how its input lies in memory."""

    type: str
    operations: tuple[str, ...]
    modules: tuple[ModuleInside, ...]


@dataclass(frozen=True, slots=True)
class Repeats:
    """`counts` holds the length of each run by the path of its first module. `hidden` are the calls
    of the others, `stands_for` the results of a run's last module → those of its first."""

    counts: dict[str, int]
    hidden: frozenset[int]
    stands_for: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Span:
    """The calls of a module that ran once: `calls` without a gap, `outs` those it returned."""

    path: str
    calls: range
    outs: tuple[int, ...]
    operations: tuple[int, ...]
    outside: tuple[tuple[int, int], ...]


def repeats(architecture: Architecture, *, lists: Collection[str]) -> Repeats:
    """The runs among the entries of lists of modules, given by path.

    Members execute the same operations on the same shapes, one after another; each reads only what
    its predecessor returned and what all of them read.
    """
    bounds, readers = _bounds(architecture), _readers(architecture)
    counts: dict[str, int] = {}
    hidden: set[int] = set()
    stands_for: dict[int, int] = {}
    for path in lists:
        spans = [_span(architecture, node, bounds) for node in architecture.children[path]]
        for run in _runs(spans, readers):
            counts[run[0].path] = len(run)
            hidden.update(call for member in run[1:] for call in member.calls)
            stands_for.update(zip(run[-1].outs, run[0].outs, strict=True))
    return Repeats(counts, frozenset(hidden), stands_for)


def insides(architecture: Architecture) -> dict[str, ModuleInside]:
    """What each module that ran consists of, by path."""
    own: dict[str, list[str]] = {}
    for call in architecture.calls:
        name = architecture.operations[call.operation].name
        own.setdefault(architecture.nodes[call.node].path, []).extend([name] * (name not in _COPIES))
    by_path: dict[str, ModuleInside] = {}
    for node in sorted(architecture.nodes, key=lambda node: -node.path.count(".")):
        if node.path and node.path in architecture.first_call:
            inner = [
                by_path[child.path] for child in architecture.children[node.path] if child.path in by_path
            ]
            apart = tuple(
                inside for place, inside in enumerate(inner) if not place or inside != inner[place - 1]
            )
            by_path[node.path] = ModuleInside(
                node.type, tuple(own.get(node.path, ())) if apart else (), apart
            )
    return by_path


def _runs(spans: list[_Span | None], readers: dict[int, list[int]]) -> list[list[_Span]]:
    """Runs of at least two, in order."""
    runs: list[list[_Span]] = []
    for span in spans:
        if span is None:
            runs.append([])
        elif runs and runs[-1] and _follows(runs[-1][-1], span, readers):
            runs[-1].append(span)
        else:
            runs.append([span])
    closed = (run if not run or _returns_all(run[-1], readers) else run[:-1] for run in runs)
    return [run for run in closed if len(run) > 1]


def _follows(first: _Span, second: _Span, readers: dict[int, list[int]]) -> bool:
    """Whether `second` does the same as `first`, with what `first` returned and nobody else reads."""
    if first.operations != second.operations or second.calls.start != first.calls.stop:
        return False
    if len(first.outside) != len(second.outside) or len(first.outs) != len(second.outs):
        return False
    pairs = zip(first.outside, second.outside, strict=True)
    alike = all(a[0] == b[0] and b[1] in (a[1], *first.outs) for a, b in pairs)
    private = all(
        reader in first.calls or (reader in second.calls and call in first.outs)
        for call in first.calls
        for reader in readers.get(call, ())
    )
    return alike and private and any(read in first.outs for _, read in second.outside)


def _returns_all(last: _Span, readers: dict[int, list[int]]) -> bool:
    """Whether others read nothing of a module but what it returned."""
    return all(
        call in last.outs or reader in last.calls for call in last.calls for reader in readers.get(call, ())
    )


def _span(architecture: Architecture, node: Node, bounds: dict[str, tuple[int, int, int]]) -> _Span | None:
    """The span of a module; None if it did not run, ran more than once, or returned another's tensor."""
    first, last, count = bounds.get(node.path, (0, -1, 0))
    calls = range(first, last + 1)
    if count != len(calls) or not node.returned or not all(out in calls for out in node.returned):
        return None
    reads = (
        (index - first, read)
        for index in calls
        for read in architecture.calls[index].reads
        if read not in calls
    )
    operations = tuple(architecture.calls[index].operation for index in calls)
    return _Span(node.path, calls, node.returned, operations, tuple(reads))


def _bounds(architecture: Architecture) -> dict[str, tuple[int, int, int]]:
    """First call, last call and number of calls in each module that ran."""
    bounds: dict[str, tuple[int, int, int]] = {}
    for index, call in enumerate(architecture.calls):
        path = architecture.nodes[call.node].path
        while path:
            first, _, count = bounds.get(path, (index, index, 0))
            bounds[path] = (first, index, count + 1)
            path = parent(path)
    return bounds


def _readers(architecture: Architecture) -> dict[int, list[int]]:
    """The calls that read each call's result; the network's own results are read from beyond all calls."""
    readers: dict[int, list[int]] = {}
    for index, call in enumerate(architecture.calls):
        for read in call.reads:
            readers.setdefault(read, []).append(index)
    for call_index in architecture.nodes[0].returned:
        readers.setdefault(call_index, []).append(len(architecture.calls))
    return readers
