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
from unetscope.spec import Size, Spec
from unetscope.tracing import attached, build, edits, lora, twin, types
from unetscope.tracing.trace import traced
from unetscope.tracing.unwrap import Live, unwrapped


def trace_module(source: Any, size: Size, *, title: str | None = None) -> Architecture:
    """Trace a live module of a class we know, or the one in a pipeline or wrapper; no weight is copied.

    What the module holds that its config does not tell stands in `notes`.
    Raises TraceError for other classes, and for a module that cannot run without its weights.
    """
    build.require_torch()
    with build.quiet():
        live = unwrapped(source)
        attached.refuse(live.network)
        loaded = types.loaded(live.network)
        dtype = size.dtype or loaded.computed
        made = _traced(live, replace(size, dtype=dtype), title)
    if size.dtype is None:
        made = replace(made, tensors=tuple(types.kept(made.tensors, live.network)))
    said = types.notes(loaded) if size.dtype is None else ()
    return replace(made, notes=(*live.notes, *said, *made.notes, *lora.notes(made)))


def _traced(live: Live, size: Size, title: str | None) -> Architecture:
    """One forward of a copy; of the module itself where its forward holds on to it."""
    import torch

    dtype = getattr(torch, str(size.dtype))
    patched, lines = attached.is_patched(live.network), tuple(attached.notes(live.class_name, live.network))
    try:
        network = build.mended(twin.copied(live.network, dtype))
        made = _of(network, live, size, title, patched=patched)
    except TraceError:
        if not patched:
            raise
        with twin.borrowed(live.network, dtype) as network:
            made = _of(network, live, size, title, patched=patched)
    return replace(made, notes=(*made.notes, *lines))


def _of(network: Any, live: Live, size: Size, title: str | None, *, patched: bool) -> Architecture:
    """The trace of a network on the meta device, with how it differs from its config."""
    given = {key: value for key, value in dict(live.network.config).items() if not key.startswith("_")}
    name = live.class_name
    config, corrected = edits.corrected(name, given, network)
    spec = Spec(name, title or name, "live module", name, config, live.facts)
    inputs = (*examples(spec, config, size), *edits.image_prompts(name, network, size.batch))
    odd = edits.beyond(name, config, network)
    reuse = not patched and not lora.layers(network)
    made = traced(network, spec, config, inputs, size, reuse=reuse)
    return replace(made, notes=(*corrected, *edits.said(odd)), described=not odd.any and not patched)
