"""From any source to an Architecture: bundled, cached or traced again. Makes nothing of it but files."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache as cache_in_process
from pathlib import Path
from typing import Any, Literal, TypeAlias

from unetscope import codec, files, sources, zoo
from unetscope.analysis import vae_part
from unetscope.analysis.cost import conventions
from unetscope.api.loading import kept, trace_cache
from unetscope.api.loading import live as live_sources
from unetscope.api.loading.asked_sizes import Extent, asked, names, of_image, refuse_axes
from unetscope.api.loading.live import LivePipeline, Modules, is_live
from unetscope.choices import DtypeName, PartName, check
from unetscope.cost import ONCE
from unetscope.errors import ConfigError, SourceError
from unetscope.hooks import tell
from unetscope.model import Architecture
from unetscope.sizes import Asked, Size, sized
from unetscope.sources import at_hand, hub
from unetscope.spec import Spec, usual

Fresh = Literal["cached", "fresh", "uncached"]
"""Where a trace may come from: anywhere; made again and kept; made again and kept nowhere."""


Source: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any] | Architecture | Modules | LivePipeline"
"""What names or holds a network: a preset id or alias, the path of a config, a model folder or a saved
architecture, a repository on the Hub (`org/repo[@revision][:subfolder][#variant]`), a config as a dict, an
architecture at hand, a live diffusers module, a pipeline with one."""


def load(
    source: Source,
    *,
    size: Extent | Size | Asked | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    tokens: int | None = None,
    frames: int | None = None,
    axes: Mapping[str, int] | None = None,
    dtype: DtypeName | None = None,
    overrides: Mapping[str, Any] | None = None,
    strict: bool = False,
    fresh: Fresh = "cached",
    cache_folder: Path | None = None,
    warn: Callable[[str], None] | None = None,
    on_pixels: bool = False,
    part: PartName | None = None,
    inputs: Any = None,
) -> Architecture:
    """The architecture of a source, traced only where no trace of it is at hand.

    `size` is height and width of the image in pixels, `latent` those of the network's input, one number
    for a square; `tokens`, `frames` and `axes` name further sizes. What is not asked for is as in a saved
    architecture or one at hand, else the network's own. (`size` may also be a whole `Size`, or a dict of
    the names that `Size.of` takes.) `overrides` replaces config fields. `strict` turns warnings about the
    config into errors; else they go to `warn` (default: `warnings.warn`). What a live module holds beside
    its config stands in the architecture's `notes`. `on_pixels` says that the network's input is the image,
    for a config that cannot tell. `part` is the half of an autoencoder to look at, of which `latent` is what
    it makes. An architecture at hand stays counted as it is. `inputs` are what a live module of any class is
    called with: tensors, shapes, "1x3x64x64:float16", in order or by name; what is left out is guessed
    where its signature and first layer show it, and always told in `notes`.

    Raises SourceError, ConfigError or TraceError, all UnetscopeError, with one line and a hint.
    """
    check("part", part, PartName)
    named = {"batch": batch, "dtype": dtype, "tokens": tokens, "frames": frames}
    wanted = asked(size, latent=latent, axes=axes, **named)
    counting = source.counting if isinstance(source, Architecture) else ONCE
    if isinstance(source, Architecture):
        asks = (
            isinstance(wanted, Size) or names(wanted) or overrides or on_pixels or part or inputs is not None
        )
        if not asks and fresh == "cached":
            return source
        source = conventions.counted(source, ONCE)
    network = _found(source, wanted, overrides=overrides, strict=strict, fresh=fresh,
                   folder=cache_folder or trace_cache.folder(os.environ), warn=warn or warn_user,
                   on_pixels=on_pixels, part=part, inputs=inputs)  # fmt: skip
    refuse_axes(network, names(wanted))
    return conventions.counted(network, counting)


def _found(
    source: Source,
    size: Size | Asked,
    *,
    overrides: Mapping[str, Any] | None,
    strict: bool,
    fresh: Fresh,
    folder: Path,
    warn: Callable[[str], None],
    on_pixels: bool,
    part: PartName | None,
    inputs: Any,
) -> Architecture:
    """A source from where it is at hand, else traced."""
    live_sources.refuse_class(source)
    if is_live(source) and (inputs is not None or not live_sources.is_of_known_class(source)):
        return live_sources.of_any_class(source, size, overrides, inputs)
    if inputs is not None:
        raise SourceError("inputs are those of a live module", hint="ask for sizes of other sources")
    if is_live(source):
        live = live_sources.of_known_class(source, size, overrides)
        return vae_part.only(at_hand.with_pixels(live, asked=on_pixels), part)
    origin = at_hand.with_pixels(resolved(source, overrides, strict=strict), asked=on_pixels)
    size, part = of_image(origin, size), part or origin.part or None
    if isinstance(origin, Architecture):
        origin = vae_part.only(origin, part)
        whole = sized(size, Size.at(origin.basis))
        saved = at_hand.at_size(origin, whole) if fresh == "cached" else None
        if saved is not None:
            return saved
        if fresh == "cached" and not (origin.described or overrides):
            raise kept.refusal(origin, whole)
        origin = sources.spec_of(origin)
    for line in origin.warnings:
        warn(line)
    whole = usual(sized(size, origin.size), origin.facts)
    network = _named(_kept(origin, whole, folder, fresh) or _traced(origin, whole, folder, fresh), origin)
    network = vae_part.only(network, part)
    if line := _beside(origin, network):
        if strict:
            raise ConfigError(line, hint="an error because of --strict")
        warn(line)
    return network


def save(architecture: Architecture, path: str | os.PathLike[str]) -> None:
    """Keep an architecture as JSON, compressed where the name ends in .gz; `load` reads it back.

    Its MACs are kept as traced, whatever they are counted by.
    """
    architecture = conventions.counted(architecture, ONCE)
    data = codec.pack(architecture) if os.fspath(path).lower().endswith(".gz") else codec.dumps(architecture)
    files.write(Path(path), data)


def presets() -> tuple[str, ...]:
    """Ids of the bundled models."""
    return zoo.ids()


@cache_in_process
def bundled(id: str) -> Architecture | None:
    """The trace shipped for a preset at its native size, read once; None where there is none.

    Name and facts are those of its data file, so that a fact can change without a trace made again.
    """
    network = _shared(zoo.network(id)) if id in zoo.ids() else None
    return None if network is None else _named(network, zoo.spec(id))


@cache_in_process
def _shared(network: str) -> Architecture | None:
    """The trace that all presets of a network share, read once."""
    data = zoo.bundled(network)
    return None if data is None else codec.loads(data)


def resolved(source: Any, overrides: Mapping[str, Any] | None, *, strict: bool) -> Spec | Architecture:
    """The network that a source names, files of weights among them. Raises as `sources.resolve` does."""
    path = weights_file(source)
    if path is None:
        return sources.resolve(source, overrides=overrides, strict=strict)
    from unetscope.checkpoints import source as weights

    known = hub.with_origin(weights.spec(path, os.fspath(source)), path)
    return sources.resolve(known, overrides=overrides, strict=strict)


def weights_file(source: Any) -> Path | None:
    """The file of weights that a source is, by the end of its name; None where it is anything else.

    Raises SourceError for what is to be had of the Hub, and is not.
    """
    if not isinstance(source, str | os.PathLike):
        return None
    path = hub.place(source) or Path(os.fsdecode(os.fspath(source)))
    is_file = path.name.lower().endswith(_WEIGHTS) and os.path.exists(path) and not path.is_dir()
    return path if is_file else None


_WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf", ".index.json")


def spec_of(source: Any, *, overrides: Mapping[str, Any] | None, strict: bool) -> Spec:
    origin = resolved(source, overrides, strict=strict)
    return sources.spec_of(origin) if isinstance(origin, Architecture) else origin


def _beside(spec: Spec, network: Architecture) -> str:
    """What is wrong with the weights beside a config, by their header; "" where nothing is."""
    if spec.weights is None:
        return ""
    from unetscope.analysis.weights_fit import disagreement
    from unetscope.checkpoints import shapes_for

    try:
        shapes = shapes_for(spec.weights, spec.class_name)
    except SourceError as error:
        return f"left out: {error.message}"
    return disagreement(network, shapes, spec.weights.name) if shapes else ""


def _kept(spec: Spec, size: Size, folder: Path, fresh: Fresh) -> Architecture | None:
    """A bundled or cached trace of a spec, if one may be used and is there."""
    if fresh != "cached":
        return None
    native = bundled(spec.same_as or spec.id) if _is_preset(spec) else None
    if native is not None and at_hand.answers(native, size):
        return native
    exact = _read(folder, spec, size)
    if exact is not None and at_hand.answers(exact, size):
        return exact
    native = native or _read(folder, spec, usual(Size(dtype=size.dtype), spec.facts))
    return at_hand.at_size(native, size)


def _read(folder: Path, spec: Spec, size: Size) -> Architecture | None:
    """A cached trace, if it is one of this network; the key that an entry claims does not prove it."""
    cached = trace_cache.read(folder, trace_cache.key(spec, size))
    return cached if cached is not None and at_hand.describes(cached, spec) else None


def _is_preset(spec: Spec) -> bool:
    """Whether a spec describes the very network of the preset whose id it bears, or that it is said to be."""
    id = spec.same_as or spec.id
    if id not in zoo.ids():
        return False
    known = zoo.spec(id)
    return (known.class_name, known.config) == (spec.class_name, spec.config)


def _traced(spec: Spec, size: Size, folder: Path, fresh: Fresh) -> Architecture:
    from unetscope.tracing import trace
    from unetscope.tracing.build import require_torch

    require_torch()
    tell(f"tracing {spec.title}")
    network = trace(spec, size)
    if fresh != "uncached":
        trace_cache.write(folder, trace_cache.key(spec, size), network)
    return network


def _named(network: Architecture, spec: Spec) -> Architecture:
    """A kept trace under the name, source and facts of the spec at hand, its config the caller's own."""
    config = deepcopy(network.config)
    return replace(network, id=spec.id, title=spec.title, source=spec.source, facts=spec.facts, config=config)


def warn_user(line: str) -> None:
    """A warning at the line that called the package, however deep inside it the cause lies."""
    frame, depth = sys._getframe(), 1
    while frame.f_back and str(frame.f_globals.get("__name__")).startswith("unetscope."):
        frame, depth = frame.f_back, depth + 1
    warnings.warn(line, stacklevel=depth)
