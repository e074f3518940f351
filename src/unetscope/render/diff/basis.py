"""What the outputs of a diff say of its basis."""

from __future__ import annotations

from unetscope.analysis.remarks import remarks
from unetscope.difference import Diff
from unetscope.words import basis


def statement(diff: Diff) -> str:
    """What the costs of both networks hold for, and what the configs say that neither network shows."""
    sides = ("A", diff.a), ("B", diff.b)
    return "; ".join(
        [_basis(diff), *(f"{side}: {words}" for side, network in sides for words in remarks(network))]
    )


def _basis(diff: Diff) -> str:
    counted = basis.counted(diff.a.counting, sorted({*diff.a.uncounted, *diff.b.uncounted}))
    counted = "; ".join(filter(None, (counted, basis.of_fields(diff.a.counting))))
    if diff.common:
        return f"basis of both: {basis.full(diff.a)}; {counted}"
    other = f"of B, which does not take that size: {basis.full(diff.b)}"
    return f"basis of A: {basis.full(diff.a)}; {other}; {counted}"
