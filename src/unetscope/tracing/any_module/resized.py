"""Inputs of any module at another size: the sample's sides, and those of whatever has the same ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.sizes import Axes, Shape
from unetscope.tracing.any_module.arguments import Given, InputForm, tensors

AXES = {2: (), 3: ("length",), 4: ("height", "width"), 5: ("depth", "height", "width")}
"""The names of a sample's sides by its rank: all that follow the channels."""


def sample_first(named: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Tensors with their names; the sample, the first of the highest rank, before all others."""
    ranks = [len(tensor.shape) for _, tensor in named]
    at = ranks.index(max(ranks)) if ranks else 0
    return [*named[at : at + 1], *named[:at], *named[at + 1 :]]


def axes_of(shape: Shape) -> Axes:
    """The sides of a sample by name."""
    return dict(zip(AXES.get(len(shape), ()), shape[2:], strict=False))


def resized(user_inputs: Given, asked: Mapping[str, int], batch: int) -> dict[str, Any]:
    """Arguments with the sample at the sides and the batch asked for, 1 for its own, and so all that has its
    sides or batch; what changes keeps no values."""
    samples = sample_first(list(tensors(user_inputs)))
    own = tuple(samples[0][1].shape) if samples else ()
    sides = tuple((axes_of(own) | dict(asked)).get(name, 0) for name in axes_of(own))
    if sides == own[2:] and batch in (1, own[0] if own else 1):
        return dict(user_inputs)

    def changed(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {name: changed(entry) for name, entry in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(changed(entry) for entry in value)
        if not isinstance(value, InputForm) and not hasattr(value, "untyped_storage"):
            return value
        shape = tuple(value.shape)
        if shape[2:] == own[2:] and len(shape) == len(own):
            shape = (*shape[:2], *sides)
        if batch != 1 and shape and shape[0] == own[0]:
            shape = (batch, *shape[1:])
        return InputForm(shape, str(value.dtype).removeprefix("torch.") if value.dtype else None)

    return {name: changed(value) for name, value in user_inputs.items()}
