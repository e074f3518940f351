"""What stands at the top of a network's page: its name, its figures in full, what they hold for."""

from __future__ import annotations

from typing import Any

from unetscope.analysis.cost.insight import insight
from unetscope.analysis.memory.activations import activation_peak
from unetscope.model import Architecture
from unetscope.spec import DTYPES
from unetscope.words import basis, units
from unetscope.words.insight import of_network
from unetscope.words.safe import clean


def values(architecture: Architecture) -> dict[str, Any]:
    """Values of part_card.html.j2."""
    return {
        "title": clean(architecture.title),
        "kind": clean(" · ".join(word for word in (architecture.class_name, architecture.part) if word)),
        "basis": clean(basis.full(architecture)),
        "insight": clean(of_network(insight(architecture), architecture.counting)),
        "figures": _figures(architecture),
    }


def _figures(architecture: Architecture) -> list[dict[str, str]]:
    """Name, short form, exact form, and the entry of the provenance that says how each is known."""
    cost, dtype = architecture.cost, architecture.basis.dtype
    weights, peak = cost.params * DTYPES.get(dtype, 4), activation_peak(architecture).bytes
    figures = [
        ("parameters", units.params(cost.params), units.exact(cost.params), "parameters"),
        ("MACs", units.macs(cost.macs), units.exact(cost.macs), "macs"),
        ("FLOPs", units.macs(cost.flops, "FLOP"), units.exact(cost.flops), "macs"),
        (f"weights in {dtype}", units.bytes_(weights), f"{units.exact(weights)} bytes", "memory"),
        (f"activations in {dtype}", units.bytes_(peak), f"{units.exact(peak)} bytes at most", "memory"),
    ]
    if architecture.skips:
        figures.append(("long skips", str(len(architecture.skips)), _joined(architecture), "shapes"))
    return [dict(zip(("name", "short", "exact", "source"), figure, strict=True)) for figure in figures]


def _joined(architecture: Architecture) -> str:
    """How long skips are joined."""
    added, every = sum(skip.kind == "add" for skip in architecture.skips), len(architecture.skips)
    if added in (0, every):
        return "added" if added else "concatenated on channels"
    return f"{every - added} concatenated on channels, {added} added"
