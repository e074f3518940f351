"""What the outputs of a diff say of its basis."""

from __future__ import annotations

from unetscope.difference import Diff
from unetscope.render.wording import basis


def statement(diff: Diff) -> str:
    """The size the costs hold for."""
    if diff.common:
        return f"basis of both: {basis(diff.a)}, {diff.a.basis.dtype}; 1 MAC = 2 FLOPs"
    return f"basis of A: {basis(diff.a)}; of B, which does not take that size: {basis(diff.b)}"
