"""What the command line and a notebook both call: load, inspect, table, render, save."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from unetscope import cache, codec, files, sources, zoo
from unetscope.analysis.rows import Row, rows
from unetscope.errors import SourceError
from unetscope.model import Architecture
from unetscope.spec import Size, Spec

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
        if _answers(found, size) and fresh == "cached":
            return found
        found = sources.spec_of(found)
    for line in found.warnings:
        (warn or _warn)(line)
    folder = cache_folder or cache.folder(os.environ)
    return _named(_kept(found, size, folder, fresh) or _traced(found, size, folder, fresh), found)


def table(architecture: Architecture, *, depth: int = 1) -> tuple[Row, ...]:
    """Rows whose costs add up to the network's: stages at depth 1, their blocks at 2, and so on."""
    return rows(architecture, depth=depth)


def draw(
    architecture: Architecture,
    *,
    format: str = "svg",
    layout: str = "strip",
    theme: str = "light",
    unit: str = "macs",
    command: str = "",
) -> bytes:
    """A diagram of an architecture as a file's bytes.

    `format` is svg or png, `layout` strip or u, `theme` light, dark or auto, `unit` macs or flops
    (1 MAC = 2 FLOPs). `command` is printed in the corner. Raises UsageError for an unknown choice.
    """
    from unetscope import render

    return render.diagram(
        architecture, format=format, layout=layout, theme=theme, unit=unit, command=command
    )


def save(architecture: Architecture, path: str | os.PathLike[str]) -> None:
    """Keep an architecture as JSON, compressed where the name ends in .gz; `load` reads it back."""
    data = codec.pack(architecture) if str(path).endswith(".gz") else codec.dumps(architecture)
    files.write(Path(path), data)


def presets() -> tuple[str, ...]:
    """Ids of the bundled models."""
    return zoo.ids()


def _live(module: Any, size: Size, overrides: Mapping[str, Any] | None) -> Architecture:
    from unetscope.tracing import trace_module

    if overrides:
        raise SourceError("a live module cannot be overridden", hint="give its config instead: dict(module.config)")
    return trace_module(module, size)


def _answers(found: Architecture, size: Size) -> bool:
    """Whether an architecture was traced at the size asked for."""
    basis, height_width = found.basis, found.basis.input[1:]
    factor = found.facts.vae_factor
    pixels = tuple(side * factor for side in height_width) if factor else None
    return (
        size.batch == basis.batch
        and size.dtype == basis.dtype
        and size.tokens in (None, basis.tokens)
        and size.latent in (None, height_width)
        and size.pixels in (None, pixels)
    )


def _kept(spec: Spec, size: Size, folder: Path, fresh: Fresh) -> Architecture | None:
    """A bundled or cached trace of a spec, if one may be used and is there."""
    if fresh != "cached":
        return None
    bundled = zoo.bundled(spec.id) if _is_preset(spec) else None
    if bundled is not None:
        found = codec.loads(bundled)
        if _answers(found, size):
            return found
    return cache.read(folder, cache.key(spec, size))


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


def _warn(line: str) -> None:
    warnings.warn(line, stacklevel=3)
