"""Values that a forward reads: masks, ids and lengths live on the CPU, small; all else has shapes alone.

A forward that indexes by a mask or asks a tensor for a number needs values, which a meta tensor lacks. Each
operation is answered by these rules, at any depth of torch modes:

- tensors of the CPU alone: computed, unless the result would be large: then it goes on without values;
- CPU and meta tensors that meet: positions and lengths are read off the CPU ones, which then become meta;
- small whole numbers and booleans asked for on the meta device are kept on the CPU;
- a meta tensor that is sent to the CPU stays meta, a kept one that is sent to meta stays kept;
- how many tokens each expert gets is not known: all get as many, since the sum alone costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from math import prod
from typing import Any

MAX_KEPT = 2**20
"""Elements of a tensor whose values are kept: 8 MB of ids; an N×N mask of any real size is beyond it."""

_COUNTED = """
arange eye full full_like new_full new_ones new_zeros ones ones_like scalar_tensor zeros zeros_like
"""
_COUNTING = frozenset(_COUNTED.split())
"""Factories whose whole numbers are kept though they are asked for on the meta device."""


class UnknownValues(RuntimeError):
    """A forward writes what is not known into a tensor whose values it reads."""


def answer(func: Any, args: Any, kwargs: Any) -> Any:
    """The result of an ATen operation by the rules above; called with torch's modes out of the way."""
    real, meta = _devices(args, kwargs)
    name = func._opname
    if name in _RULES:
        ruled = _RULES[name](func, args, kwargs)
        if ruled is not NotImplemented:
            return ruled
    if not real:
        makes = _makes(func) and (name in _COUNTING or not meta)
        return _made(func, args, kwargs) if makes else func(*args, **kwargs)
    return _met(func, args, kwargs) if meta else _alone(func, args, kwargs)


@contextmanager
def values() -> Iterator[None]:
    """Answer every operation inside by the rules, and let a forward name the meta device for autocast.

    Modes entered inside see each operation first, and its arguments as the forward gave them.
    """
    from torch.utils._python_dispatch import TorchDispatchMode

    class Values(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return answer(func, args, kwargs or {})

    with autocast_on_meta(), Values():
        yield


@contextmanager
def autocast_on_meta() -> Iterator[None]:
    """`torch.autocast("meta")`, which torch refuses, does nothing; of any other device it is torch's own.

    Six forwards switch autocast off, or on, by the device of a tensor they hold. Whoever else asks for
    autocast meanwhile gets what they would have got: only what would raise is answered.
    """
    import torch

    # two traces at once may be inside: what stays behind must be torch's own all the same
    before = [getattr(context, "torchs_own", context) for context in (torch.autocast, torch.amp.autocast)]
    torch.autocast, torch.amp.autocast = map(_autocast, before)
    try:
        yield
    finally:
        torch.autocast, torch.amp.autocast = before


def _autocast(real: Any) -> Any:
    class Autocast(real):
        torchs_own = real

        def __new__(cls, device_type: str, *args: Any, **kwargs: Any) -> Any:
            return nullcontext() if device_type == "meta" else real(device_type, *args, **kwargs)

    return Autocast


def _devices(args: Any, kwargs: Any) -> tuple[bool, bool]:
    """Whether an operation is given tensors of the CPU, and of the meta device."""
    on_meta = {tensor.is_meta for tensor in _tensors((args, kwargs))}
    return False in on_meta, True in on_meta


def _tensors(value: Any) -> Iterator[Any]:
    import torch

    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _tensors(entry)
    elif isinstance(value, dict):
        yield from _tensors(tuple(value.values()))


def _lifted(value: Any) -> Any:
    """Arguments with every tensor of the CPU replaced by a meta one of its form."""
    import torch

    if isinstance(value, torch.Tensor):
        if value.is_meta:
            return value
        return torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="meta")
    if isinstance(value, list | tuple):
        return type(value)(_lifted(entry) for entry in value)
    return value


