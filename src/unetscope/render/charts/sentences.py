"""The sentence of a chart over sizes, and of one over a forward: what its lines show, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from unetscope.analysis.cost.chart_data import Spot
from unetscope.analysis.memory.timeline import LiveBytes
from unetscope.analysis.scaling.sweep import SweepRow
from unetscope.model import Architecture
from unetscope.render.charts import words
from unetscope.words import basis, units

_MOST = 2
"""A sentence tells of no more crossings."""


def over_sizes(networks: Sequence[Architecture], rows: Sequence[Sequence[SweepRow]], unit: str) -> str:
    """How one network's cost grows, or where the lines of several cross."""
    if len(networks) == 1:
        return _growth(rows[0], unit)
    crossings = [*_crossings(networks, rows, unit)]
    if crossings:
        more = f"; {len(crossings) - _MOST} more crossings" if len(crossings) > _MOST else ""
        return "; ".join(crossings[:_MOST]) + more + "."
    ends = [
        (swept[-1].cost.total(unit), network.title) for network, swept in zip(networks, rows, strict=True)
    ]
    (least, low), (most, high) = min(ends), max(ends)
    times = f"{most / least:.1f} times the {words.work_name(unit)} of {low}" if least else ""
    return f"No lines cross: at the largest size {high} takes {times}." if times and low != high else ""


def _growth(rows: Sequence[SweepRow], unit: str) -> str:
    first, last = rows[0], rows[-1]
    whole = [row.cost.total(unit) for row in (first, last)]
    if first.side == last.side or not all(whole):
        return ""
    pixels = (last.side / first.side) ** 2
    attention = [row.cost.work(unit)["attention"] for row in (first, last)]
    shares = [units.share(part, all_) for part, all_ in zip(attention, whole, strict=True)]
    grown = f"; attention's part grows from {shares[0]} to {shares[1]}" if any(attention) else ""
    work = words.work_name(unit)
    times = f"{pixels:.4g} times the area takes {whole[1] / whole[0]:.4g} times the {work}"
    return f"From side {first.side} to {last.side}, {times}{grown}."


def _crossings(
    networks: Sequence[Architecture], rows: Sequence[Sequence[SweepRow]], unit: str
) -> Iterator[str]:
    """Which network costs more above which side, between the sizes that both have."""
    costs = [{row.side: row.cost.total(unit) for row in sweep_rows} for sweep_rows in rows]
    for (first, a), (second, b) in combinations(zip(networks, costs, strict=True), 2):
        gaps = [(side, a[side] - b[side]) for side in sorted(a.keys() & b.keys())]
        for (low, before), (high, after) in pairwise([gap for gap in gaps if gap[1]]):
            if before * after < 0:
                side = low + (high - low) * abs(before) / (abs(before) + abs(after))
                more, less = (first, second) if after > 0 else (second, first)
                place = _place(networks, side)
                yield f"{more.title} takes more {words.work_name(unit)} than {less.title} above {place}"


def _place(networks: Sequence[Architecture], side: float) -> str:
    """A side as a number of the axis, and about how many pixels that is where all agree."""
    factors = {network.factor or 0 for network in networks}
    factor = factors.pop() if len(factors) == 1 else 0
    pixels = f" (about {round(side * factor, -1):,.0f} px)" if factor > 1 else ""
    return f"a {basis.side_word(networks)} of side {side:.0f}{pixels}"


def of_many(spots: Sequence[Spot], unit: str) -> str:
    """Which network does most with a parameter in one forward, and which least."""
    order = sorted(spots, key=lambda spot: spot.work / spot.params)
    if len(order) < 2:
        return ""
    least, most = order[0], order[-1]
    low, high = (units.short(spot.work // spot.params, billions="G") for spot in (least, most))
    work = words.work_name(unit)
    return (
        f"For each parameter one forward takes from {' '.join(low).strip()} {work} in {least.title} "
        f"to {' '.join(high).strip()} in {most.title}."
    )


def over_a_forward(networks: Sequence[Architecture], curves: Sequence[LiveBytes]) -> str:
    """Where one network's activations peak, what waits in skips then, and what eager attention takes."""
    if len(networks) > 1:
        most = max(zip(curves, networks, strict=True), key=lambda pair: pair[0].peak("fused")[0])
        return f"{most[1].title} holds most at once: {units.bytes_(most[0].peak('fused')[0])}."
    curve = curves[0]
    peak, at = curve.peak("fused")
    stage = next((span.name for span in curve.spans if span.start <= at < span.stop and span.name), "")
    waiting = curve.skips[at]
    parts = [f"Activations peak at {units.bytes_(peak)}" + (f" in {stage}" if stage else "")]
    parts += [f"of which {units.share(waiting, peak)} waits in skip connections"] if waiting else []
    eager = curve.peak("eager")[0]
    more = f"; eager attention takes {eager / peak:.1f} times as much" if eager > peak else ""
    return ", ".join(parts) + more + "."
