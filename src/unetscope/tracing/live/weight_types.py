"""Types of a live network's weights: those in which it keeps them, and the one in which it computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from unetscope.model import Tensor
from unetscope.spec import DEFAULT_DTYPE, DTYPES
from unetscope.tracing.live.meta_copy import is_quantized
from unetscope.words.messages import listed

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """The type of a forward, and whether most weights have it.

    `others` are the top-level modules with weights of each other floating type; they stay unnamed if all
    weights have that type.
    """

    computed: str
    own: bool
    others: dict[str, tuple[str, ...]]


def loaded(network: Any) -> Loaded:
    """The types of a network: the one it casts to, if it does, else that of most floating elements.

    Gives float32 for a type in which we make no traces (float64, or float8 without a hook that casts it).
    """
    elements: Counter[str] = Counter()
    places: dict[str, set[str]] = {}
    for path, tensor in _floating(network):
        kind = _name(tensor.dtype)
        elements[kind] += tensor.numel()
        places.setdefault(kind, set()).add(path.partition(".")[0])
    cast = _cast_to(network)
    usual = cast or next((kind for kind, _ in elements.most_common() if kind in DTYPES), DEFAULT_DTYPE)
    others = {kind: tuple(sorted(modules)) for kind, modules in places.items() if kind != usual}
    if len(places) == 1:
        others = dict.fromkeys(others, ())
    return Loaded(usual, elements.most_common(1)[:1] == [(usual, elements[usual])], others)


def notes(types: Loaded) -> tuple[str, ...]:
    """The type if it is not the usual one, and the weights of other types."""
    others = [f"{_places(places)} in {kind}" for kind, places in sorted(types.others.items())]
    if types.computed == DEFAULT_DTYPE and not others:
        return ()
    start = f"{types.computed}, as loaded" if types.own else f"computed in {types.computed}"
    return ("; ".join([start, *others]),)


def _places(places: tuple[str, ...]) -> str:
    return listed(places, limit=_SHOWN) if places else "weights"


def kept(tensors: Iterable[Tensor], network: Any) -> Iterator[Tensor]:
    """Tensors of a trace in the types in which a network keeps them; quantized ones as they were traced."""
    own = dict(_floating(network))
    for tensor in tensors:
        weight = own.get(tensor.name)
        yield tensor if weight is None else replace(tensor, dtype=_name(weight.dtype))


def _floating(network: Any) -> Iterator[tuple[str, Any]]:
    """Floating parameters and buffers with their names, except those of quantized layers."""
    for path, module in network.named_modules():
        if is_quantized(module):
            continue
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            plain = tensor is not None and not type(tensor.data).__module__.startswith("torchao.")
            if plain and tensor.is_floating_point():
                yield f"{path}.{name}" if path else name, tensor


def _cast_to(network: Any) -> str | None:
    """The type in which diffusers' layerwise casting computes; None without it."""
    for module in network.modules():
        hooks = getattr(vars(module).get("_diffusers_hook"), "hooks", {})
        if "layerwise_casting" in hooks:
            kind = _name(hooks["layerwise_casting"].compute_dtype)
            return kind if kind in DTYPES else None
    return None


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
