"""Live module → Architecture. The module is the truth: its shapes, its types, what is attached to it.

Its config only says what to call it with, corrected where the module shows otherwise; the module stays
as it is, to the byte.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import examples
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.spec import Spec
from unetscope.tracing import build
from unetscope.tracing.live import alterations, config_differences, lora, meta_copy, weight_types
from unetscope.tracing.live.unwrap import LiveNetwork, unwrapped
from unetscope.tracing.trace import traced


def trace_module(source: Any, size: Size, *, title: str | None = None) -> Architecture:
    """Trace a live module of a class that we know, or the one in a pipeline or wrapper; copies no weight.

    `notes` say what the module holds beyond its config. Raises TraceError for other classes, and for a
    module that cannot run without its weights.
    """
    build.require_torch()
    with build.quiet():
        live = unwrapped(source)
        alterations.refuse(live.network)
        loaded = weight_types.loaded(live.network)
        dtype = size.dtype or loaded.computed
        architecture = _traced(live, replace(size, dtype=dtype), title)
    if size.dtype is None:
        tensors = tuple(weight_types.kept(architecture.tensors, live.network))
        architecture = replace(architecture, tensors=tensors)
    type_notes = weight_types.notes(loaded) if size.dtype is None else ()
    return replace(
        architecture, notes=(*live.notes, *type_notes, *architecture.notes, *lora.notes(architecture))
    )


def spec_of_module(source: Any) -> Spec:
    """What a live module, or the one in a pipeline or wrapper, says of itself. Raises TraceError as
    `trace_module` does."""
    build.require_torch()
    live = unwrapped(source)
    return _spec(live, _config(live))


def _config(live: LiveNetwork) -> dict[str, Any]:
    return {key: value for key, value in dict(live.network.config).items() if not key.startswith("_")}


def _spec(live: LiveNetwork, config: dict[str, Any], title: str | None = None) -> Spec:
    return Spec(live.class_name, title or live.class_name, "live module", live.class_name, config, live.facts)


def _traced(live: LiveNetwork, size: Size, title: str | None) -> Architecture:
    """One forward of a copy, or of the module itself if its forward holds on to that."""
    import torch

    dtype = getattr(torch, str(size.dtype))
    patched = alterations.is_patched(live.network)
    lines = tuple(alterations.notes(live.class_name, live.network))
    try:
        network = build.mended(meta_copy.copied(live.network, dtype))
        architecture = _of(network, live, size, title, patched=patched)
    except TraceError:
        if not patched:
            raise
        with meta_copy.borrowed(live.network, dtype) as network:
            architecture = _of(network, live, size, title, patched=patched)
    return replace(architecture, notes=(*architecture.notes, *lines))


def _of(network: Any, live: LiveNetwork, size: Size, title: str | None, *, patched: bool) -> Architecture:
    """The trace of a network on the meta device, with notes on how it differs from its config."""
    name = live.class_name
    config, corrected = config_differences.corrected(name, _config(live), network)
    spec = _spec(live, config, title)
    inputs = (*examples(spec, config, size), *config_differences.image_prompts(name, network, size.batch))
    odd = config_differences.beyond(name, config, network)
    reuse = not patched and not lora.layers(network)
    architecture = traced(network, spec, config, inputs, size, reuse=reuse)
    notes = (*corrected, *config_differences.said(odd))
    return replace(architecture, notes=notes, described=not odd.any and not patched)
