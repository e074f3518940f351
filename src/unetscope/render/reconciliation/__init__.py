"""A published figure against every way of counting, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from rich.console import JustifyMethod
from rich.text import Text

from unetscope.analysis.cost.deepcache import COUNTERS
from unetscope.analysis.cost.reconcile import Candidate, Reconciliation, Torchinfo
from unetscope.analysis.cost.reused import MEAN
from unetscope.analysis.remarks import data, remarks
from unetscope.cost import Counting
from unetscope.render.reconciliation.verdict import off, verdict
from unetscope.render.table.cells import giga_macs
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis, units
from unetscope.words.conventions import CONVENTIONS, forwards

_ROOMY = 72
"""Columns of a terminal from which on a unit has one of its own."""


def text(result: Reconciliation, *, width: int = NARROW, colour: bool = False) -> str:
    """The verdict, all candidates from the nearest on, torchinfo's figure, the basis."""
    architecture = result.architecture
    narrow = width < _ROOMY
    beside: list[tuple[str, JustifyMethod]] = [] if narrow else [("", "left")]
    table = grid(
        ("", "left"), ("counts", "left"), *beside, ("forwards", "right"), ("gives", "right"), ("off", "right")
    )
    for same in _alike(result.candidates):
        best, names = same[0], ", ".join(other.convention for other in same)
        names, unit = (names, best.unit) if names else (best.unit, "")
        mark, style = ("✓", "bold") if best.within else ("", None)
        numbers = _forwards(best), units.exact(best.value), off(best.off)
        words = [f"{names} {unit}".strip()] if narrow else [names, unit]
        table.add_row(mark, *words, *numbers, style=style)
    title = plain(f"{architecture.title} · {architecture.class_name}")
    notes = [
        *(f"{c.name} = {c.counts}" for c in CONVENTIONS.values()), *_reused(result), *_torchinfo(result),
        _basis(result),
    ]  # fmt: skip
    return lines(
        Text(title, "bold"), Text(plain(verdict(result))), table, *(Text(note, "dim") for note in notes),
        width=width, colour=colour,
    )  # fmt: skip


def document(result: Reconciliation) -> dict[str, Any]:
    """The same as JSON; `off` is relative to the figure."""
    architecture, figure, info = result.architecture, result.figure, result.torchinfo
    return {
        "schema_version": 1,
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "basis": {**basis.data(architecture), "flops_per_mac": 2},
        **data(architecture),
        "figure": {
            "text": figure.text,
            "value": _number(figure.value),
            "tolerance": _number(figure.tolerance),
            "unit": figure.unit,
            "cfg": result.asked.cfg,
            "steps": result.asked.steps,
            **(basis.reuse_data(result.asked) if result.asked.reuses else {}),
        },
        "verdict": verdict(result),
        "matches": len(result.matches),
        "published": None if result.published is None else asdict(result.published),
        "candidates": [_candidate(candidate) for candidate in result.candidates],
        "torchinfo": None if info is None else _info(result, info),
    }


def _alike(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Groups candidates of equal unit, forwards and value: conventions that agree on this network."""
    groups: dict[tuple[str, Counting, str, int], list[Candidate]] = {}
    for candidate in candidates:
        counting = replace(candidate.counting, convention="")
        groups.setdefault((candidate.unit, counting, candidate.of, candidate.value), []).append(candidate)
    yield from groups.values()


def _forwards(candidate: Candidate) -> str:
    if candidate.unit == "parameters":
        return ""
    if candidate.of:
        guided = " × 2" if candidate.convention in COUNTERS and candidate.counting.cfg else ""
        return f"{'mean' if candidate.of == MEAN else f'1 {candidate.of}'}{guided}"
    if candidate.counting.reuses:
        return f"{candidate.counting.forwards} reusing"
    guidance = "2" if candidate.counting.cfg else ""
    steps = str(candidate.counting.steps) if candidate.counting.steps > 1 else ""
    return " × ".join(part for part in (steps, guidance) if part) or "1"


def _reused(result: Reconciliation) -> Iterator[str]:
    """What steps reuse, and DeepCache's own ways of counting, where they were tried."""
    tried = {candidate.convention for candidate in result.candidates}
    yield from (f"{name} = {counts}" for name, counts in COUNTERS.items() if name in tried)
    ways = dict.fromkeys(replace(candidate.counting, convention="full") for candidate in result.candidates)
    for way in ways:
        if way.reuses:
            yield f"reusing: {forwards(way)}"


def _torchinfo(result: Reconciliation) -> Iterator[str]:
    """What torchinfo prints for one forward, and why it is not ours."""
    info, full = result.torchinfo, result.costs["full"]
    if info is None:
        yield f"torchinfo: {result.absent}"
        return
    distance = off((info.total - full.macs) / full.macs) if full.macs else "no MACs here"
    reasons = (
        f"it multiplies Linear weights by the batch, not by the tokens "
        f"({giga_macs(info.linear)} for {giga_macs(full.linear)})",
        f"sees no attention matmul (none of {giga_macs(full.attention)})",
        f"adds biases and norms ({giga_macs(info.rest)})",
    )
    prints = f"torchinfo {info.version} prints {units.exact(info.total)} mult-adds for one forward"
    yield f"{prints} ({distance} of full): {', '.join(reasons)}"


def _basis(result: Reconciliation) -> str:
    architecture = result.architecture
    parts = [f"basis: {basis.full(architecture)}", basis.MAC]
    if architecture.uncounted:
        parts.append(f"NOT COUNTED for want of a formula: {', '.join(architecture.uncounted)}")
    parts += remarks(architecture)
    return plain("; ".join(parts))


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "convention": candidate.convention or None,
        "unit": candidate.unit,
        "cfg": candidate.counting.cfg,
        "steps": candidate.counting.steps,
        "forwards": candidate.counting.forwards,
        **(basis.reuse_data(candidate.counting) if candidate.counting.reuses else {}),
        **({"of": candidate.of} if candidate.of else {}),
        "value": candidate.value,
        "off": candidate.off,
        "within": candidate.within,
        "stated": candidate.stated,
    }


def _info(result: Reconciliation, info: Torchinfo) -> dict[str, Any]:
    return {
        "version": info.version,
        "mult_adds": info.total,
        "conv": info.conv,
        "linear": info.linear,
        "biases_and_norms": info.rest,
        "off_full": info.total / result.costs["full"].macs - 1 if result.costs["full"].macs else None,
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
