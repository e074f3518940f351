"""How two networks differ and which config fields cause it: both loaded, the attribution made or at hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetscope import zoo
from unetscope.analysis.cost import conventions
from unetscope.api.loading import Fresh, Source, load, trace_cache
from unetscope.api.loading.asked_sizes import Extent, asked
from unetscope.api.loading.live import is_live
from unetscope.choices import PartName
from unetscope.cost import ONCE
from unetscope.difference.changes import ConfigChange, of
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size

if TYPE_CHECKING:
    from unetscope.difference import Attribution, Diff

NOT_ASKED = "they were not asked for"
"""Why causes are unknown of a diff without them."""


def diff(
    a: Source,
    b: Source,
    *,
    size: Extent | Size | Asked | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    causes: bool = True,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
    on_pixels: bool = False,
    overrides: Mapping[str, Any] | None = None,
    changed: Mapping[str, Any] | None = None,
    part: PartName | None = None,
    inputs: Any = None,
) -> Diff:
    """How network B differs from network A, with the config fields that cause each difference.

    Both are sources as for `load`. Costs are compared at A's size wherever B takes it. Causes are
    bundled for related presets and kept for other pairs; finding them out needs torch. Without it,
    or between two classes, they are unknown and the diff says why. `causes=False` leaves them out.
    Work is counted as that of A where that is an architecture at hand. `overrides` replaces config fields
    of both, `changed` of B alone: what a setting changes. `part` is the half of two autoencoders, `inputs`
    what live modules of any class are called with.
    """
    from unetscope.analysis import diff as differences

    counting = a.counting if isinstance(a, Architecture) else ONCE
    difference = _found(_once(a), _once(b), size=asked(size, latent=latent, batch=batch), causes=causes,
                   strict=strict, fresh=fresh, cache_folder=cache_folder, warn=warn,
                   on_pixels=on_pixels, overrides=(overrides, changed), part=part, inputs=inputs)  # fmt: skip
    return difference if counting == ONCE else differences.counted(difference, counting)


def _once(source: Source) -> Source:
    """A source whose work is counted in full, of one forward: so networks are compared."""
    return conventions.counted(source, ONCE) if isinstance(source, Architecture) else source


def _found(
    a: Source,
    b: Source,
    *,
    size: Size | Asked,
    causes: bool,
    strict: bool,
    fresh: Fresh,
    cache_folder: Path | None,
    warn: Callable[[str], None] | None,
    on_pixels: bool,
    overrides: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    part: PartName | None,
    inputs: Any,
) -> Diff:
    from unetscope.analysis import diff as differences

    again = partial(load, strict=strict, fresh=fresh, cache_folder=cache_folder, warn=warn,
                    on_pixels=on_pixels, part=part)  # fmt: skip
    both, of_b = overrides
    first = again(a, size=size, overrides=both, inputs=inputs if is_live(a) else None)
    settings = {**(both or {}), **(of_b or {})} or None
    of_second = partial(again, overrides=settings, inputs=inputs if is_live(b) else None)
    second, common = _at_size_of(first, b, of_second)
    difference = differences.compare(first, second, trials=None, common=common)
    if not causes:
        return replace(difference, unknown=NOT_ASKED)
    if first.class_name != second.class_name:
        reason = f"a {first.class_name} and a {second.class_name} have no config in common"
        return replace(difference, unknown=reason)
    if first.part != second.part:
        parts = " and ".join(traced.part or "a whole network" for traced in (first, second))
        return replace(difference, unknown=f"{parts} are not built by the same fields")
    odd = next((network for network in (first, second) if not network.described), None)
    if odd is not None and not odd.config:
        return replace(difference, unknown=f"{odd.title} has no config: its blocks are compared")
    if odd is not None:
        return replace(difference, unknown=f"the config of {odd.title} does not describe it as it was traced")
    try:
        why = _attribution(difference, cache_folder or trace_cache.folder(os.environ), fresh)
    except TraceError as error:
        return replace(difference, unknown=error.message)
    return differences.explain(difference, why)


def _at_size_of(
    first: Architecture, source: Source, load: Callable[..., Architecture]
) -> tuple[Architecture, bool]:
    """Another source at the size of an architecture, and whether it could be had there."""
    try:
        return load(source, size=Size.at(first.basis)), True
    except (TraceError, ConfigError):
        return load(source), False  # refuses that size; what else is wrong is so at its own too


def _attribution(diff: Diff, folder: Path, fresh: Fresh) -> Attribution:
    """A bundled or cached attribution of a diff, else a new one, which is kept."""
    from unetscope.analysis.diff import stored

    if not of(ConfigChange, diff.changes):
        return _attributed(diff)  # nothing to try, and no torch needed
    content = stored.content(diff)
    key, read = trace_cache.key_of(content), partial(stored.unpack, diff)
    if fresh == "cached":
        bundled = zoo.attribution(content)
        known = read(bundled) if bundled is not None else trace_cache.read_as(folder, key, read)
        if known is not None:
            return known
    attribution = _attributed(diff)
    if fresh != "uncached":
        trace_cache.write(folder, key, stored.dumps(diff, attribution))
    return attribution


def _attributed(diff: Diff) -> Attribution:
    from unetscope.tracing import counterfactual

    return counterfactual.attribution(diff)
