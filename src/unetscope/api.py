"""What the command line and a notebook both call: load, inspect, table, render, save."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from unetscope import cache, codec, files, sources, zoo
from unetscope.analysis.graph import Graph
from unetscope.analysis.rows import Row, rows
from unetscope.errors import OutputError, SourceError, TraceError
from unetscope.model import Architecture
from unetscope.sources import fitting
from unetscope.spec import Size, Spec

if TYPE_CHECKING:  # rules are arithmetic on Fractions, which a plain load has no need to import
    from unetscope.analysis.budget import Memory, Use
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.diff import Diff
    from unetscope.analysis.diff.changes import Trial
    from unetscope.analysis.resize import Watch
    from unetscope.analysis.sweep import Sweep

Fresh = Literal["cached", "fresh", "uncached"]
"""Where a trace may come from: anywhere; made anew and kept; made anew and kept nowhere."""


def load(
    source: Any,
    *,
    size: Size | None = None,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
) -> Architecture:
    """The architecture of a source, traced only where no trace of it is at hand.

    `source` is a preset id or alias, a config.json, a diffusers model folder, a saved architecture, a
    config as a dict, or a live diffusers module. `overrides` replaces config fields. `strict` turns
    warnings about the config into errors; else they go to `warn` (default: `warnings.warn`).

    Raises SourceError, ConfigError or TraceError, all UnetscopeError, with one line and a hint.
    """
    size = size or Size()
    if hasattr(source, "named_modules"):
        return _live(source, size, overrides)
    found = sources.resolve(source, overrides=overrides, strict=strict)
    if isinstance(found, Architecture):
        saved = fitting.at_size(found, size) if fresh == "cached" else None
        if saved is not None:
            return saved
        found = sources.spec_of(found)
    for line in found.warnings:
        (warn or _warn)(line)
    folder = cache_folder or cache.folder(os.environ)
    return _named(_kept(found, size, folder, fresh) or _traced(found, size, folder, fresh), found)


def sweep(
    source: Any,
    sizes: Sequence[Size],
    *,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
    watch: Watch = iter,
) -> Sweep:
    """The cost of a source at each size, in order; arguments as for `load`.

    Where a preset's formulas, or those learned from eleven traces and then kept, reach a size, it is
    not traced. `watch` goes through the sizes that are, and may show how far it has come.
    """
    from unetscope.analysis import formulas
    from unetscope.analysis.sweep import Sweep, evaluated, traced_row

    again = partial(load, source, overrides=overrides, cache_folder=cache_folder, warn=_say_nothing)
    spec = None if hasattr(source, "named_modules") else _spec(source, overrides=overrides, strict=strict)
    for line in spec.warnings if spec else ():
        (warn or _warn)(line)
    first = again(fresh=fresh)
    if first.scaling is None:
        first = _learned(first, again, watch)
        if spec and fresh != "uncached":
            cache.write(cache_folder or cache.folder(os.environ), cache.key(spec, Size()), first)
    stages = formulas.by_stage(first)
    whole = formulas.total(stages)
    found = {size: evaluated(first, whole, fitting.point(first, size), batch=size.batch) for size in sizes}
    beyond = [size for size, row in found.items() if row is None]
    traced = {size: traced_row(again(size=size, fresh=fresh)) for size in watch(beyond)}
    return Sweep(first, stages, tuple(found[size] or traced[size] for size in sizes))


def table(architecture: Architecture, *, depth: int = 1) -> tuple[Row, ...]:
    """Rows whose costs add up to the network's: stages at depth 1, their blocks at 2, and so on."""
    return rows(architecture, depth=depth)


def compare(architectures: Sequence[Architecture], *, differing: bool = False) -> Comparison:
    """Facts of several networks side by side; with `differing`, those that are equal are folded away.

    What is not known of a network is None.
    """
    from unetscope.analysis import comparison

    return comparison.compare(architectures, differing=differing)


def draw(
    architecture: Architecture,
    *,
    format: str = "svg",
    layout: str = "strip",
    theme: str = "light",
    unit: str = "macs",
    detail: str = "block",
    color_by: str = "kind",
    width: str = "readme",
    command: str = "",
) -> bytes:
    """A diagram of an architecture as a file's bytes.

    `format` is svg, png or json (the scene: every box and text in its place), `layout` strip or u,
    `theme` light, dark, auto or paper (bare, for a figure with a caption), `unit` macs or flops
    (1 MAC = 2 FLOPs), `detail` stage, block or layer. Fills mean what `color_by` says: kind, params or
    macs. `width` is readme (900 px), full (as wide as all labels need) or column (of a paper).
    `command` is printed in the corner. Raises OutputError for an unknown choice.
    """
    from unetscope import render

    return render.diagram(
        architecture,
        format=format,
        layout=layout,
        theme=theme,
        unit=unit,
        detail=detail,
        color_by=color_by,
        width=width,
        command=command,
    )


def graph(architecture: Architecture, *, depth: int = 1) -> Graph:
    """The dataflow graph: stages and the tensors between them at depth 1, their blocks at 2, and so on."""
    from unetscope.analysis import flow

    return flow.graph(architecture, depth=depth)


def draw_graph(
    architecture: Architecture,
    *,
    depth: int = 1,
    format: str = "svg",
    theme: str = "light",
    unit: str = "macs",
) -> bytes:
    """The dataflow graph of an architecture as a file's bytes.

    `format` is svg, png, dot or mermaid, `theme` light, dark, auto or paper, `unit` macs or flops.
    Raises OutputError for an unknown choice and where no Graphviz engine is installed.
    """
    from unetscope.render import graph as pictures

    drawn = graph(architecture, depth=depth)
    return pictures.graph(architecture, drawn, format=format, theme=theme, unit=unit)


