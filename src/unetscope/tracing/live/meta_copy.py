"""A live network without its weights: a copy on the meta device, or the network itself for a moment.

Tensors have shapes and no values: a quantized weight gets the shape and type of the weight it replaces. Hooks
that move or cast weights are left out, since there is nothing to move.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from unetscope.errors import TraceError

Vars = dict[str, Any]

_PLUMBING = frozenset({"_hf_hook", "_old_forward", "_original_forward", "_diffusers_hook", "forward"})
"""Attributes by which accelerate and diffusers run something around a module's forward."""
_HOOKING = ("accelerate.hooks", "diffusers.hooks")
_QUANTIZERS = ("bitsandbytes.", "optimum.quanto.", "diffusers.quantizers.")
"""Packages whose layers hold their weights packed, and are otherwise linear."""


def copied(network: Any, dtype: Any) -> Any:
    """A copy on the meta device, in eval mode, with floats in one type; takes no memory for weights.

    The original stays as it is. We also copy what modules hold beside modules and tensors, and share what
    cannot be copied. Raises TraceError for a quantized layer that is not linear.
    """
    modules = list(network.modules())
    memo = _tensors(modules, dtype)
    for module in modules:
        kind: Any = type(module)
        memo[id(module)] = _plain_linear(module, dtype) or kind.__new__(kind)
    for module in modules:
        if is_compiled(module):
            memo[id(module)] = memo[id(module._orig_mod)]
    with _tensors_on_meta(dtype):
        for module in modules:
            shell = memo[id(module)]
            if not is_compiled(module) and not vars(shell):
                vars(shell).update(_copied(_prepared(module), memo))
    return memo[id(network)]


@contextmanager
def borrowed(network: Any, dtype: Any) -> Iterator[Any]:
    """The network itself with meta tensors for weights; puts them back whatever happens inside.

    For a forward that refers to the original by other ways than its modules: a copy would run the original.
    """
    modules = list(network.modules())
    before = [_layers_of(module) for module in modules]
    memo = _tensors(modules, dtype)
    try:
        for module in modules:
            _lend(module, memo, dtype)
        yield network
    finally:
        try:
            _give_back(modules, before)
        except KeyboardInterrupt:
            _give_back(modules, before)
            raise


def plain_forward(module: Any) -> Callable[..., Any] | None:
    """The forward that replaces that of a module's class, below any hooks; None if none does."""
    if is_compiled(module):
        return None
    forward = vars(module).get("_original_forward", vars(module).get("forward"))
    while forward is not None:
        maker = getattr(getattr(forward, "func", None), "__module__", None) or ""
        if maker.startswith(_HOOKING) and hasattr(forward, "__wrapped__"):
            forward = forward.__wrapped__
        elif hasattr(forward, "_torchdynamo_orig_callable"):
            forward = forward._torchdynamo_orig_callable
        else:
            break
    return None if getattr(forward, "__func__", None) is type(module).forward else forward


def is_quantized(module: Any) -> bool:
    """Whether a layer holds packed weights, which only its own kernels read."""
    return f"{type(module).__module__}.".startswith(_QUANTIZERS) and hasattr(module, "weight")


def is_compiled(module: Any) -> bool:
    """Whether a module is torch.compile's wrapper around another."""
    return "_orig_mod" in module._modules


def _prepared(module: Any) -> Vars:
    """A module's attributes for a run without hooks, in eval mode."""
    attributes = {name: value for name, value in vars(module).items() if name not in _PLUMBING}
    forward = plain_forward(module)
    own = {} if forward is None else {"forward": forward}
    return attributes | own | {"training": False, "_compiled_call_impl": None}


def _copied(attributes: Vars, memo: dict[int, Any]) -> Vars:
    copies = {}
    for name, value in attributes.items():
        try:
            copies[name] = copy.deepcopy(value, memo)
        except Exception:  # noqa: BLE001 - locks, streams, files: no copy of theirs could serve a forward
            copies[name] = value
    return copies


