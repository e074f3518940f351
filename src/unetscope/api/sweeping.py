"""The cost over many sizes: from formulas wherever these reach, which can also be written as code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unetscope import families
from unetscope.analysis import vae_part
from unetscope.analysis.cost import conventions
from unetscope.api.loading import Fresh, Source, kept, load, resolved, spec_of, trace_cache, warn_user
from unetscope.api.loading.asked_sizes import Extent, asked, names, of_image, refuse_axes
from unetscope.api.loading.live import is_live
from unetscope.choices import CodeFormat, PartName
from unetscope.cost import ONCE, Counting
from unetscope.errors import TraceError
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size, sized
from unetscope.sources import at_hand
from unetscope.spec import usual
from unetscope.words import basis as basis_words

if TYPE_CHECKING:  # rules are arithmetic on Fractions, which a plain load has no need to import
    from unetscope.analysis.scaling.resize import Watch
    from unetscope.analysis.scaling.sweep import Sweep

_POINTS = 32
"""Sizes of a sweep unless told otherwise, at most."""


def sweep(
    source: Source,
    sizes: Sequence[Size | Asked] | None = None,
    *,
    size: Iterable[Extent] = (),
    latent: Iterable[Extent] = (),
    batch: Iterable[int] = (),
    tokens: Iterable[int] = (),
    frames: Iterable[int] = (),
    axes: Mapping[str, Iterable[int]] | None = None,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
    watch: Watch = iter,
    on_pixels: bool = False,
    counting: Counting = ONCE,
    part: PartName | None = None,
    inputs: Any = None,
) -> Sweep:
    """The cost of a source at each size, in order; what is not named is as for `load`.

    Every size of the image (`size`) or of the input (`latent`: `range(32, 257, 32)`, `[(64, 96)]`) with every
    batch and every size of the other axes; or just those in `sizes`. Without any, only the formulas.
    `counting` is how work is counted, as for `counted`, `part` the half of an autoencoder,
    `inputs` what a live module of any class is called with.
    Where a preset's formulas, or those learned from a dozen traces and then kept, reach a size, it is
    not traced. `watch` goes through the sizes that are, and may show how far it has come.
    `records()` of the result is a list of dicts, for a data frame.
    """
    further = {"batch": batch, "tokens": tokens, "frames": frames, **(axes or {})}
    wanted = _every(size, latent, further) if sizes is None else list(sizes)
    swept = _swept(source, wanted, overrides=overrides, strict=strict, fresh=fresh, warn=warn, watch=watch,
                  folder=cache_folder or trace_cache.folder(os.environ), on_pixels=on_pixels,
                  counting=counting, part=part, inputs=inputs)  # fmt: skip
    refuse_axes(swept.architecture, [name for grid in wanted for name in names(grid)])
    return swept


def with_formula(
    architecture: Architecture, module: Any, *, inputs: Any = None, watch: Watch = iter
) -> Architecture:
    """What a live module was traced to, with its cost over the sizes of its input, learned as `sweep` does.

    As it was where no formula holds, its batch is not 1, or each trace would take a forward on real tensors.
    """
    from unetscope.tracing.any_module.ways import REAL

    basis, asks = architecture.basis, architecture.scaling is None and architecture.basis.batch == 1
    if not asks or not basis.axes or f"run as {REAL.words}" in architecture.notes:
        return architecture
    again = partial(load, module, warn=_say_nothing, inputs=inputs)
    # The first forward of a process can hold a tensor longer, as torch imports meanwhile: no rule has that.
    return _learned(again(size=Size.at(basis)), again, watch)


def formula(source: Source, *, format: CodeFormat = "python") -> str:
    """The cost of a source at any size of its grid as code without dependencies, exact to the unit.

    `format` is python, javascript or latex. Raises TraceError where no formula holds, OutputError for an
    unknown format, and as `load`.
    """
    from unetscope.render import formula_code

    swept = sweep(source)
    if not swept.formulas:
        raise TraceError(f"no formula holds for {swept.architecture.title}", hint="sweep traces each size")
    return formula_code.code(swept, format=format)


def sides(architecture: Architecture, most: int) -> list[int]:
    """Sides that a network's formulas reach, evenly up to `most`; without formulas few, as each is traced."""
    scaling = architecture.scaling
    if scaling is None:
        own = side(architecture)
        return sorted({max(1, own // 2), own, own * 2})
    grid = next((grid for grid in scaling.grids if grid.axis == "height"), scaling.grids[0])
    step = grid.step * max(1, -(-most // (grid.step * _POINTS)))
    least = -(-grid.least // step) * step
    return [*range(least, max(most, least) + 1, step)]


def side(architecture: Architecture) -> int:
    """The longer side of the input."""
    return max(basis_words.extent(architecture), default=1)


def _every(
    size: Iterable[Extent], latent: Iterable[Extent], further: Mapping[str, Iterable[int]]
) -> list[Size | Asked]:
    """Every size with every batch and every size of the other axes; none where nothing is asked for."""
    ranges: dict[str, Iterable[Any]] = {"size": size, "latent": latent, **further}
    asked_for = {
        name: values for name, values in ((name, list(sizes)) for name, sizes in ranges.items()) if values
    }
    if not asked_for:
        return []
    combined = (dict(zip(asked_for, values, strict=True)) for values in product(*asked_for.values()))
    return [asked(values.pop("size", None), **values) for values in combined]


def _swept(
    source: Source,
    wanted: Sequence[Size | Asked],
    *,
    overrides: Mapping[str, Any] | None,
    strict: bool,
    fresh: Fresh,
    folder: Path,
    warn: Callable[[str], None] | None,
    watch: Watch,
    on_pixels: bool,
    counting: Counting,
    part: PartName | None,
    inputs: Any,
) -> Sweep:
    from unetscope.analysis.scaling import formulas
    from unetscope.analysis.scaling.sweep import Sweep, evaluated, traced_row

    source = _saved(source, overrides, strict=strict)
    if isinstance(source, Architecture):
        counting = source.counting if counting == ONCE else counting
        source = conventions.counted(source, ONCE)
    again = partial(load, source, overrides=overrides, cache_folder=folder, warn=_say_nothing,
                    on_pixels=on_pixels, inputs=inputs)  # fmt: skip
    spec = None if _needs_no_spec(source, overrides) else spec_of(source, overrides=overrides, strict=strict)
    for line in spec.warnings if spec else ():
        (warn or warn_user)(line)
    own = Size.at(source.basis) if isinstance(source, Architecture) else spec.size if spec else None
    first = again(fresh=fresh, size=replace(own, batch=1) if own else None)
    if first.scaling is None:
        first = _learned(first, again, watch)
        if spec and not first.part and fresh != "uncached":
            key = trace_cache.key(spec, usual(replace(own or Size(), batch=1), spec.facts))
            trace_cache.write(folder, key, first)
    part = part or (spec.part if spec else None) or None
    first, wanted = vae_part.only(first, part), [of_image(first, size) for size in wanted]
    stages = formulas.by_stage(first)
    whole = formulas.total(stages)
    sizes = [sized(size, own) for size in wanted]
    rows = {
        size: evaluated(first, whole, at_hand.axes_of(first, size), batch=size.batch, counting=counting)
        for size in sizes
    }
    beyond = [size for size, row in rows.items() if row is None]
    if beyond and first.scaling and isinstance(source, Architecture) and not source.described:
        raise kept.refusal(first, replace(beyond[0], batch=first.basis.batch))
    traced = {
        size: traced_row(conventions.counted(again(size=size, fresh=fresh, part=part), counting))
        for size in watch(beyond)
    }
    network = conventions.counted(first, counting)
    return Sweep(network, stages, tuple(rows[size] or traced[size] for size in sizes))


def _saved(source: Source, overrides: Mapping[str, Any] | None, *, strict: bool) -> Source:
    """A saved architecture that no config describes and nothing can build again; any other source
    unchanged."""
    if is_live(source) or isinstance(source, Architecture):
        return source
    read = resolved(source, overrides, strict=strict)
    return read if isinstance(read, Architecture) and not read.described else source


def _needs_no_spec(source: Source, overrides: Mapping[str, Any] | None) -> bool:
    """Whether a source is at hand as it is: a live module, or an architecture whose rules are known."""
    if isinstance(source, Architecture):
        return not overrides and (source.scaling is not None or not source.described)
    return is_live(source)


def _learned(first: Architecture, load: Callable[..., Architecture], watch: Watch) -> Architecture:
    """An architecture with its rules; the traces they are learned from are kept nowhere."""
    from unetscope.analysis.scaling import learning
    from unetscope.analysis.scaling.observed_grids import observed_grids

    def trace(size: Size) -> Architecture:
        return load(size=size, fresh="uncached")

    if first.described or first.config:
        return learning.learn(first, families.grids(first.class_name, first.config), trace, watch=watch)

    def is_the_same(size: Size) -> bool:
        other = learning.attempt(trace, size)
        return other is not None and other.stages == first.stages

    candidates = observed_grids(first, is_the_same)
    learned = (learning.learn(first, grids, trace, watch=watch) for grids in candidates)
    return next((network for network in learned if network.scaling), first)


def _say_nothing(line: str) -> None:
    """For a source whose warnings have been said."""
