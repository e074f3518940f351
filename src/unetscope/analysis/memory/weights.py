"""Bytes of a network's parameters and buffers in the formats that weights are kept in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from unetscope.analysis.memory.precision import width
from unetscope.model import Architecture, Tensor
from unetscope.spec import DTYPES

NF4_BLOCK = 64
SCALE = 4
"""Bytes of one scale: a float32."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Bytes of all tensors in one format; `scales` of them are scales of quantized tensors.

    `cast` is how many elements are in the format itself, `what` which layers those are.
    """

    format: str
    bytes: int
    scales: int
    cast: int
    what: str


def weights(architecture: Architecture) -> tuple[Weights, ...]:
    """Bytes in float32, float16 or bfloat16, fp8, int8 and nf4; what a format leaves out is 16-bit.

    fp8 is diffusers' layerwise casting without scales; int8 and nf4 are those of bitsandbytes.
    """
    return tuple(_in(architecture, name) for name in _FORMATS)


def held(architecture: Architecture, dtype: str) -> int:
    """Bytes with every floating tensor in one type; integers keep theirs."""
    return sum(bytes_of(one, dtype) for one in architecture.tensors)


def bytes_of(tensor: Tensor, dtype: str) -> int:
    """Bytes of one tensor in a type; one of integers keeps its own."""
    return prod(tensor.shape) * width(_kept(tensor, dtype))


def _in(architecture: Architecture, name: str) -> Weights:
    kinds, what, size, scales = _FORMATS[name]
    chosen = [one for one in architecture.tensors if _is_cast(architecture, one, kinds)]
    rest = held(architecture, "float16") - sum(2 * prod(one.shape) for one in chosen)
    scaled = sum(scales(one.shape) for one in chosen)
    own = sum(size(prod(one.shape)) for one in chosen)
    return Weights(name, rest + own + scaled, scaled, sum(prod(one.shape) for one in chosen), what)


def _is_cast(architecture: Architecture, tensor: Tensor, kinds: frozenset[str] | None) -> bool:
    """Whether a tensor is of a format's kinds: the weight of a layer, or any floating one for None."""
    if tensor.dtype not in DTYPES:
        return False
    if kinds is None:
        return True
    matrix = tensor.name.endswith("weight") and len(tensor.shape) > 1
    return matrix and architecture.by_path[tensor.owner].kind in kinds


def _kept(tensor: Tensor, dtype: str) -> str:
    return dtype if tensor.dtype in DTYPES else tensor.dtype


def _none(shape: tuple[int, ...]) -> int:
    return 0


def _per_row(shape: tuple[int, ...]) -> int:
    return SCALE * shape[0]


def _per_block(shape: tuple[int, ...]) -> int:
    return SCALE * -(-prod(shape) // NF4_BLOCK)


def _times(factor: int) -> Callable[[int], int]:
    return lambda elements: factor * elements


_LAYERS, _LINEAR = frozenset({"conv", "linear"}), frozenset({"linear"})

_FORMATS: dict[
    str, tuple[frozenset[str] | None, str, Callable[[int], int], Callable[[tuple[int, ...]], int]]
] = {
    # format: layers it takes (None: all tensors), in words, bytes of n elements, bytes of scales by shape
    "fp32": (None, "all tensors", _times(4), _none),
    "fp16": (None, "all tensors", _times(2), _none),
    "bf16": (None, "all tensors", _times(2), _none),
    "fp8": (_LAYERS, "conv and linear weights, no scales", _times(1), _none),
    "int8": (_LINEAR, "linear weights, a float32 scale a row", _times(1), _per_row),
    "nf4": (
        _LINEAR,
        f"linear weights, a float32 scale per {NF4_BLOCK}",
        lambda elements: -(-elements // 2),
        _per_block,
    ),
}
