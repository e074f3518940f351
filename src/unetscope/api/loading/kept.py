"""Why a kept network that no config makes does not answer for a size that is asked of it."""

from __future__ import annotations

from unetscope.errors import TraceError
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.sources import at_hand
from unetscope.words import basis as basis_words

_ITSELF = "trace the module itself (MODEL.py:NAME) at the size wanted"


def refusal(architecture: Architecture, size: Size) -> TraceError:
    """What to raise for a saved architecture, or a bundled one of another package, that has no such size."""
    title, basis = architecture.title, architecture.basis
    if size.batch != basis.batch:
        problem = f"{title} is kept at batch {basis.batch}, and no config makes it at another"
        return TraceError(problem, hint=f"sweep and memory take --batch; or {_ITSELF}")
    if size.dtype not in (None, basis.dtype):
        problem = f"{title} is kept in {basis.dtype}, and no config makes it in another type"
        return TraceError(problem, hint=f"its MACs are the same; memory takes --dtype; or {_ITSELF}")
    if architecture.scaling is None:
        own = basis_words.times([*basis.axes.values()])
        return TraceError(f"{title} is kept at {own} alone: it has no formula for other sizes", hint=_ITSELF)
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.render.sweep import reach

    axes = at_hand.axes_of(architecture, size)
    asked = ", ".join(f"{axis} {length}" for axis, length in axes.items())
    holds = reach(Sweep(architecture, (), ()))
    return TraceError(
        f"no formula of {title} reaches {asked}", hint=f"{holds}; for others sweep the module itself"
    )