def _made(func: Any, args: Any, kwargs: Any) -> Any:
    """What a factory makes: with values where it is small and asked for on the CPU, or of whole numbers."""
    form = func(*args, **{**kwargs, "device": "meta"})
    on_cpu = not _devices(args, kwargs)[1] and _names_cpu(kwargs.get("device"))
    counts = func._opname in _COUNTING and not (form.dtype.is_floating_point or form.dtype.is_complex)
    small = form.numel() <= MAX_KEPT
    return func(*args, **{**kwargs, "device": "cpu"}) if small and (on_cpu or counts) else form


def _names_cpu(device: Any) -> bool:
    return device is None or str(device).startswith("cpu")


def _makes(func: Any) -> bool:
    """Whether an operation makes a tensor out of nothing, on a device of the caller's choice."""
    return any(argument.name == "device" for argument in func._schema.arguments)


def _met(func: Any, args: Any, kwargs: Any) -> Any:
    """Run an operation on meta though some of its tensors are kept."""
    if func._schema.is_mutable:
        _refuse_unknown(func, args)
    return func(*_lifted(args), **{name: _lifted(value) for name, value in kwargs.items()})


def _refuse_unknown(func: Any, args: Any) -> None:
    """Raise UnknownValues where a kept tensor would be written by what has no values."""
    for argument, value in zip(func._schema.arguments, args, strict=False):
        written = argument.alias_info is not None and argument.alias_info.is_write
        if written and any(not tensor.is_meta for tensor in _tensors(value)):
            raise UnknownValues(f"{func._opname} writes unknown values into a tensor that the forward reads")


def _alone(func: Any, args: Any, kwargs: Any) -> Any:
    """Compute on the CPU, where the result is small; its form is asked of the meta device first."""
    if not func._schema.is_mutable and not _views(func):
        try:
            form = func(*_lifted(args), **_sent(kwargs, "meta"))
        except (NotImplementedError, RuntimeError):
            form = None  # the form depends on values: what is there is small, and so is what is found in it
        if form is not None and sum(tensor.numel() for tensor in _tensors(form)) > MAX_KEPT:
            return form
    return func(*args, **_sent(kwargs, "cpu"))


def _views(func: Any) -> bool:
    return any(result.alias_info is not None for result in func._schema.returns)


def _sent(kwargs: Any, device: str) -> dict[str, Any]:
    """Keyword arguments with tensors lifted and any device named replaced."""
    lifted = {name: _lifted(value) if device == "meta" else value for name, value in kwargs.items()}
    return {**lifted, "device": device} if lifted.get("device") is not None else lifted


def _index(func: Any, args: Any, kwargs: Any) -> Any:
    """x[mask]: a kept mask becomes the positions at which it holds."""
    if args[0].is_meta and args[1]:
        return _met(func, (args[0], _positions(args[1]), *args[2:]), kwargs)
    return NotImplemented


def _positions(indices: Any) -> list[Any]:
    """Indices of an operation, kept masks turned into kept positions."""
    import torch

    positions: list[Any] = []
    for index in indices:
        if index is not None and not index.is_meta and index.dtype in (torch.bool, torch.uint8):
            positions += index.nonzero(as_tuple=True)
        else:
            positions.append(index)
    return positions


def _masked_select(func: Any, args: Any, kwargs: Any) -> Any:
    import torch

    tensor, mask = args
    if mask.is_meta or not tensor.is_meta:
        return NotImplemented
    shape = torch.broadcast_shapes(tensor.shape, mask.shape)
    return tensor.new_empty(int(mask.sum()) * (prod(shape) // mask.numel()))


def _to_copy(func: Any, args: Any, kwargs: Any) -> Any:
    """Another dtype, but never another device."""
    return func(*args, **{**kwargs, "device": args[0].device}) if kwargs.get("device") else NotImplemented


def _bincount(func: Any, args: Any, kwargs: Any) -> Any:
    """Counts equally many of each, as the values are not known."""
    import torch

    if not args[0].is_meta:
        return NotImplemented
    bins = max(1, int(kwargs.get("minlength", args[2] if len(args) > 2 else 0)))
    each, over = divmod(args[0].numel(), bins)
    return torch.tensor([each + (bin < over) for bin in range(bins)])


_RULES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "index": _index,
    "index_put": _index,
    "index_put_": _index,
    "_index_put_impl_": _index,
    "masked_select": _masked_select,
    "_to_copy": _to_copy,
    "bincount": _bincount,
}