def draw_chart(
    shown: Sequence[Architecture | Sweep],
    *,
    kind: str = "stages",
    format: str = "svg",
    theme: str = "light",
    unit: str = "macs",
    dtype: str = "float16",
) -> bytes:
    """A chart of one network, or of up to twelve on one scale, as a file's bytes.

    `kind` is stages (parameters and MACs, bar by bar), memory (activation bytes over a forward in
    `dtype`), sweep (MACs by size, of what `sweep` returns) or zoo (all bundled models; those in `shown`
    stand out). `format` is svg, png or pdf, `theme` light, dark, auto or paper, `unit` macs or flops.
    Raises OutputError for an unknown choice.
    """
    from unetscope.analysis.sweep import Sweep
    from unetscope.render import charts

    networks = [one for one in shown if isinstance(one, Architecture)]
    swept = [one for one in shown if isinstance(one, Sweep)]
    if kind not in charts.KINDS or len(networks if kind != "sweep" else swept) < len(shown):
        raise OutputError(f"no chart of kind {kind!r} of these", hint="kinds: " + ", ".join(charts.KINDS))
    match kind:
        case "memory":
            return charts.of_memory(networks, format=format, theme=theme, dtype=dtype)
        case "sweep":
            return charts.of_sweeps(swept, format=format, theme=theme, unit=unit)
        case "zoo":
            return charts.of_zoo(_zoo(), own=networks, format=format, theme=theme, unit=unit)
    return charts.of_stages(networks, format=format, theme=theme, unit=unit)


def save(architecture: Architecture, path: str | os.PathLike[str]) -> None:
    """Keep an architecture as JSON, compressed where the name ends in .gz; `load` reads it back."""
    data = codec.pack(architecture) if str(path).endswith(".gz") else codec.dumps(architecture)
    files.write(Path(path), data)


def memory(
    architecture: Architecture, *, use: Use | None = None, batch: int = 1, limit: int | None = None
) -> Memory:
    """Bytes of weights, activations and training of an architecture traced at batch 1 in float32.

    `use` says at what type, with which attention and whether it is trained. With `limit` in bytes, also
    the largest batch and square input that stay within it; sizes its formulas do not reach are traced.
    Raises ConfigError for another trace, TraceError where such a size is needed and torch is missing.
    """
    from unetscope.analysis import budget

    return budget.memory(
        architecture,
        use or budget.Use(),
        batch=batch,
        limit=limit,
        resized=partial(_resized, architecture),
    )


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


def presets() -> tuple[str, ...]:
    """Ids of the bundled models."""
    return zoo.ids()


def _zoo() -> list[Architecture]:
    """Every bundled model at its native size, those without a trace left out."""
    return [codec.loads(trace) for id in zoo.ids() if (trace := zoo.bundled(id)) is not None]


def _live(module: Any, size: Size, overrides: Mapping[str, Any] | None) -> Architecture:
    from unetscope.tracing import trace_module

    if overrides:
        raise SourceError(
            "a live module cannot be overridden", hint="give its config instead: dict(module.config)"
        )
    return trace_module(module, size)


def _resized(architecture: Architecture, height: int, width: int) -> Architecture | None:
    """An architecture at another input; None where its network takes none of that size."""
    size = Size((height, width), tokens=architecture.basis.tokens, dtype=architecture.basis.dtype)
    found = fitting.at_size(architecture, size)
    if found is not None:
        return found
    from unetscope.tracing import trace
    from unetscope.tracing.build import require_torch

    require_torch()
    try:
        return trace(sources.spec_of(architecture), size)
    except TraceError:
        return None


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


def _learned(first: Architecture, load: Callable[..., Architecture], watch: Watch) -> Architecture:
    """An architecture with its rules; the traces they are learned from are kept nowhere."""
    from unetscope.analysis import resize

    return resize.learn(first, lambda size: load(size=size, fresh="uncached"), watch=watch)


def _spec(source: Any, *, overrides: Mapping[str, Any] | None, strict: bool) -> Spec:
    found = sources.resolve(source, overrides=overrides, strict=strict)
    return sources.spec_of(found) if isinstance(found, Architecture) else found


def _kept(spec: Spec, size: Size, folder: Path, fresh: Fresh) -> Architecture | None:
    """A bundled or cached trace of a spec, if one may be used and is there."""
    if fresh != "cached":
        return None
    bundled = zoo.bundled(spec.id) if _is_preset(spec) else None
    native = codec.loads(bundled) if bundled is not None else None
    if native is not None and fitting.answers(native, size):
        return native
    exact = cache.read(folder, cache.key(spec, size))
    if exact is not None:
        return exact
    native = native or cache.read(folder, cache.key(spec, Size(dtype=size.dtype)))
    return fitting.at_size(native, size)


def _is_preset(spec: Spec) -> bool:
    """Whether a spec describes the very network of the preset whose id it bears."""
    if spec.id not in zoo.ids():
        return False
    known = zoo.spec(spec.id)
    return (known.class_name, known.config) == (spec.class_name, spec.config)


def _traced(spec: Spec, size: Size, folder: Path, fresh: Fresh) -> Architecture:
    from unetscope.tracing import trace

    made = trace(spec, size)
    if fresh != "uncached":
        cache.write(folder, cache.key(spec, size), made)
    return made


def _named(found: Architecture, spec: Spec) -> Architecture:
    """A kept trace under the name, source and facts of the spec at hand."""
    return replace(found, id=spec.id, title=spec.title, source=spec.source, facts=spec.facts)


def _say_nothing(line: str) -> None:
    """For a source whose warnings have been said."""


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=3)
