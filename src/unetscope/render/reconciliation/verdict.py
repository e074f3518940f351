"""What a published figure is, or what comes nearest, in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from unetscope import units
from unetscope.analysis.cost.deepcache import COUNTERS
from unetscope.analysis.cost.reconcile import NEAR, Candidate, Reconciliation
from unetscope.analysis.cost.reused import MEAN
from unetscope.render.table.cells import giga
from unetscope.words.conventions import forwards

_FVCORE = " (fvcore and many papers call a MAC a FLOP)"


def verdict(given: Reconciliation) -> str:
    """One or two sentences: what the figure is, or what comes nearest."""
    figure, nearest = given.figure, given.candidates[0]
    shown = f"{figure.text} (±{_short(figure.tolerance)})"
    meant = [match for match in given.matches if match.stated] or list(given.matches)
    if meant:
        printed = f", printed in {given.published.source}," if given.published else ""
        return f"{shown}{printed} is {_named(meant)}{_mislabelled(given, meant)}.{_missing(given, meant[0])}"
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
    meant = one.convention, replace(one.counting, convention=""), one.of, "MACs"
    for found in given.candidates:
        counting = replace(found.counting, convention="")
        if (found.convention, counting, found.of, found.unit) == meant and abs(found.off) < NEAR:
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
    counts = given.costs.get(one.convention)
    if not left or one.unit == "parameters" or (counts and counts.attention):
        return ""
    share = units.share(left, given.costs["full"].macs)
    each = "a whole forward" if one.counting.reuses else "a forward"
    return f" It leaves out the attention matmuls: {giga(left)} MACs {each}, {share} of the work."


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
    groups: dict[tuple[str, int, str], list[Candidate]] = {}
    for one in these:
        groups.setdefault((one.unit, one.counting.forwards, one.of), []).append(one)
    return ", or ".join(_group(group) for group in groups.values())


def _group(these: Sequence[Candidate]) -> str:
    first = these[0]
    if first.unit == "parameters":
        return f"the number of parameters, {units.exact(first.value)}"
    names = [one.convention for one in these]
    told = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    if first.of:
        each = first.of if first.of == MEAN else f"one {first.of} {_each(first)}"
        return f"{told} {first.unit} of {each}, of {forwards(first.counting)}"
    return f"{told} {first.unit} of {forwards(first.counting)}"


def _each(one: Candidate) -> str:
    """What a kind is one of: DeepCache's own counter takes the two forwards of guidance as one batch."""
    batched = one.convention in COUNTERS and one.counting.cfg
    return "step with guidance" if batched else "forward"


def _short(tolerance: Decimal) -> str:
    """Half a unit of the last printed digit: "0.5 G", "0.5"."""
    for power, letter in ((12, " T"), (9, " G"), (6, " M"), (3, " k")):
        if tolerance >= Decimal(10) ** (power - 2):
            return f"{(tolerance.scaleb(-power)).normalize():f}{letter}"
    return f"{tolerance.normalize():f}"
