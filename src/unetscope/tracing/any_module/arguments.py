"""What a module is called with: as the user says it, in any of the ways people do, or as its signature shows.

A tensor is given as itself, as a shape, or as text, "1x3x256x256:float16".
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from unetscope.errors import OptionError
from unetscope.limits import MAX_LATENT, MAX_RANK
from unetscope.sizes import Shape
from unetscope.words.messages import listed, printable, shown

Given: TypeAlias = Mapping[str, Any]
"""Arguments by name; values are tensors, forms, plain values, and lists, tuples and dicts of them."""

_TYPES = (
    "float32", "float16", "bfloat16", "float64", "int64", "int32", "int16", "int8", "uint8", "bool",
)  # fmt: skip
_SHAPE = re.compile(r"(?P<sides>\d{1,9}(?:[xX×]\d{1,9})*)(?::(?P<dtype>\w+))?")
_WRITE = "write sides and a type, for example 1x3x256x256:float16"
_OPEN = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class InputForm:
    """A tensor by shape and type; a type of None is that in which the network computes."""

    shape: Shape
    dtype: str | None = None


def signature(network: Any) -> dict[str, inspect.Parameter]:
    """The arguments of a module's forward by name, those of any name left out."""
    parameters = inspect.signature(network.forward).parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.kind not in _OPEN}


def required(network: Any) -> list[str]:
    """The arguments without a default, in order."""
    return [name for name, parameter in signature(network).items() if parameter.default is parameter.empty]


def read(network: Any, inputs: Any) -> dict[str, Any]:
    """Inputs as arguments by name. Raises OptionError for what is no input, and for unknown names."""
    known = list(signature(network))
    if isinstance(inputs, Mapping):
        named = {str(name): read_one(value) for name, value in inputs.items()}
        takes_any = any(
            parameter.kind is parameter.VAR_KEYWORD
            for parameter in inspect.signature(network.forward).parameters.values()
        )
        for name in named:
            if name not in known and not takes_any:
                raise OptionError(
                    f"{type(network).__name__} takes no input {printable(name)!r}",
                    hint=f"it takes {listed(known)}",
                )
        return named
    in_order = list(inputs) if _is_several(inputs) else [inputs]
    names = known if len(in_order) <= len(known) else [f"input_{index}" for index in range(len(in_order))]
    return {name: read_one(value) for name, value in zip(names, in_order, strict=False)}


def read_one(value: Any) -> Any:
    """One input. Raises OptionError for text that names no shape."""
    if isinstance(value, str):
        return parsed(value)
    if hasattr(value, "__array_interface__"):  # of numpy; a tensor has none
        import torch

        return torch.as_tensor(value)
    if _is_shape(value):
        return InputForm(tuple(value))
    match value:
        case (sides, str() | None as dtype) if _is_shape(sides):
            return _checked(InputForm(tuple(sides), dtype), shown(list(value)))
        case (sides, dtype) if _is_shape(sides) and str(dtype).startswith("torch."):
            return _checked(InputForm(tuple(sides), str(dtype).removeprefix("torch.")), str(dtype))
        case list() | tuple():
            return type(value)(read_one(entry) for entry in value)
        case dict():
            return {name: read_one(entry) for name, entry in value.items()}
    return value


def parsed(text: str) -> Any:
    """A tensor's form as text; none, true, false and plain numbers with a point are themselves."""
    words = {"none": None, "true": True, "false": False}
    if text.lower() in words:
        return words[text.lower()]
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise OptionError(f"{printable(text)!r} is not the shape of a tensor", hint=_WRITE)
    sides = tuple(int(side) for side in re.split("[xX×]", match["sides"]))
    return _checked(InputForm(sides, match["dtype"]), text)


def _checked(form: InputForm, text: str) -> InputForm:
    if not all(0 < side <= MAX_LATENT**2 for side in form.shape) or len(form.shape) > MAX_RANK:
        raise OptionError(f"{printable(text)!r} is out of range", hint=f"up to {MAX_RANK} sides, each from 1")
    if form.dtype not in (None, *_TYPES):
        raise OptionError(f"no type {printable(str(form.dtype))!r} here", hint=f"types: {', '.join(_TYPES)}")
    return form


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(type(side) is int and side > 0 for side in value)
    )


def _is_several(inputs: Any) -> bool:
    """Whether inputs are several in order: not one tensor, one shape, or one shape with its type."""
    return isinstance(inputs, list | tuple) and not isinstance(read_one(inputs), InputForm)


def made(argument: Any, dtype: str, device: str) -> Any:
    """Arguments with tensors for forms, on a device: without values on meta, else the user's own or zeros."""
    import torch

    computed = getattr(torch, dtype)
    if isinstance(argument, InputForm):
        kind = computed if argument.dtype is None or argument.dtype.startswith(("float", "bfloat")) else None
        return torch.zeros(argument.shape, dtype=kind or getattr(torch, str(argument.dtype)), device=device)
    if isinstance(argument, torch.Tensor):
        kind = computed if argument.is_floating_point() else argument.dtype
        if device == "meta":
            return torch.empty(tuple(argument.shape), dtype=kind, device=device)
        return argument.detach().clone().to(device, kind)
    if isinstance(argument, list | tuple):
        return type(argument)(made(entry, dtype, device) for entry in argument)
    if isinstance(argument, dict):
        return {name: made(entry, dtype, device) for name, entry in argument.items()}
    return argument


def tensors(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The tensors among arguments, each by its path: "x", "features[0]", "cond.mask"."""
    if hasattr(value, "untyped_storage") or isinstance(value, InputForm):
        yield name, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from tensors(entry, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from tensors(entry, f"{name}[{index}]")


def have_values(user_inputs: Given) -> bool:
    """Whether every tensor among arguments is the user's own, with values."""
    own = [tensor for _, tensor in tensors(user_inputs)]
    return bool(own) and not any(isinstance(tensor, InputForm) or tensor.is_meta for tensor in own)


def asked_type(user_inputs: Given) -> str | None:
    """The floating type that a form among arguments asks for."""
    forms = (form for _, form in tensors(user_inputs) if isinstance(form, InputForm))
    return next((form.dtype for form in forms if form.dtype in ("float32", "float16", "bfloat16")), None)
