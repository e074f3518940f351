"""What a published figure is, or what comes nearest, in a sentence or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from unetscope.analysis.cost.deepcache import COUNTERS
from unetscope.analysis.cost.reconcile import NEAR, Candidate, Reconciliation
from unetscope.analysis.cost.reused import MEAN
from unetscope.render.table.cells import giga
from unetscope.words import units
from unetscope.words.conventions import forwards

_FVCORE = " (fvcore and many papers call a MAC a FLOP)"


def verdict(result: Reconciliation) -> str:
    """One or two sentences: what the figure is, or what comes nearest."""
    figure, nearest = result.figure, result.candidates[0]
    asked = f"{figure.text} (±{_short(figure.tolerance)})"
    meant = [match for match in result.matches if match.stated] or list(result.matches)
    if meant:
        printed = f", printed in {result.published.source}," if result.published else ""
        return (
            f"{asked}{printed} is {_named(meant)}{_mislabelled(result, meant)}.{_missing(result, meant[0])}"
        )
    if _is_torchinfo(result):
        return f"{asked} is what torchinfo prints for {forwards(result.asked)}, and none of these."
    if table := _of_table(result):
        return f"{asked} {table}"
    side = _side(nearest)
    if nearest.unit == "parameters" and abs(nearest.off) < NEAR:
        return f"{asked} is {_named([nearest])}: {side}, not equal to its last digit."
    equals = [candidate for candidate in result.candidates if candidate.value == nearest.value]
    nearby = _named([equal for equal in equals if equal.stated] or equals[:1])
    if abs(nearest.off) < NEAR:
        near = f"{asked} is closest to {nearby}: {side}, not equal to its last digit."
        return near + _missing(result, nearest)
    advice = "Is it for this input (--size, --batch, --tokens)?"
    return f"{asked} is not one of these; the nearest, {nearby}, is {side}. {advice}"


def _of_table(result: Reconciliation) -> str:
    """The table that prints the figure, and how far what it says it counted is; "" where that is not near."""
    published = result.published
    if published is None:
        return ""
    meant = published.convention, replace(published.counting, convention=""), published.of, "MACs"
    for candidate in result.candidates:
        counting = replace(candidate.counting, convention="")
        if (candidate.convention, counting, candidate.of, candidate.unit) == meant and abs(
            candidate.off
        ) < NEAR:
            source = f"stands in {published.source}, counted by {published.convention}"
            near = f"{_named([candidate])} are {_side(candidate)}, not equal to its last digit"
            return f"{source}: {near}.{_missing(result, candidate)}"
    return ""


def _side(candidate: Candidate) -> str:
    return f"{off(candidate.off)[1:]} {'above' if candidate.off > 0 else 'below'} it"


def off(distance: float) -> str:
    """A relative distance in percent with two significant digits: "−15.7 %", "+0.0034 %", "exact"."""
    percent = 100 * abs(distance)
    if percent == 0:
        return "exact"
    digits = f"{percent:,.0f}" if percent >= 100 else f"{percent:.1f}" if percent >= 1 else f"{percent:.2g}"
    return f"{'−' if distance < 0 else '+'}{'<0.0001' if percent < 1e-4 else digits} %"


def _missing(result: Reconciliation, candidate: Candidate) -> str:
    """What the figure leaves out of the full count, where it leaves out anything."""
    left = result.costs["full"].attention
    counts = result.costs.get(candidate.convention)
    if not left or candidate.unit == "parameters" or (counts and counts.attention):
        return ""
    share = units.share(left, result.costs["full"].macs)
    each = "a whole forward" if candidate.counting.reuses else "a forward"
    return f" It leaves out the attention matmuls: {giga(left)} MACs {each}, {share} of the work."


def _mislabelled(result: Reconciliation, meant: Sequence[Candidate]) -> str:
    """A figure that names the one unit and is given by the other alone."""
    named = result.figure.unit
    if named is None or any(candidate.unit == named for candidate in meant):
        return ""
    return f", though it says {named}{_FVCORE if named == 'FLOPs' else ''}"


def _is_torchinfo(result: Reconciliation) -> bool:
    info, figure = result.torchinfo, result.figure
    return info is not None and abs(info.total * result.asked.forwards - figure.value) <= figure.tolerance


def _named(these: Sequence[Candidate]) -> str:
    """Ways of counting in words, those of equal unit and forwards together: "thop or layers MACs of …"."""
    groups: dict[tuple[str, int, str], list[Candidate]] = {}
    for candidate in these:
        groups.setdefault((candidate.unit, candidate.counting.forwards, candidate.of), []).append(candidate)
    return ", or ".join(_group(group) for group in groups.values())


def _group(these: Sequence[Candidate]) -> str:
    first = these[0]
    if first.unit == "parameters":
        return f"the number of parameters, {units.exact(first.value)}"
    names = [candidate.convention for candidate in these]
    listed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    if first.of:
        each = first.of if first.of == MEAN else f"one {first.of} {_each(first)}"
        return f"{listed} {first.unit} of {each}, of {forwards(first.counting)}"
    return f"{listed} {first.unit} of {forwards(first.counting)}"


def _each(candidate: Candidate) -> str:
    """What a kind is one of: DeepCache's own counter takes the two forwards of guidance as one batch."""
    batched = candidate.convention in COUNTERS and candidate.counting.cfg
    return "step with guidance" if batched else "forward"


def _short(tolerance: Decimal) -> str:
    """Half a unit of the last printed digit: "0.5 G", "0.5"."""
    for power, letter in ((12, " T"), (9, " G"), (6, " M"), (3, " k")):
        if tolerance >= Decimal(10) ** (power - 2):
            return f"{(tolerance.scaleb(-power)).normalize():f}{letter}"
    return f"{tolerance.normalize():f}"
