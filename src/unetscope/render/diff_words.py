"""What the outputs of a diff say of its basis."""

from __future__ import annotations

from unetscope.analysis.unread import not_read
from unetscope.difference import Diff
from unetscope.render.wording import basis


def statement(diff: Diff) -> str:
    """The size the costs hold for, and what the configs say that neither network shows."""
    unread = [
        f"; {side}: {words}" for side, one in (("A", diff.a), ("B", diff.b)) if (words := not_read(one))
    ]
    return _basis(diff) + "".join(unread)


def _basis(diff: Diff) -> str:
    if diff.common:
        return f"basis of both: {basis(diff.a)}, {diff.a.basis.dtype}; 1 MAC = 2 FLOPs"
    return f"basis of A: {basis(diff.a)}; of B, which does not take that size: {basis(diff.b)}"
