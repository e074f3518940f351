"""How two networks differ and which config fields cause it: both loaded, their counterfactuals at hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetscope.api.loading import Fresh, load
from unetscope.errors import TraceError
from unetscope.model import Architecture
from unetscope.spec import Size

if TYPE_CHECKING:
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.diff.changes import Trial


def diff(
    a: Any,
    b: Any,
    *,
    size: Size | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
) -> Diff:
    """How network B differs from network A, with the config fields that cause each difference.

    Both are sources as for `load`. Costs are compared at A's size wherever B takes it. Causes need
    torch; without it, or between two classes, they are unknown and the diff says why.
    """
    from unetscope.analysis.diff import compare

    again = partial(load, strict=strict, fresh=fresh, cache_folder=cache_folder, warn=warn)
    first = again(a, size=size)
    second, common = _at_size_of(first, b, again)
    trials, unknown = _trials(first, second)
    return compare(first, second, trials=trials, common=common, unknown=unknown)


def _at_size_of(
    first: Architecture, source: Any, load: Callable[..., Architecture]
) -> tuple[Architecture, bool]:
    """Another source at the size of an architecture, and whether it could be had there."""
    basis = first.basis
    height, width = basis.input[-2:]
    size = Size((height, width), None, basis.batch, basis.tokens, basis.dtype)
    try:
        return load(source, size=size), True
    except TraceError:
        return load(source), False


def _trials(a: Architecture, b: Architecture) -> tuple[tuple[Trial, ...] | None, str]:
    """The counterfactuals between two networks; None, and the reason, where there can be none."""
    if a.class_name != b.class_name:
        return None, f"a {a.class_name} and a {b.class_name} have no config in common"
    from unetscope.tracing import counterfactual

    try:
        return counterfactual.trials(a, b), ""
    except TraceError as error:
        return None, str(error)
