"""Records one forward: every operation with its shapes, what it read, allocated and freed.

Two torch modes feed a Recording. They take attention whole, above its kernels, as one operation. The key of
a storage is its identity. We watch activations through weak references, so that each lives as long as in a
real run. We keep weights alive: otherwise an activation could get the identity of a weight that a module
replaced, and its operation would pass for a view.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FunctionType
from typing import Any

from unetscope.calls import Operation
from unetscope.cost import OpClass
from unetscope.sizes import Shape
from unetscope.tracing.record import mac_rules, meta_norms
from unetscope.tracing.record.as_data import HashableDict, details_of, shape_of, tensors_in
from unetscope.tracing.record.in_progress import Recording, storage_key


@contextmanager
def recording(into: Recording) -> Iterator[None]:
    """Record every operation that runs inside."""
    import torch
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Attention(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func is torch.nn.functional.scaled_dot_product_attention:
                return _attention(into, *args, **(kwargs or {}))
            if func is torch.nn.functional.multi_head_attention_forward:
                func = _calling_ours(func, into)
            return func(*args, **(kwargs or {}))

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            result = (
                meta_norms.run(func, args)
                if func._opname in meta_norms.NAMES and args[0].is_meta
                else func(*args, **(kwargs or {}))
            )
            if not into.paused:
                _note(into, func, args, kwargs or {}, result)
            return result

    with ExitStack() as modes:
        modes.enter_context(torch.no_grad())
        modes.enter_context(Operations())
        modes.enter_context(Attention())
        yield


def _calling_ours(func: FunctionType, into: Recording) -> FunctionType:
    """A copy of a function of torch that calls our stand-in for attention: modes see nothing inside it."""
    names = {**func.__globals__, "scaled_dot_product_attention": partial(_attention, into)}
    copy = FunctionType(func.__code__, names, func.__name__, func.__defaults__, func.__closure__)
    copy.__kwdefaults__ = func.__kwdefaults__
    return copy


def _attention(into: Recording, query: Any, key: Any, value: Any, *rest: Any, **named: Any) -> Any:
    """Stand in for scaled_dot_product_attention: record its two matmuls, and return a tensor of its shape."""
    import torch

    mask = rest[0] if rest else named.get("attn_mask")
    with into.pause():
        # Fused kernels give their output the layout of the query: joining the heads again copies nothing.
        if query.is_meta:
            fits = value.shape[-1] == query.shape[-1]
            shape = (*query.shape[:-1], value.shape[-1])
            result = torch.empty_like(query) if fits else query.new_empty(shape)
        else:
            result = torch.nn.functional.scaled_dot_product_attention(query, key, value, *rest, **named)
    tensors = [query, key, value] + ([mask] if mask is not None else [])
    details: dict[str, Any] = {
        "heads": int(query.shape[-3]) if query.ndim > 3 else 1,
        "head_dim": int(query.shape[-1]),
        "masked": mask is not None,
        "is_causal": bool(named.get("is_causal", rest[2] if len(rest) > 2 else False)),
        "scale": named.get("scale", rest[3] if len(rest) > 3 else None),
    }
    shapes = tuple(shape_of(tensor) for tensor in tensors)
    macs = mac_rules.attention_macs(*shapes[:3])
    operation = _operation(mac_rules.ATTENTION, "attention", macs, shapes, [result], details)
    into.add(operation, _reads(into, tensors), [result])
    return result


def _note(into: Recording, func: Any, args: Any, kwargs: Any, result: Any) -> None:
    """Record one ATen operation, unless it only made a view."""
    results = list(tensors_in(result))
    mutates = func._schema.is_mutable
    name = func._opname
    tensors = list(tensors_in((args, kwargs)))
    if into.without_values and any(_is_original(tensor) for tensor in tensors):
        raise RuntimeError(f"{name} expected device meta: it reads a parameter of the original")
    if not mutates and results and all(_known(into, tensor) for tensor in results):
        return
    op_class, macs = _count(into, name, args, tensors, results)
    reads = _reads(into, tensors)
    if tensors and into.derived.issuperset(reads) and all(into.is_weight(tensor) for tensor in tensors):
        into.derived.add(len(into.calls))
    shapes = tuple(shape_of(tensor) for tensor in tensors)
    operation = _operation(name, op_class, macs, shapes, results, details_of(func, args, kwargs))
    into.add(operation, reads, results)


def _is_original(tensor: Any) -> bool:
    import torch

    return isinstance(tensor, torch.nn.Parameter) and not tensor.is_meta


def _known(into: Recording, tensor: Any) -> bool:
    key = storage_key(tensor)
    return key in into.writer or key in into.weights


def _count(
    into: Recording, name: str, args: Any, tensors: list[Any], results: list[Any]
) -> tuple[OpClass, int]:
    """Class and MACs of an operation; notes those that have no formula and are not free by convention."""
    if name in mac_rules.CONVOLUTIONS:
        shapes = shape_of(args[0]), shape_of(args[1]), shape_of(results[0])
        channels, taken = shapes[0][1 - len(shapes[1])], shapes[1][0]
        if args[6] and channels != taken:  # the meta device does not look
            raise RuntimeError(f"a transposed convolution of {taken} channels is given {channels}")
        return "conv", mac_rules.convolution_macs(*shapes, transposed=bool(args[6]))
    if name in mac_rules.MATMULS:
        first = mac_rules.MATMULS[name]
        left, right = args[first], args[first + 1]
        macs = mac_rules.matmul_macs(shape_of(left), shape_of(right))
        return ("linear" if into.is_weight(left) or into.is_weight(right) else "other"), macs
    if name not in mac_rules.FREE and name.rstrip("_") not in mac_rules.FREE:
        into.uncounted.add(name)
    return "none", 0


def _operation(
    name: str,
    op_class: OpClass,
    macs: int,
    shapes: tuple[Shape, ...],
    results: list[Any],
    details: dict[str, Any],
) -> Operation:
    dtype = str(results[0].dtype).removeprefix("torch.") if results else ""
    return Operation(
        name, op_class, macs, shapes, tuple(shape_of(t) for t in results), dtype, HashableDict(details)
    )


def _reads(into: Recording, tensors: list[Any]) -> tuple[int, ...]:
    producers = (into.producer(tensor) for tensor in tensors)
    return tuple(call for call in producers if call is not None)
