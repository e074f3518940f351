"""From a Spec to an Architecture: builds the network, and records one forward on the meta device."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import FAMILIES, examples, sizes
from unetscope.model import Architecture
from unetscope.sizes import Axes, Size
from unetscope.spec import DEFAULT_DTYPE, ExampleInput, Spec
from unetscope.tracing import build, describe
from unetscope.tracing.describe.casts import NARROW, with_casts
from unetscope.tracing.forward import FAILURES, arguments, called, running
from unetscope.tracing.record import recording
from unetscope.tracing.record.as_data import tensors_in
from unetscope.tracing.record.in_progress import Recording, Seen, storage_key
from unetscope.tracing.record.replay import Template, arguments_key, before, replay, template
from unetscope.tracing.refusal import refusal
from unetscope.vocabulary import about, kind_of


@dataclass
class TraceState:
    """State of one trace: the recording, what each node showed, and records for equal blocks to copy."""

    record: Recording
    seen: list[Seen]
    structures: dict[int, Hashable]
    sizes: dict[int, int]
    templates: dict[Hashable, Template] = field(default_factory=dict)


def trace(spec: Spec, size: Size, *, reuse: bool = True, network: Any = None) -> Architecture:
    """Trace one forward of the network a spec describes.

    `reuse` copies the record of equal blocks: the result is the same, sooner. `network` is what the spec
    builds in this size's dtype, if the caller has it.

    Raises ConfigError if diffusers refuses the config, TraceError if torch is missing or the network refuses
    the size.
    """
    build.require_torch()
    dtype = size.dtype or DEFAULT_DTYPE
    with build.quiet():
        complete, ignored, defaulted = build.split_config(spec.class_name, spec.config)
        inputs = examples(spec, complete, size)  # refuses a size before a network is built for it
        network = network or build.build(spec.class_name, spec.config, dtype)
        architecture = traced(network, spec, complete, inputs, size, ignored, defaulted, reuse=reuse)
        return architecture if dtype != DEFAULT_DTYPE else _with_casts(architecture, network, spec, inputs)


def _with_casts(
    architecture: Architecture, network: Any, spec: Spec, inputs: tuple[ExampleInput, ...]
) -> Architecture:
    """With what the network casts at a narrower type; without, where it does not run at that."""
    import torch

    narrow = network.to(getattr(torch, NARROW))
    tensors = arguments.made(inputs, NARROW)
    state = watch(narrow, reuse=True)
    for index, tensor in enumerate(tensors_in(tensors)):
        state.record.writer[storage_key(tensor)] = ~index
    try:
        _run(narrow, tensors, state, spec.class_name, architecture.config, architecture.basis.axes)
    except TraceError:
        return architecture
    finally:
        network.to(getattr(torch, DEFAULT_DTYPE))
    return with_casts(architecture, state.record)


def count_macs(spec: Spec, size: Size, *, network: Any) -> int:
    """Multiply-accumulates of one forward of a spec's network, without the rest of a trace.

    Raises TraceError if the network refuses the size.
    """
    complete, _, _ = build.split_config(spec.class_name, spec.config)
    tensors = arguments.made(examples(spec, complete, size), size.dtype or DEFAULT_DTYPE)
    state = watch(network, reuse=True)
    _run(network, tensors, state, spec.class_name, complete, sizes(spec, complete, size))
    operations = list(state.record.operations)
    return sum(operations[call.operation].macs for call in state.record.calls)


def traced(
    network: Any,
    spec: Spec,
    config: Mapping[str, Any],
    inputs: tuple[ExampleInput, ...],
    size: Size,
    ignored: tuple[str, ...] = (),
    defaulted: tuple[str, ...] = (),
    *,
    reuse: bool = True,
) -> Architecture:
    """One forward of a network on the meta device. Raises TraceError if it refuses its inputs."""
    axes = sizes(spec, config, size)
    tensors = arguments.made(inputs, size.dtype or DEFAULT_DTYPE)
    state = watch(network, reuse=reuse)
    for index, tensor in enumerate(tensors_in(tensors)):
        state.record.writer[storage_key(tensor)] = ~index
    _run(network, tensors, state, spec.class_name, config, axes)
    return describe.architecture(
        network=network,
        spec=spec,
        config=config,
        entering=tuple(describe.inputs(inputs, size.dtype or DEFAULT_DTYPE)),
        roles=FAMILIES[spec.class_name].roles,
        axes=axes,
        size=size,
        record=state.record,
        seen=state.seen,
        ignored=ignored,
        defaulted=defaulted,
    )


def _run(
    network: Any,
    tensors: dict[str, Any],
    state: TraceState,
    class_name: str,
    config: Mapping[str, Any],
    axes: Axes,
) -> None:
    try:
        with running(class_name), wrapped(network, state), recording(state.record):
            called(network, tensors)
    except FAILURES as error:
        raise refusal(network, class_name, config, axes, tensors, error) from error


def watch(network: Any, *, reuse: bool) -> TraceState:
    """A recording of a network that has yet to run."""
    modules = [module for _, module in network.named_modules()]
    kinds = [kind_of(type(module).__name__) for module in modules]
    tensors = (*network.parameters(), *network.buffers())
    weights = {storage_key(tensor): tensor.untyped_storage() for tensor in tensors}
    known: dict[Any, int] = {}
    within = {
        i: describe.structure(modules[i], known)
        for i, kind in enumerate(kinds)
        if reuse and about(kind).repeatable
    }
    structures: dict[int, Hashable] = {i: hash(entries) for i, entries in within.items()}
    sizes = {i: len(entries) for i, entries in within.items()}
    return TraceState(Recording(weights), [Seen() for _ in modules], structures, sizes)


@contextmanager
def wrapped(network: Any, state: TraceState) -> Iterator[None]:
    """Give every module of our own copy a forward that reports what goes in and comes out."""
    modules = [module for _, module in network.named_modules()]
    for index, module in enumerate(modules):
        module.forward = partial(_forward, state, index, module.forward)
    try:
        yield
    finally:
        for module in modules:
            vars(module).pop("forward", None)


def _forward(state: TraceState, index: int, forward: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run a module, or copy the record of an equal one; note what goes in and comes out."""
    seen = state.seen[index]
    if seen.input is None:
        first = next(tensors_in((args, kwargs)), None)
        seen.input = None if first is None else tuple(first.shape)
    state.record.stack.append(index)
    try:
        key = _key(state, index, args, kwargs)
        result = _once(state, index, key, forward, args, kwargs) if key else forward(*args, **kwargs)
    finally:
        state.record.stack.pop()
    _note_result(state, seen, result)
    return result


