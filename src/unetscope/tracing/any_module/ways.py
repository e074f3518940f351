"""Ways to run any module without its weights' values, and with them where nothing else runs.

Whatever way is taken, and whatever happens on it, the module is as before afterwards, to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from unetscope.tracing.live import meta_copy


@dataclass(frozen=True, slots=True)
class Way:
    """A way to run a module: the words for it, what makes it ready, and where its inputs lie.

    `real` is said of the one way in which tensors have values.
    """

    words: str
    ready: Callable[[Any, Any], AbstractContextManager[Any]]
    real: bool = False


@contextmanager
def _copied(network: Any, dtype: Any) -> Iterator[Any]:
    yield meta_copy.copied(network, dtype)


@contextmanager
def _copied_with_factories(network: Any, dtype: Any) -> Iterator[Any]:
    """A copy whose forward makes new tensors on the meta device too, where it names no device."""
    import torch

    copy = meta_copy.copied(network, dtype)
    with torch.device("meta"):
        yield copy


@contextmanager
def _with_values(network: Any, dtype: Any) -> Iterator[Any]:
    """The module with its weights, in eval mode; puts back what its forward changes."""
    import torch

    modules = list(network.modules())
    before = [(dict(vars(module)), _registered(module)) for module in modules]
    saved = [(tensor, tensor.data, tensor.detach().clone()) for tensor in _tensors(modules)]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        try:
            for module in modules:
                attributes = {
                    name: value if name in _REGISTERED else _unshared(value)
                    for name, value in vars(module).items()
                }
                vars(module).update(attributes | {"training": False})
            yield network
        finally:
            _put_back(modules, before, saved)


def _put_back(modules: list[Any], before: list[Any], saved: list[Any]) -> None:
    for module, (own, registered) in zip(modules, before, strict=True):
        vars(module).clear()
        vars(module).update(own)
        for name, entries in registered.items():
            attributes = vars(module)[name]
            attributes.clear()
            attributes.update(entries)
    for tensor, data, values in saved:
        tensor.data = data
        tensor.data.copy_(values)


_REGISTERED = ("_parameters", "_buffers", "_modules")


def _registered(module: Any) -> dict[str, dict[str, Any]]:
    return {name: dict(vars(module)[name]) for name in _REGISTERED}


def _unshared(value: Any) -> Any:
    """A copy of a list, dict or set, so that a forward that fills it fills the copy."""
    return value.copy() if type(value) in (list, dict, set) else value


def _tensors(modules: list[Any]) -> list[Any]:
    """Every tensor that modules hold: parameters, buffers, and plain attributes."""
    import torch

    tensors: dict[int, Any] = {}
    for module in modules:
        plain = (value for value in vars(module).values() if isinstance(value, torch.Tensor))
        for tensor in (*module._parameters.values(), *module._buffers.values(), *plain):
            if tensor is not None:
                tensors[id(tensor)] = tensor
    return list(tensors.values())


COPY = Way("a copy on the meta device", _copied)
COPY_FACTORIES = Way("a copy on the meta device, with the tensors that it makes", _copied_with_factories)
IN_PLACE = Way("in place, its weights lent to the meta device and put back", meta_copy.borrowed)
REAL = Way("real tensors, as nothing else runs", _with_values, real=True)
WITHOUT_VALUES = (COPY, IN_PLACE, COPY_FACTORIES)
