"""All the memory that a network needs, and the largest batch and size that a limit leaves room for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from unetscope.analysis.memory.activations import Peak, activation_peak, skip_bytes
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.placement import KEPT, Offload, on_device
from unetscope.analysis.memory.training import Training, TrainingPlan, training
from unetscope.analysis.memory.weights import QUANTS, Weights, weights
from unetscope.families import grids
from unetscope.hooks import Shown
from unetscope.limits import MAX_LATENT
from unetscope.model import Architecture

Resized: TypeAlias = Callable[[int, int], Architecture | None]
"""The network at batch 1 with an input of a height and width; None where it takes none of that size."""


@dataclass(frozen=True, slots=True)
class Use:
    """How a network is run: the type of its weights and activations, its attention, its training.

    `training` None is inference: one forward that keeps nothing. `quant` is the format of the weights where
    it is narrower than `dtype`; `offload` how they come to the device.
    """

    dtype: str = "float16"
    attention: str = "fused"
    training: TrainingPlan | None = None
    quant: str | None = None
    offload: Offload = KEPT


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a use stays within `limit` bytes. `batch` is the largest that does at the size at hand,
    0 for none; `size` the largest square input that does with the batch at hand, None for none."""

    limit: int
    needed: int
    batch: int
    size: tuple[int, int] | None

    @property
    def fits(self) -> bool:
        """Whether what is needed as asked for is within the limit."""
        return self.needed <= self.limit


@dataclass(frozen=True, slots=True)
class Choice:
    """A format that the weights may be in, None for the type as it is, and the bytes a forward then needs."""

    quant: str | None
    bytes: int


@dataclass(frozen=True)
class Memory(Shown):
    """Bytes of weights by format, of activations, and of training, for one use of an architecture."""

    architecture: Architecture
    use: Use
    weights: tuple[Weights, ...]
    held: int
    peak: Peak
    skips: int
    training: Training | None
    fit: Fit | None = None
    choices: tuple[Choice, ...] = ()

    def __repr__(self) -> str:
        training = f", training={self.training.total}" if self.training else ""
        fits = f", fits={self.fit.fits}" if self.fit else ""
        weights, peak = self.held, self.peak.bytes
        return f"Memory({self.architecture.title!r}, weights={weights}, activations={peak}{training}{fits})"


def memory(
    architecture: Architecture,
    use: Use,
    *,
    batch: int = 1,
    limit: int | None = None,
    resized: Resized | None = None,
) -> Memory:
    """The memory of an architecture traced at batch 1 and float32, for a use at any batch and type.

    With a `limit` in bytes, `resized` gives the network at other sizes. Raises ConfigError where the
    trace is another.
    """
    batched = at_batch(architecture, batch)
    plan = use.training
    fit: Fit | None = None
    choices: tuple[Choice, ...] = ()
    if limit is not None:
        fit = _fit(architecture, use, batch=batch, limit=limit, resized=resized or (lambda *_: None))
        choices = _choices(batched, use) if plan is None and use.quant is None else ()
    return Memory(
        batched,
        use,
        weights(batched),
        on_device(batched, dtype=use.dtype, quant=use.quant, offload=use.offload),
        activation_peak(batched, attention=use.attention, dtype=use.dtype),
        skip_bytes(batched, dtype=use.dtype),
        training(batched, plan, attention=use.attention) if plan else None,
        fit,
        choices,
    )


def _choices(architecture: Architecture, use: Use) -> tuple[Choice, ...]:
    """What a forward needs in each format of the weights, the largest first."""
    choices = [Choice(quant, needed(architecture, replace(use, quant=quant))) for quant in (None, *QUANTS)]
    return tuple(sorted(choices, key=lambda choice: -choice.bytes))


def needed(architecture: Architecture, use: Use) -> int:
    """Bytes of weights and activations of a forward, or of all that a training step has on the device."""
    if use.training:
        return training(architecture, use.training, attention=use.attention).resident
    peak = activation_peak(architecture, attention=use.attention, dtype=use.dtype)
    return on_device(architecture, dtype=use.dtype, quant=use.quant, offload=use.offload) + peak.bytes


def _fit(architecture: Architecture, use: Use, *, batch: int, limit: int, resized: Resized) -> Fit:
    stride, least = _grid(architecture)

    def has_room(network: Architecture | None, times: int) -> bool:
        return network is not None and needed(at_batch(network, times), use) <= limit

    most = max(least, MAX_LATENT // stride)
    side = stride * _largest(lambda n: has_room(resized(n * stride, n * stride), batch), least, most)
    return Fit(
        limit,
        needed(at_batch(architecture, batch), use),
        _largest(lambda times: has_room(architecture, times), 1, MAX_LATENT),
        (side, side) if side else None,
    )


def _grid(architecture: Architecture) -> tuple[int, int]:
    """The step between sides to search, and the number of steps to begin with."""
    known = architecture.scaling.grids if architecture.scaling else ()
    of_class = () if known else grids(architecture.class_name, architecture.config)
    sides = [grid for grid in (*known, *of_class) if grid.axis in ("height", "width")]
    step = max((grid.step for grid in sides), default=1)
    return step, max((-(-grid.least // step) for grid in known if grid in sides), default=1)


def _largest(holds: Callable[[int], bool], least: int, most: int) -> int:
    """The largest number that holds, 0 for none; if it holds for one number, it holds for all below, down to
    `least`.

    The first few may fail by themselves: networks take no input of a single stride.
    """
    low = next((n for n in range(least, min(least + 3, most + 1)) if holds(n)), 0)
    if not low:
        return 0
    high = min(2 * low, most)
    while low < high and holds(high):
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
