"""What the outputs of a diff say of its basis."""

from __future__ import annotations

from unetscope.analysis.diff.changes import Diff
from unetscope.model import ONCE
from unetscope.words import basis


def statement(diff: Diff) -> str:
    """What the costs of both networks hold for."""
    counted = basis.counted(diff.a.counting, sorted({*diff.a.uncounted, *diff.b.uncounted}))
    if diff.a.counting.convention != ONCE.convention:
        counted += "; MACs of fields by themselves are known by the convention full alone, and left out here"
    if diff.common:
        return f"basis of both: {basis.full(diff.a)}; {counted}"
    other = f"of B, which does not take that size: {basis.full(diff.b)}"
    return f"basis of A: {basis.full(diff.a)}; {other}; {counted}"
