"""Arguments of an operation as plain data: its tensors, their shapes, everything else by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unetscope.calls import Scalar
from unetscope.sizes import Shape


class HashableDict(dict[str, Any]):
    """A dict of scalars that can be part of a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def details_of(func: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Scalar arguments by their names in the operation's schema; `weight` says whether a norm is affine."""
    details: dict[str, Any] = {}
    for argument, value in zip(func._schema.arguments, args, strict=False):
        if argument.name in ("weight", "bias"):
            details[argument.name] = value is not None
        elif not has_tensor(value):
            details[argument.name] = scalar(value)
    details |= {name: scalar(value) for name, value in kwargs.items() if not has_tensor(value)}
    return {name: value for name, value in details.items() if value is not None}


def scalar(value: Any) -> Scalar | tuple[Scalar, ...]:
    """A value as JSON can hold it: numbers, text, tuples of them; anything else by its name."""
    if isinstance(value, list | tuple):
        return tuple(
            entry if isinstance(entry, Scalar) else str(entry) for entry in (scalar(v) for v in value)
        )
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        # skip blocks scale by numpy's √2: a float to Python, yet no number to an encoder of JSON
        return float(value) if value - value == 0 else str(value)
    return str(value).removeprefix("torch.")


def tensors_in(values: Any) -> Iterator[Any]:
    """Tensors among nested arguments or results, in order."""
    if hasattr(values, "untyped_storage"):
        yield values
    elif isinstance(values, dict):
        yield from tensors_in(tuple(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from tensors_in(value)


def has_tensor(value: Any) -> bool:
    return next(tensors_in(value), None) is not None


def shape_of(tensor: Any) -> Shape:
    return tuple(int(size) for size in tensor.shape)
