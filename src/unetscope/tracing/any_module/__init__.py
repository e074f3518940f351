"""Any torch.nn.Module → Architecture, by one forward: what it is called with, how it runs, what is seen.

The module is the truth, there is no config: stages and skips are observed from the record afterwards.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from unetscope.analysis import observation
from unetscope.calls import Input
from unetscope.errors import TraceError
from unetscope.families import catalogue
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.spec import Spec
from unetscope.tracing import build, describe
from unetscope.tracing.any_module import arguments, guesses, refused
from unetscope.tracing.any_module.resized import axes_of, resized, sample_first
from unetscope.tracing.any_module.ways import REAL, WITHOUT_VALUES, Way
from unetscope.tracing.live import alterations, weight_types
from unetscope.tracing.record import recording
from unetscope.tracing.record.in_progress import storage_key
from unetscope.tracing.trace import TraceState, watch, wrapped
from unetscope.words import basis as basis_words
from unetscope.words import safe


def trace_any(
    network: Any,
    inputs: Any = None,
    *,
    dtype: str | None = None,
    title: str | None = None,
    sides: Mapping[str, int] | None = None,
    batch: int = 1,
) -> Architecture:
    """Trace one forward of any module; copies no weight unless only real tensors run.

    `inputs` are tensors, shapes, "1x3x64x64:float16", by name or in order; what is not given is guessed
    where signature and first layers allow. `sides` and `batch` replace those of the sample and of what
    has the same. Raises OptionError for inputs that cannot be read, TraceError for
    one that is missing, a forward that refuses them, and one that decides from values.
    """
    build.require_torch(["torch"])
    alterations.refuse(network)
    refused.without_forward(network)
    user_inputs = {} if inputs is None else arguments.read(network, inputs)
    types = weight_types.loaded(network)
    computed = dtype or arguments.asked_type(user_inputs) or types.computed
    first: BaseException | None = None
    for candidate in guesses.complete(network, user_inputs):
        called_with = resized(candidate, sides or {}, batch)
        try:
            return _traced(
                network, called_with, computed, types, title, guessed=candidate.keys() - user_inputs.keys()
            )
        except TraceError as error:
            first = first or error
            if user_inputs and not candidate.keys() - user_inputs.keys():
                break
    assert first is not None
    raise first


def _traced(
    network: Any, user_inputs: dict[str, Any], dtype: str, types: Any, title: str | None, *, guessed: set[str]
) -> Architecture:
    """One forward in the first way that runs. Raises TraceError if none does."""
    errors: list[BaseException] = []
    for way in WITHOUT_VALUES:
        try:
            return _one(network, way, user_inputs, dtype, types, title, guessed)
        except TraceError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
            errors.append(error)
    decided = refused.asked_for_value(errors[0])
    if not refused.is_for_want_of_values(errors) or (decided and not arguments.have_values(user_inputs)):
        raise refused.refusal(network, user_inputs, dtype, errors[0])
    try:
        return _one(network, REAL, user_inputs, dtype, types, title, guessed)
    except (Exception, SystemExit) as error:
        raise refused.refusal(network, user_inputs, dtype, error) from error


def _one(
    network: Any,
    way: Way,
    user_inputs: dict[str, Any],
    dtype: str,
    types: Any,
    title: str | None,
    guessed: set[str],
) -> Architecture:
    import torch

    device = refused.device_of(network) if way.real else "meta"
    called_with = arguments.made(user_inputs, dtype, device)
    named = sample_first(list(arguments.tensors(called_with)))
    if not named or named[0][1].ndim < 2:
        raise TraceError(
            "a module is called with at least a tensor of batch and channels",
            hint="for example inputs=(1, 3, 64, 64), or {'x': '1x3x64x64:float16'}, or a tensor",
        )
    lines = tuple(alterations.notes("", network))
    with warnings.catch_warnings(), way.ready(network, getattr(torch, dtype)) as ready:
        warnings.simplefilter("ignore")
        state = watch(ready, reuse=False)
        state.record.without_values = not way.real
        for index, (_, tensor) in enumerate(named):
            state.record.writer[storage_key(tensor)] = ~index
        with wrapped(ready, state), recording(state.record):
            _call(ready, called_with)
        described = _described(ready, state, named, dtype, title or type(network).__name__)
    tensors = tuple(weight_types.kept(described.tensors, network))
    call = basis_words.called_with(
        described.inputs, guessed={name for name, _ in named if _top(name) in guessed}
    )
    notes = (call, f"run as {way.words}", *weight_types.notes(types), *lines)
    return observation.observed(replace(described, tensors=tensors, notes=tuple(map(safe.line, notes))))


def _top(name: str) -> str:
    return name.partition(".")[0].partition("[")[0]


def _call(network: Any, user_inputs: dict[str, Any]) -> Any:
    parameters = arguments.signature(network)
    bare = {"return_dict": False} if "return_dict" in parameters and "return_dict" not in user_inputs else {}
    by_place = [
        value for name, value in user_inputs.items() if name.startswith("input_") and name not in parameters
    ]
    for name, value in user_inputs.items():
        if name in parameters and parameters[name].kind is parameters[name].POSITIONAL_ONLY:
            by_place.append(value)
    named = {
        name: value
        for name, value in user_inputs.items()
        if not any(value is positional for positional in by_place)
    }
    return network(*by_place, **named, **bare)


def _described(
    network: Any, state: TraceState, named: list[tuple[str, Any]], dtype: str, title: str
) -> Architecture:
    """What was seen, as plain data without stages."""
    sample = named[0][1]
    axes = axes_of(tuple(sample.shape))
    kind = type(network)
    known = catalogue.known().keys() | {"AutoencoderKL"}
    class_name = kind.__name__ if kind.__name__ not in known else f"{kind.__module__}.{kind.__name__}"
    spec = Spec(title, title, "live module", class_name, {})
    size = Size(tuple(sorted(axes.items())), batch=int(sample.shape[0]), dtype=dtype)
    architecture = describe.architecture(
        network=network, spec=spec, config={}, entering=tuple(_inputs(named)), roles=None, axes=axes,
        size=size,
        record=state.record, seen=state.seen,
    )  # fmt: skip
    return replace(architecture, described=False)


def _inputs(named: list[tuple[str, Any]]) -> list[Input]:
    return [
        Input(
            name,
            tuple(tensor.shape),
            str(tensor.dtype).removeprefix("torch."),
            tensor.numel() * tensor.element_size(),
            guesses.role(name, is_sample=index == 0),
        )
        for index, (name, tensor) in enumerate(named)
    ]
