"""What optimizers keep of each parameter, read in the sources of those that people train with.

torch 2.13 (`torch/optim/adamw.py`, `sgd.py`): states are made by `zeros_like` of a parameter, or are clones
of its gradient, and so are of the parameter's type. transformers 5.24 (`optimization.py`, `Adafactor`):
float32, as `step` takes half precision gradients to float32 first. bitsandbytes 0.50
(`bitsandbytes/optim/optimizer.py`, `Optimizer1State` and `Optimizer2State`): float32, or uint8 with a
float32 scale (`absmax`) for each 256 elements where a parameter has 4,096 elements or more. Counters of
steps and quantization maps, which all parameters share, are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from unetscope.sizes import Shape

_FLOAT = 4
_BLOCK, _LEAST = 256, 4096
_PAGED_FROM = 100_000
"""Elements from which bitsandbytes pages a state: `get_state_buffer`, `p.numel() < 1e5`."""


@dataclass(frozen=True, slots=True)
class Optimizer:
    """`states` gives the bytes kept of a parameter, by its shape and the bytes of its elements; `paged`
    those of them that may wait in the host's memory. `words` has a place for the parameters' type."""

    words: str
    states: Callable[[Shape, int], int]
    paged: Callable[[Shape], int] = lambda _: 0


def _like_weights(count: int) -> Callable[[Shape, int], int]:
    return lambda shape, width: count * width * prod(shape)


def _float32(count: int) -> Callable[[Shape, int], int]:
    return lambda shape, _: count * _FLOAT * prod(shape)


def _eight_bit(count: int) -> Callable[[Shape, int], int]:
    def states(shape: Shape, _: int) -> int:
        elements = prod(shape)
        scales = _FLOAT * -(-elements // _BLOCK)
        return count * (elements + scales if elements >= _LEAST else _FLOAT * elements)

    return states


def _adafactor(shape: Shape, _: int) -> int:
    """The second moment by its means over the last axis and over the one before: with a kernel, neither
    is the axis of channels, so that a 3×3 convolution keeps 2 in 3 of its elements. No first moment."""
    if len(shape) < 2:
        return _FLOAT * prod(shape)
    return _FLOAT * (prod(shape[:-1]) + prod((*shape[:-2], shape[-1])))


def _paged_bytes(shape: Shape) -> int:
    """Both states of a large parameter; their scales stay on the device."""
    elements = prod(shape)
    return 2 * elements if elements >= _PAGED_FROM else 0


OPTIMIZERS = {
    "adamw": Optimizer("AdamW: two {} states", _like_weights(2)),
    "adamw8bit": Optimizer("8-bit AdamW: two states, a float32 scale per 256", _eight_bit(2)),
    "paged-adamw8bit": Optimizer(
        "paged 8-bit AdamW: two states, a float32 scale per 256", _eight_bit(2), _paged_bytes
    ),
    "adafactor": Optimizer("Adafactor: float32 means of rows and columns", _adafactor),
    "lion": Optimizer("Lion: one float32 state", _float32(1)),
    "lion8bit": Optimizer("8-bit Lion: one state, a float32 scale per 256", _eight_bit(1)),
    "sgd": Optimizer("SGD without momentum", _like_weights(0)),
    "sgd-momentum": Optimizer("SGD with momentum: one {} state", _like_weights(1)),
}
"""By the name of the command line's --optimizer."""
