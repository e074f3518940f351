"""What is counted of architectures: rows, facts side by side, cost by size, memory. Draws nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from unetscope import cache, families, sources
from unetscope.analysis.cost import conventions
from unetscope.analysis.cost.rows import Row, rows
from unetscope.api.loading import Fresh, is_live, load, spec_of, warn_user
from unetscope.cost import ONCE, Counting
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size, sized
from unetscope.sources import at_hand
from unetscope.spec import usual
from unetscope.words.conventions import CONVENTIONS

if TYPE_CHECKING:  # rules are arithmetic on Fractions, which a plain load has no need to import
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.memory.budget import Memory, Use
    from unetscope.analysis.scaling.learning import Watch
    from unetscope.analysis.scaling.sweep import Sweep

Counted = TypeVar("Counted", "Architecture", "Diff")


def table(architecture: Architecture, *, depth: int = 1) -> tuple[Row, ...]:
    """Rows whose costs add up to the network's: stages at depth 1, their blocks at 2, and so on."""
    return rows(architecture, depth=depth)


def compare(architectures: Sequence[Architecture], *, differing: bool = False) -> Comparison:
    """Facts of several networks side by side; with `differing`, those that are equal are folded away.

    What is not known of a network is None.
    """
    from unetscope.analysis import comparison

    return comparison.compare(architectures, differing=differing)


def sweep(
    source: Any,
    sizes: Sequence[Size | Asked],
    *,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
    watch: Watch = iter,
    on_pixels: bool = False,
    counting: Counting = ONCE,
) -> Sweep:
    """The cost of a source at each size, in order; arguments as for `load`.

    `counting` is how work is counted, as for `counted`.
    Where a preset's formulas, or those learned from a dozen traces and then kept, reach a size, it is
    not traced. `watch` goes through the sizes that are, and may show how far it has come.
    """
    from unetscope.analysis.scaling import formulas
    from unetscope.analysis.scaling.sweep import Sweep, evaluated, traced_row

    again = partial(load, source, overrides=overrides, cache_folder=cache_folder, warn=_say_nothing,
                    on_pixels=on_pixels)  # fmt: skip
    spec = None if is_live(source) else spec_of(source, overrides=overrides, strict=strict)
    for line in spec.warnings if spec else ():
        (warn or warn_user)(line)
    own = spec.size if spec else None
    first = again(fresh=fresh, size=replace(own, batch=1) if own else None)
    if first.scaling is None:
        first = _learned(first, again, watch)
        if spec and fresh != "uncached":
            key = cache.key(spec, usual(replace(own or Size(), batch=1), spec.facts))
            cache.write(cache_folder or cache.folder(os.environ), key, first)
    stages = formulas.by_stage(first)
    whole = formulas.total(stages)
    asked = [sized(size, own) for size in sizes]
    found = {
        size: evaluated(first, whole, at_hand.axes_of(first, size), batch=size.batch, counting=counting)
        for size in asked
    }
    beyond = [size for size, row in found.items() if row is None]
    traced = {
        size: traced_row(conventions.counted(again(size=size, fresh=fresh), counting))
        for size in watch(beyond)
    }
    shown = conventions.counted(first, counting)
    return Sweep(shown, stages, tuple(found[size] or traced[size] for size in asked))


def counted(network: Counted, *, convention: str = "full", cfg: bool = False, steps: int = 1) -> Counted:
    """The same architecture or diff with its MACs counted another way, for every figure and picture of it.

    `convention` is full, layers, thop, calflops or deepspeed; `cfg` counts two forwards a step
    (classifier-free guidance), `steps` adds up that many steps. Parameters stay. Raises ConfigError for an
    unknown convention.
    """
    if convention not in CONVENTIONS or steps < 1:
        known = ", ".join(CONVENTIONS)
        raise ConfigError(
            f"no convention {convention!r} for {steps} steps", hint=f"conventions: {known}; steps: 1 or more"
        )
    counting = Counting(convention, cfg, steps)
    if isinstance(network, Architecture):
        return conventions.counted(network, counting)
    from unetscope.analysis import diff

    return diff.counted(network, counting)


def memory(
    architecture: Architecture, *, use: Use | None = None, batch: int | None = None, limit: int | None = None
) -> Memory:
    """Bytes of weights, activations and training of an architecture.

    One traced at batch 1 in float32 tells those at any batch and type, another only its own; `batch`
    None is its own.

    `use` says at what type, with which attention and whether it is trained. With `limit` in bytes, also
    the largest batch and square input that stay within it; sizes its formulas do not reach are traced.
    Raises ConfigError for another trace, TraceError where such a size is needed and torch is missing.
    """
    from unetscope.analysis.memory import budget

    return budget.memory(
        architecture,
        use or budget.Use(),
        batch=batch or architecture.basis.batch,
        limit=limit,
        resized=partial(_resized, architecture),
    )


def _resized(architecture: Architecture, height: int, width: int) -> Architecture | None:
    """An architecture at another input; None where its network takes none of that size."""
    basis = architecture.basis
    size = Size(dtype=basis.dtype).on(basis.axes | {"height": height, "width": width})
    found = at_hand.at_size(architecture, size)
    if found is not None:
        return found
    from unetscope.tracing import trace
    from unetscope.tracing.build import require_torch

    require_torch()
    spec = sources.spec_of(architecture)
    try:
        return trace(spec, size)
    except TraceError:
        return None


def _learned(first: Architecture, load: Callable[..., Architecture], watch: Watch) -> Architecture:
    """An architecture with its rules; the traces they are learned from are kept nowhere."""
    from unetscope.analysis.scaling import learning

    grids = families.grids(first.class_name, first.config)
    return learning.learn(first, grids, lambda size: load(size=size, fresh="uncached"), watch=watch)


def _say_nothing(line: str) -> None:
    """For a source whose warnings have been said."""
