"""Types of a live network's weights: the one it computes in, and those it keeps them in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from unetscope.model import Tensor
from unetscope.spec import DEFAULT_DTYPE, DTYPES
from unetscope.tracing.meta_copy import is_quantized
from unetscope.words.messages import listed

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """The type of a forward, and whether it is that of most weights; the top-level modules with weights
    of each other floating type, none named where all weights are of that one."""

    computed: str
    own: bool
    others: dict[str, tuple[str, ...]]


def loaded(network: Any) -> Loaded:
    """Types as found: most floating elements decide, but for those that are cast as they are read.

    A type that no trace is made in (float64, or float8 without a hook that casts it) gives float32.
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
    """The type where it is not the usual one, and which weights are of another."""
    said = [f"{_places(places)} in {kind}" for kind, places in sorted(types.others.items())]
    if types.computed == DEFAULT_DTYPE and not said:
        return ()
    start = f"{types.computed}, as loaded" if types.own else f"computed in {types.computed}"
    return ("; ".join([start, *said]),)


def _places(places: tuple[str, ...]) -> str:
    return listed(places, limit=_SHOWN) if places else "weights"


def kept(tensors: Iterable[Tensor], network: Any) -> Iterator[Tensor]:
    """Tensors of a trace with the types that a network keeps them in; quantized ones as they stand for."""
    own = dict(_floating(network))
    for tensor in tensors:
        weight = own.get(tensor.name)
        yield tensor if weight is None else replace(tensor, dtype=_name(weight.dtype))


def _floating(network: Any) -> Iterator[tuple[str, Any]]:
    """Floating parameters and buffers with their names, those of quantized layers aside."""
    for path, module in network.named_modules():
        if is_quantized(module):
            continue
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            plain = tensor is not None and not type(tensor.data).__module__.startswith("torchao.")
            if plain and tensor.is_floating_point():
                yield f"{path}.{name}" if path else name, tensor


def _cast_to(network: Any) -> str | None:
    """The type that diffusers' layerwise casting computes in; None without it."""
    for module in network.modules():
        hooks = getattr(vars(module).get("_diffusers_hook"), "hooks", {})
        if "layerwise_casting" in hooks:
            kind = _name(hooks["layerwise_casting"].compute_dtype)
            return kind if kind in DTYPES else None
    return None


def _name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
