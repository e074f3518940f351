"""Records one forward: every operation with its shapes, what it read, allocated and freed.

Two torch modes feed a Recording. They take attention whole, above its kernels, as one operation. The key of
a storage is its identity. We watch activations through weak references, so that each lives as long as in a
real run. We keep weights alive: otherwise an activation could get the identity of a weight that a module
replaced, and its operation would pass for a view.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType
from typing import Any

from unetscope.calls import Call, Operation, Scalar
from unetscope.cost import OpClass
from unetscope.errors import TraceError
from unetscope.limits import MAX_CALLS
from unetscope.sizes import Shape
from unetscope.tracing.record import mac_rules, meta_norms


@dataclass
class Recording:
    """A forward in progress.

    `stack` holds the node indices of the running modules, `weights` the storages of parameters and buffers
    by identity, `derived` the calls that read nothing but those. `without_values` refuses parameters
    that have values: those of an original whose copy is meant to run.
    """

    weights: dict[int, Any]
    derived: set[int] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    operations: dict[Operation, int] = field(default_factory=dict)
    stack: list[int] = field(default_factory=list)
    uncounted: set[str] = field(default_factory=set)
    writer: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    freed: list[int] = field(default_factory=list)
    storages: int = 0
    paused: bool = False
    without_values: bool = False
    _watched: dict[int, weakref.ref[Any]] = field(default_factory=dict)

    def producer(self, tensor: Any) -> int | None:
        """The call that last wrote to a tensor's storage; None for a weight, or a tensor from elsewhere."""
        return self.writer.get(storage_key(tensor))

    def is_weight(self, tensor: Any) -> bool:
        """Whether a tensor is a parameter or buffer, or made from those alone (masks, weight norm)."""
        key = storage_key(tensor)
        return key in self.weights or self.writer.get(key) in self.derived

    def watch(self, tensor: Any, call: int) -> int | None:
        """Note that `call` wrote a tensor; returns the bytes of its storage if that is new, else None.

        A new storage takes the next number; we watch it until it dies.
        """
        storage = tensor.untyped_storage()
        key = storage._cdata
        known = key in self.writer
        self.writer[key] = call
        if known:
            return None
        number, self.storages = self.storages, self.storages + 1
        self.numbers[key] = number
        self._watched[key] = weakref.ref(storage, lambda _: self._release(key, number))
        return int(storage.nbytes())

    def _release(self, key: int, number: int) -> None:
        self.writer.pop(key, None)
        self.numbers.pop(key, None)
        self._watched.pop(key, None)
        self.freed.append(number)

    def take_freed(self) -> tuple[int, ...]:
        """Numbers of the storages that died since the last question."""
        freed, self.freed = tuple(self.freed), []
        return freed

    def add(self, operation: Operation, reads: tuple[int, ...], results: Iterable[Any]) -> None:
        """Append one call of an operation by the running module. Raises TraceError beyond MAX_CALLS."""
        if len(self.calls) >= MAX_CALLS:
            raise TraceError(
                f"the forward executes more than {MAX_CALLS:,} operations",
                hint="ask for a smaller size, or see the keys that give numbers of layers and repeats",
            )
        index, frees = len(self.calls), self.take_freed()
        sizes = tuple(size for tensor in results if (size := self.watch(tensor, index)) is not None)
        number = self.operations.setdefault(operation, len(self.operations))
        node = self.stack[-1] if self.stack else 0  # a hook of the network itself runs outside its forward
        self.calls.append(Call(node, number, reads, sizes, frees))

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Let torch do something that does not belong to the forward."""
        before, self.paused = self.paused, True
        try:
            yield
        finally:
            self.paused = before


@dataclass
class Seen:
    """What we saw at the boundary of a module during the forward."""

    input: Shape | None = None
    output: Shape | None = None
    returned: tuple[int, ...] = ()


def storage_key(tensor: Any) -> int:
    """Identity of a tensor's storage, shared by all its views."""
    return int(tensor.untyped_storage()._cdata)


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
            made = (*query.shape[:-1], value.shape[-1])
            result = torch.empty_like(query) if fits else query.new_empty(made)
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
    shapes = tuple(_shape(tensor) for tensor in tensors)
    macs = mac_rules.attention_macs(*shapes[:3])
    operation = _operation(mac_rules.ATTENTION, "attention", macs, shapes, [result], details)
    into.add(operation, _reads(into, tensors), [result])
    return result


def _note(into: Recording, func: Any, args: Any, kwargs: Any, result: Any) -> None:
    """Record one ATen operation, unless it only made a view."""
    results = list(_tensors((result,)))
    mutates = func._schema.is_mutable
    name = func._opname
    tensors = list(_tensors((*args, *kwargs.values())))
    if into.without_values and any(_is_original(tensor) for tensor in tensors):
        raise RuntimeError(f"{name} expected device meta: it reads a parameter of the original")
    if not mutates and results and all(_known(into, tensor) for tensor in results):
        return
    op_class, macs = _count(into, name, args, tensors, results)
    reads = _reads(into, tensors)
    if tensors and into.derived.issuperset(reads) and all(into.is_weight(tensor) for tensor in tensors):
        into.derived.add(len(into.calls))
    shapes = tuple(_shape(tensor) for tensor in tensors)
    operation = _operation(name, op_class, macs, shapes, results, _details(func, args, kwargs))
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
        shapes = _shape(args[0]), _shape(args[1]), _shape(results[0])
        given, taken = shapes[0][1 - len(shapes[1])], shapes[1][0]
        if args[6] and given != taken:  # the meta device does not look
            raise RuntimeError(f"a transposed convolution of {taken} channels is given {given}")
        return "conv", mac_rules.convolution_macs(*shapes, transposed=bool(args[6]))
    if name in mac_rules.MATMULS:
        first = mac_rules.MATMULS[name]
        left, right = args[first], args[first + 1]
        macs = mac_rules.matmul_macs(_shape(left), _shape(right))
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
        name, op_class, macs, shapes, tuple(_shape(t) for t in results), dtype, _HashableDict(details)
    )


class _HashableDict(dict[str, Any]):
    """A dict of scalars that can be part of a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


def _details(func: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Scalar arguments by their names in the operation's schema; `weight` says whether a norm is affine."""
    details: dict[str, Any] = {}
    for argument, value in zip(func._schema.arguments, args, strict=False):
        if argument.name in ("weight", "bias"):
            details[argument.name] = value is not None
        elif not _has_tensor(value):
            details[argument.name] = scalar(value)
    details |= {name: scalar(value) for name, value in kwargs.items() if not _has_tensor(value)}
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


def _tensors(values: Any) -> Iterator[Any]:
    """Tensors among arguments or results, lists opened."""
    import torch

    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


def _has_tensor(value: Any) -> bool:
    return next(_tensors((value,)), None) is not None


def _shape(tensor: Any) -> Shape:
    return tuple(int(size) for size in tensor.shape)


def _reads(into: Recording, tensors: list[Any]) -> tuple[int, ...]:
    producers = (into.producer(tensor) for tensor in tensors)
    return tuple(call for call in producers if call is not None)
