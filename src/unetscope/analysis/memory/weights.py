"""Bytes of a network's parameters and buffers in the formats that weights are kept in.

Formats of GGUF keep a row of a matrix in blocks of 32 or 256 weights with scales of their own; the bytes of a
block are those of `ggml-common.h` (ggml-org/llama.cpp): q8_0 34 for 32; q6_k 210, q5_k 176, q4_k 144,
q3_k 110 and q2_k 84 for 256.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import prod

from unetscope.analysis.memory.precision import width
from unetscope.model import Architecture, Tensor
from unetscope.sizes import Shape
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


@dataclass(frozen=True, slots=True)
class Format:
    """A format of weights. `kinds` are the layers whose weights it takes, None for all tensors; of these
    only such whose rows are whole blocks of `block`. `sizes` are the bytes of weights and of scales."""

    kinds: frozenset[str] | None
    what: str
    sizes: Callable[[Shape], tuple[int, int]]
    block: int = 1


def weights(architecture: Architecture, formats: Iterable[str] | None = None) -> tuple[Weights, ...]:
    """Bytes in formats, by default float32, float16 or bfloat16, fp8, int8 and nf4; what a format leaves
    out is 16-bit.

    fp8 is diffusers' layerwise casting without scales; int8 and nf4 are those of bitsandbytes.
    """
    return tuple(_in(architecture, name) for name in formats or USUAL)


def held(architecture: Architecture, dtype: str) -> int:
    """Bytes with every floating tensor in one type; integers keep theirs."""
    return sum(bytes_of(tensor, dtype) for tensor in architecture.tensors)


def bytes_of(tensor: Tensor, dtype: str) -> int:
    """Bytes of one tensor in a type; one of integers keeps its own."""
    return prod(tensor.shape) * width(_kept(tensor, dtype))


def bytes_in(architecture: Architecture, tensor: Tensor, format: str, *, rest: str = "float16") -> int:
    """Bytes of one tensor in a format, its scales with it; in the type `rest` where that leaves it out."""
    if not _is_cast(architecture, tensor, FORMATS[format]):
        return bytes_of(tensor, rest)
    return sum(FORMATS[format].sizes(tensor.shape))


def _in(architecture: Architecture, name: str) -> Weights:
    format = FORMATS[name]
    chosen = [tensor for tensor in architecture.tensors if _is_cast(architecture, tensor, format)]
    whole = sum(bytes_in(architecture, tensor, name) for tensor in architecture.tensors)
    scaled = sum(format.sizes(tensor.shape)[1] for tensor in chosen)
    return Weights(name, whole, scaled, sum(prod(tensor.shape) for tensor in chosen), format.what)


def _is_cast(architecture: Architecture, tensor: Tensor, format: Format) -> bool:
    """Whether a tensor is of a format's kinds: the weight of a layer, or any floating one for None."""
    if tensor.dtype not in DTYPES:
        return False
    if format.kinds is None:
        return True
    matrix = tensor.name.endswith("weight") and len(tensor.shape) > 1
    whole = matrix and tensor.shape[-1] % format.block == 0
    return whole and architecture.by_path[tensor.owner].kind in format.kinds


def _kept(tensor: Tensor, dtype: str) -> str:
    return dtype if tensor.dtype in DTYPES else tensor.dtype


def _plain(width: int, shape: Shape) -> tuple[int, int]:
    return width * prod(shape), 0


def _by_row(shape: Shape) -> tuple[int, int]:
    return prod(shape), SCALE * shape[0]


def _by_block(shape: Shape) -> tuple[int, int]:
    elements = prod(shape)
    return -(-elements // 2), SCALE * -(-elements // NF4_BLOCK)


def _gguf(block: int, bits: int, scales: int, shape: Shape) -> tuple[int, int]:
    blocks = prod(shape) // block
    return blocks * block * bits // 8, blocks * scales


_LAYERS, _LINEAR = frozenset({"conv", "linear"}), frozenset({"linear"})


def _of_gguf(block: int, bits: int, scales: int) -> Format:
    what = f"linear weights in whole blocks of {block}, {scales} bytes of scales a block"
    return Format(_LINEAR, what, partial(_gguf, block, bits, scales), block)


FORMATS = {
    "fp32": Format(None, "all tensors", partial(_plain, 4)),
    "fp16": Format(None, "all tensors", partial(_plain, 2)),
    "bf16": Format(None, "all tensors", partial(_plain, 2)),
    "fp8": Format(_LAYERS, "conv and linear weights, no scales", partial(_plain, 1)),
    "int8": Format(_LINEAR, "linear weights, a float32 scale a row", _by_row),
    "nf4": Format(_LINEAR, f"linear weights, a float32 scale per {NF4_BLOCK}", _by_block),
    "q8_0": _of_gguf(32, 8, 2),
    "q6_k": _of_gguf(256, 6, 18),
    "q5_k": _of_gguf(256, 5, 16),
    "q4_k": _of_gguf(256, 4, 16),
    "q3_k": _of_gguf(256, 3, 14),
    "q2_k": _of_gguf(256, 2, 20),
}
USUAL = ("fp32", "fp16", "bf16", "fp8", "int8", "nf4")
QUANTS = tuple(name for name in FORMATS if name not in ("fp32", "fp16", "bf16"))
"""Formats narrower than 16 bits."""
