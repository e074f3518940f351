"""What calflops and DeepSpeed's profiler count as FLOPs beside 2 per MAC, as formulas over the record.

Both take the same numbers per element, calflops having been made from DeepSpeed's profiler. Sources:
calflops 0.3.2, `calflops/pytorch_ops.py`, and DeepSpeed 0.19.8, `profiling/flops_profiler/profiler.py`,
the functions `_*_flops_compute`. They wrap functions by name: what a network writes as an operator
(`a + b`, `a * b`), calls as a method (`.softmax(-1)`) or by another name counts nothing.

Left out: einsum, which both count by the text of numpy's einsum_path, rounded to four digits (the pooling
of `addition_embed_type: text`), and the bias of a transposed convolution, which no network here has.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from unetscope.calls import Operation
from unetscope.sizes import Shape

_ACTIVATIONS = frozenset({"silu", "gelu", "relu", "leaky_relu", "elu"})
_NORMS = frozenset({"native_group_norm", "native_layer_norm"})


def _calflops(operation: Operation) -> int:
    """As calflops counts: an upsampling by a factor counts its input."""
    return _upsampled(operation, operation.inputs) or _common(operation)


def _deepspeed(operation: Operation) -> int:
    """As DeepSpeed counts: an upsampling by a factor counts its output."""
    return _upsampled(operation, operation.outputs) or _common(operation)


def _upsampled(operation: Operation, counted: tuple[Shape, ...]) -> int:
    """Elements of the first tensor that counts; where a size is asked for, the area of that size, without
    channels."""
    if not operation.name.startswith("upsample"):
        return 0
    by_factor = any(operation.details.get(key) for key in ("scales", "scales_h"))
    return prod(counted[0] if by_factor else operation.outputs[0][2:])


def _common(operation: Operation) -> int:
    """A convolution's bias counts 1 per output, a norm 5 or 4 and the rest 1 per input."""
    if operation.op_class == "conv":
        return prod(operation.outputs[0]) if operation.details.get("bias") else 0
    if operation.name in _NORMS:
        return prod(operation.inputs[0]) * (5 if operation.details.get("weight") else 4)
    if operation.name.rstrip("_") in _ACTIVATIONS or "_pool" in operation.name:
        return prod(operation.inputs[0])
    return 0


ELEMENTWISE: dict[str, Callable[[Operation], int]] = {"calflops": _calflops, "deepspeed": _deepspeed}