def _key(state: TraceState, index: int, args: Any, kwargs: Any) -> Hashable | None:
    if index not in state.structures:
        return None
    arguments = arguments_key((args, kwargs))
    return None if arguments is None else (state.structures[index], arguments)


def _once(
    state: TraceState, index: int, key: Hashable, forward: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    """Copy the record of an equal block, or run this one and keep its record."""
    known = state.templates.get(key)
    if known is not None:
        shift = len(state.record.calls) - known.start
        result = replay(state.record, known, index, (args, kwargs))
        _copy_seen(state, known, index, shift)
        return result
    began = before(state.record, (args, kwargs))
    result = forward(*args, **kwargs)
    record_of_block = template(state.record, index, began, result)
    if record_of_block is not None:
        state.templates[key] = record_of_block
    return result


def _copy_seen(state: TraceState, known: Template, index: int, shift: int) -> None:
    """Note for the modules inside what those of the first block showed, with the calls of the copy."""
    for distance in range(1, state.sizes[index]):
        source = state.seen[known.node + distance]
        returned = tuple(call + shift if call >= known.start else call for call in source.returned)
        state.seen[index + distance] = Seen(source.input, source.output, returned)


def _note_result(state: TraceState, seen: Seen, result: Any) -> None:
    tensors = list(tensors_in(result))
    if tensors and seen.output is None:
        seen.output = tuple(tensors[0].shape)
    producers = (state.record.producer(tensor) for tensor in tensors)
    seen.returned += tuple(call for call in producers if call is not None)
