"""Why a network would not run: its own message, and whether another size would do, which we try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import TraceError
from unetscope.families import FAMILIES
from unetscope.sizes import Axes
from unetscope.tracing.forward import FAILURES, arguments, called, running
from unetscope.tracing.record.as_data import tensors_in
from unetscope.words import safe


def refusal(
    network: Any,
    class_name: str,
    config: Mapping[str, Any],
    axes: Axes,
    tensors: Mapping[str, Any],
    error: BaseException,
) -> TraceError:
    """A one-line error for a forward that failed; its hint says only what we have tried."""
    sample = next(tensors_in(tensors))
    words, other = FAMILIES[class_name].advice(config, axes)
    if other is None:
        hint = words
    elif _runs(network, class_name, config, axes | other, sample):
        hint = f"{words} --latent {_sides(other)}"
    else:
        hint = f"another size does not help: it refuses {_sides(other)} too"
    hint = hint or f"compare its config with that of a {class_name} that runs"
    shape = "×".join(map(str, sample.shape))
    return TraceError(f"{class_name} refuses an input of {shape}: {safe.told(error)}", hint=hint)


def _sides(axes: Axes) -> str:
    return f"{axes['height']}x{axes['width']}"


def _runs(network: Any, class_name: str, config: Mapping[str, Any], axes: Axes, sample: Any) -> bool:
    """Whether a forward runs at other sizes, with the batch and type of a sample."""
    examples = FAMILIES[class_name].inputs(config, axes, sample.shape[0])
    dtype = str(sample.dtype).removeprefix("torch.")
    try:
        with running(class_name):
            called(network, arguments.made(examples, dtype))
    except FAILURES:
        return False
    return True