def _tensors(modules: list[Any], dtype: Any) -> dict[int, Any]:
    """A stand-in for each parameter and buffer, by identity, so that shared ones stay shared."""
    import torch

    memo: dict[int, Any] = {}
    for module in modules:
        for tensor in module._parameters.values():
            if tensor is not None and id(tensor) not in memo:
                memo[id(tensor)] = torch.nn.Parameter(on_meta(tensor, dtype), requires_grad=False)
        for tensor in module._buffers.values():
            if tensor is not None and id(tensor) not in memo:
                memo[id(tensor)] = on_meta(tensor, dtype)
    return memo


def on_meta(tensor: Any, dtype: Any) -> Any:
    """A meta tensor of another's shape; floats are in the type given."""
    import torch

    kind = dtype if tensor.is_floating_point() else tensor.dtype
    plain = type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.layout is torch.strided
    if not plain:
        return torch.empty(tuple(tensor.shape), dtype=kind, device="meta")
    return torch.empty_strided(tuple(tensor.shape), tensor.stride(), dtype=kind, device="meta")


def _plain_linear(module: Any, dtype: Any) -> Any:
    """The linear layer in place of a quantized one; None for any other module."""
    import torch

    if not is_quantized(module):
        return None
    if not isinstance(module, torch.nn.Linear):
        raise TraceError(
            f"{type(module).__name__} is a quantized layer of a kind that is not known",
            hint="load the network unquantized",
        )
    linear = torch.nn.Linear(
        module.in_features, module.out_features, bias=module.bias is not None, device="meta", dtype=dtype
    )
    return linear.requires_grad_(requires_grad=False).eval()


@contextmanager
def _tensors_on_meta(dtype: Any) -> Iterator[None]:
    """A context in which deepcopy copies tensors that are plain attributes, however deep, without values."""
    import torch
    from torch.overrides import TorchFunctionMode

    class Copies(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if func is torch.Tensor.__deepcopy__:
                return on_meta(args[0], dtype)
            return func(*args, **(kwargs or {}))

    with Copies():
        yield


def _layers_of(module: Any) -> tuple[Vars, ...]:
    """A module's attributes, parameters, buffers and children, so that we can put them back."""
    return dict(vars(module)), dict(module._parameters), dict(module._buffers), dict(module._modules)


def _lend(module: Any, memo: dict[int, Any], dtype: Any) -> None:
    """Replace a module's tensors by meta tensors, and take its hooks off.

    Lists and dicts that it holds are lent as copies, so that none keeps what a forward puts into it.
    """
    for tensors in (module._parameters, module._buffers):
        tensors.update({name: memo[id(tensor)] for name, tensor in tensors.items() if tensor is not None})
    prepared = {
        name: value if name in _REGISTERED else lent(value, dtype)
        for name, value in _prepared(module).items()
    }
    vars(module).clear()
    vars(module).update(prepared)


_REGISTERED = ("_parameters", "_buffers", "_modules")


def lent(value: Any, dtype: Any) -> Any:
    """A value with meta tensors for the tensors in it, lists and dicts copied; anything else as it is."""
    import torch

    if isinstance(value, torch.Tensor):
        return on_meta(value, dtype)
    if type(value) in (list, tuple, set):
        return type(value)(lent(entry, dtype) for entry in value)
    if type(value) is dict:
        return {key: lent(entry, dtype) for key, entry in value.items()}
    return value


def _give_back(modules: list[Any], before: list[tuple[Vars, ...]]) -> None:
    for module, (own, parameters, buffers, children) in zip(modules, before, strict=True):
        vars(module).clear()
        vars(module).update(own)
        for current, saved in zip(
            (module._parameters, module._buffers, module._modules),
            (parameters, buffers, children),
            strict=True,
        ):
            current.clear()
            current.update(saved)
