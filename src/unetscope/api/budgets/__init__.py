"""The memory of a network: weights, one forward, training, and what fits into a limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from unetscope import sources
from unetscope.analysis import vae_part
from unetscope.api.loading import Source, load
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.weights import dtype_of
from unetscope.choices import AttentionName, DtypeName, MixedName, OptimizerName, QuantName, check
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.sizes import Size
from unetscope.sources import at_hand
from unetscope.spec import DEFAULT_DTYPE

if TYPE_CHECKING:
    from unetscope.analysis.memory.budget import Memory, Use

UNITS = {"GB": 10**9, "GiB": 2**30, "MB": 10**6, "MiB": 2**20, "TB": 10**12, "TiB": 2**40}


def memory(
    source: Source,
    *,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int | None = None,
    dtype: DtypeName | None = None,
    attention: AttentionName = "fused",
    quant: QuantName | None = None,
    offload: str | None = None,
    train: bool = False,
    optimizer: OptimizerName | None = None,
    ema: bool = False,
    checkpointing: bool = False,
    mixed: MixedName | None = None,
    frozen: Sequence[str] = (),
    lora: int | None = None,
    fits: int | str | None = None,
) -> Memory:
    """Bytes of weights, of the activations of a forward and, with `train`, of a training step.

    `dtype` is that of a file of weights, else float16 unless the network was traced in another than float32.
    `quant` is the format of the weights where it is narrower, `offload` how they come to the device: "model",
    "sequential", "blocks=4". With `train`: `optimizer` is adamw unless told otherwise, `mixed` the type of
    autocast (fp16 by default; no: all in `dtype`), `frozen` patterns of what is not trained ("*.attn1"),
    `lora` the rank of adapters beside a frozen network. With `fits` in bytes, or as "24GB", also whether that
    is enough, and the largest batch and square input that stay within it; sizes that no formula reaches are
    traced.

    Raises ConfigError for what does not go together or is no amount, and as `load`.
    """
    check("attention", attention, AttentionName)
    check("quant", quant, QuantName)
    check("optimizer", optimizer, OptimizerName)
    check("mixed", mixed, MixedName)
    asked = {"optimizer": optimizer, "ema": ema, "checkpointing": checkpointing, "mixed": mixed,
             "frozen": tuple(frozen), "lora": lora}  # fmt: skip
    settings: dict[str, Any] = {name: value for name, value in asked.items() if value}
    if settings and not train:
        raise ConfigError(f"{next(iter(settings))} is about training", hint="add train=True")
    if train and (quant or offload):
        raise ConfigError("quant and offload are about inference", hint="leave out train")
    from unetscope.analysis.memory import placement
    from unetscope.analysis.memory.budget import Use
    from unetscope.analysis.memory.training import TrainingPlan

    plan = TrainingPlan(**settings, dtype=dtype) if train else None
    limit = amount(fits) if isinstance(fits, str) else fits
    network = load(source, size=size, latent=latent)
    own_type = dtype or dtype_of(source)
    record, own, stored = recorded(
        network, batch=batch, dtype=own_type, trains=train, searched=limit is not None,
        again=partial(load, network, batch=1, dtype="float32"),
    )  # fmt: skip
    way = placement.checked(record, placement.offload(offload)) if offload else placement.KEPT
    return memory_of(record, Use(stored, attention, plan, quant, way), batch=own, limit=limit)


def memory_of(
    architecture: Architecture, use: Use | None = None, *, batch: int | None = None, limit: int | None = None
) -> Memory:
    """Bytes of weights, activations and training of an architecture.

    One traced at batch 1 in float32 tells those at any batch and type, another only its own; `batch`
    None is its own. Raises ConfigError for another trace, TraceError where a size is needed that no formula
    reaches and torch is missing.
    """
    from unetscope.analysis.memory import budget

    return budget.memory(
        architecture,
        use or budget.Use(),
        batch=batch or architecture.basis.batch,
        limit=limit,
        resized=partial(_resized, architecture),
    )


def recorded(
    network: Architecture,
    *,
    batch: int | None,
    dtype: str | None,
    trains: bool,
    searched: bool,
    again: Callable[[], Architecture],
) -> tuple[Architecture, int, str]:
    """A record that tells the memory of a network, and the batch and type asked for.

    Every type and batch follows from one sample in float32, so that presets need no torch. A trace at others
    answers for these alone: without a search for a limit, and without training; for more, `again` makes the
    record of one sample in float32.
    """
    from unetscope.analysis.memory.budget import Use

    own = network.basis
    wanted = batch or own.batch
    chosen = dtype or (Use().dtype if own.dtype == DEFAULT_DTYPE else own.dtype)
    enough = own.batch == 1 or (own.batch == wanted and not searched)
    enough &= own.dtype == DEFAULT_DTYPE or (own.dtype == chosen and not trains)
    return network if enough else again(), wanted, chosen


def amount(text: str) -> int:
    """An amount of memory in bytes: "24GB" is 24·10⁹, "24GiB" is 24·2³⁰. Raises ConfigError for none."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]{1,3})", text)
    unit = {name.lower(): size for name, size in UNITS.items()}.get(match[2].lower()) if match else None
    value = int(Fraction(match[1]) * unit) if match and unit else 0
    if not value:
        raise ConfigError(
            f"{text!r} is not an amount of memory", hint=f"write 24GB or 24GiB ({', '.join(UNITS)})"
        )
    return value


def _resized(architecture: Architecture, height: int, width: int) -> Architecture | None:
    """An architecture at another input; None where its network takes none of that size."""
    basis = architecture.basis
    size = Size(dtype=basis.dtype).with_axes(basis.axes | {"height": height, "width": width})
    network = at_hand.at_size(architecture, size)
    if network is not None:
        return network
    from unetscope.tracing import trace
    from unetscope.tracing.build import require_torch

    require_torch()
    spec = sources.spec_of(architecture)
    try:
        return vae_part.only(trace(spec, size), architecture.part or None)
    except TraceError:
        return None
