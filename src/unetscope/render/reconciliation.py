"""A published figure against every way of counting, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from rich.console import JustifyMethod
from rich.text import Text

from unetscope import units
from unetscope.analysis.cost.reconcile import NEAR, Candidate, Reconciliation, Torchinfo
from unetscope.analysis.remarks import data, remarks
from unetscope.cost import Counting
from unetscope.render.table.cells import giga, giga_macs
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis
from unetscope.words.conventions import CONVENTIONS, forwards

_FVCORE = " (fvcore and many papers call a MAC a FLOP)"

_ROOMY = 72
"""Columns of a terminal from which on a unit has one of its own."""


def text(given: Reconciliation, *, width: int = NARROW, colour: bool = False) -> str:
    """The verdict, all candidates from the nearest on, torchinfo's figure, the basis."""
    architecture = given.architecture
    narrow = width < _ROOMY
    beside: list[tuple[str, JustifyMethod]] = [] if narrow else [("", "left")]
    shown = grid(
        ("", "left"), ("counts", "left"), *beside, ("forwards", "right"), ("gives", "right"), ("off", "right")
    )
    for same in _alike(given.candidates):
        one, names = same[0], ", ".join(other.convention for other in same)
        names, unit = (names, one.unit) if names else (one.unit, "")
        mark, style = ("✓", "bold") if one.within else ("", None)
        numbers = _forwards(one), units.exact(one.value), off(one.off)
        told = [f"{names} {unit}".strip()] if narrow else [names, unit]
        shown.add_row(mark, *told, *numbers, style=style)
    title = plain(f"{architecture.title} · {architecture.class_name}")
    notes = [*(f"{c.name} = {c.counts}" for c in CONVENTIONS.values()), *_torchinfo(given), _basis(given)]
    return lines(
        Text(title, "bold"), Text(plain(verdict(given))), shown, *(Text(note, "dim") for note in notes),
        width=width, colour=colour,
    )  # fmt: skip


def document(given: Reconciliation) -> dict[str, Any]:
    """The same as JSON; `off` is relative to the figure."""
    architecture, figure, info = given.architecture, given.figure, given.torchinfo
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
            "cfg": given.asked.cfg,
            "steps": given.asked.steps,
        },
        "verdict": verdict(given),
        "matches": len(given.matches),
        "published": None if given.published is None else asdict(given.published),
        "candidates": [_candidate(candidate) for candidate in given.candidates],
        "torchinfo": None if info is None else _info(given, info),
    }


def _alike(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Candidates of one unit, forwards and value together: conventions that count this network alike."""
    groups: dict[tuple[str, Counting, int], list[Candidate]] = {}
    for one in candidates:
        counting = replace(one.counting, convention="")
        groups.setdefault((one.unit, counting, one.value), []).append(one)
    yield from groups.values()


def verdict(given: Reconciliation) -> str:
    """One or two sentences: what the figure is, or what comes nearest."""
    figure, nearest = given.figure, given.candidates[0]
    shown = f"{figure.text} (±{_short(figure.tolerance)})"
    meant = [match for match in given.matches if match.stated] or list(given.matches)
    if meant:
        return f"{shown} is {_named(meant)}{_mislabelled(given, meant)}.{_missing(given, meant[0])}"
    if _is_torchinfo(given):
        return f"{shown} is what torchinfo prints for {forwards(given.asked)}, and none of these."
    if table := _of_table(given):
        return f"{shown} {table}"
    side = _side(nearest)
    if nearest.unit == "parameters" and abs(nearest.off) < NEAR:
        return f"{shown} is {_named([nearest])}: {side}, not equal to its last digit."
    equals = [candidate for candidate in given.candidates if candidate.value == nearest.value]
    nearby = _named([equal for equal in equals if equal.stated] or equals[:1])
    if abs(nearest.off) < NEAR:
        near = f"{shown} is closest to {nearby}: {side}, not equal to its last digit."
        return near + _missing(given, nearest)
    advice = "Is it for this input (--size, --batch, --tokens)?"
    return f"{shown} is none of these; the nearest, {nearby}, is {side}. {advice}"


def _of_table(given: Reconciliation) -> str:
    """The table that prints the figure, and how far what it says it counted is; "" where that is not near."""
    one = given.published
    if one is None:
        return ""
    counting = Counting(one.convention, one.cfg, one.steps)
    for found in given.candidates:
        if (found.counting, found.unit) == (counting, "MACs") and abs(found.off) < NEAR:
            source = f"stands in {one.source}, counted by {one.convention}"
            near = f"{_named([found])} are {_side(found)}, not equal to its last digit"
            return f"{source}: {near}.{_missing(given, found)}"
    return ""


def _side(one: Candidate) -> str:
    return f"{off(one.off)[1:]} {'above' if one.off > 0 else 'below'} it"


def off(distance: float) -> str:
    """A relative distance in percent with two significant digits: "−15.7 %", "+0.0034 %", "exact"."""
    percent = 100 * abs(distance)
    if percent == 0:
        return "exact"
    digits = f"{percent:,.0f}" if percent >= 100 else f"{percent:.1f}" if percent >= 1 else f"{percent:.2g}"
    return f"{'−' if distance < 0 else '+'}{'<0.0001' if percent < 1e-4 else digits} %"


def _missing(given: Reconciliation, one: Candidate) -> str:
    """What the figure leaves out of the full count, where it leaves out anything."""
    left = given.costs["full"].attention
    if not left or one.unit == "parameters" or given.costs[one.convention].attention:
        return ""
    share = units.share(left, given.costs["full"].macs)
    return f" It leaves out the attention matmuls: {giga(left)} MACs a forward, {share} of the work."


def _mislabelled(given: Reconciliation, meant: Sequence[Candidate]) -> str:
    """A figure that names the one unit and is given by the other alone."""
    named = given.figure.unit
    if named is None or any(one.unit == named for one in meant):
        return ""
    return f", though it says {named}{_FVCORE if named == 'FLOPs' else ''}"


def _is_torchinfo(given: Reconciliation) -> bool:
    info, figure = given.torchinfo, given.figure
    return info is not None and abs(info.total * given.asked.forwards - figure.value) <= figure.tolerance


def _named(these: Sequence[Candidate]) -> str:
    """Ways of counting in words, those of equal unit and forwards together: "thop or layers MACs of …"."""
    groups: dict[tuple[str, int], list[Candidate]] = {}
    for one in these:
        groups.setdefault((one.unit, one.counting.forwards), []).append(one)
    return ", or ".join(_group(group) for group in groups.values())


def _group(these: Sequence[Candidate]) -> str:
    first = these[0]
    if first.unit == "parameters":
        return f"the number of parameters, {units.exact(first.value)}"
    names = [one.convention for one in these]
    told = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{told} {first.unit} of {forwards(first.counting)}"


def _forwards(one: Candidate) -> str:
    if one.unit == "parameters":
        return ""
    guidance = "2" if one.counting.cfg else ""
    steps = str(one.counting.steps) if one.counting.steps > 1 else ""
    return " × ".join(part for part in (steps, guidance) if part) or "1"


def _torchinfo(given: Reconciliation) -> Iterator[str]:
    """What torchinfo prints for one forward, and why it is not ours."""
    info, full = given.torchinfo, given.costs["full"]
    if info is None:
        yield f"torchinfo: {given.absent}"
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


def _basis(given: Reconciliation) -> str:
    architecture = given.architecture
    parts = [f"basis: {basis.full(architecture)}", basis.MAC]
    if architecture.uncounted:
        parts.append(f"NOT COUNTED for want of a formula: {', '.join(architecture.uncounted)}")
    parts += remarks(architecture)
    return plain("; ".join(parts))


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "convention": one.convention or None,
        "unit": one.unit,
        "cfg": one.counting.cfg,
        "steps": one.counting.steps,
        "forwards": one.counting.forwards,
        "value": one.value,
        "off": one.off,
        "within": one.within,
        "stated": one.stated,
    }


def _info(given: Reconciliation, info: Torchinfo) -> dict[str, Any]:
    return {
        "version": info.version,
        "mult_adds": info.total,
        "conv": info.conv,
        "linear": info.linear,
        "biases_and_norms": info.rest,
        "off_full": info.total / given.costs["full"].macs - 1 if given.costs["full"].macs else None,
    }


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)


def _short(tolerance: Decimal) -> str:
    """Half a unit of the last printed digit: "0.5 G", "0.5"."""
    for power, letter in ((12, " T"), (9, " G"), (6, " M"), (3, " k")):
        if tolerance >= Decimal(10) ** (power - 2):
            return f"{(tolerance.scaleb(-power)).normalize():f}{letter}"
    return f"{tolerance.normalize():f}"
