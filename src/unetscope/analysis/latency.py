"""The least time that a forward can take on a GPU: a floor by arithmetic and by memory, from datasheets.

Each operation takes at least its FLOPs at the peak of the card, and at least the time in which its weights
come from memory; the floor is the sum of the larger. Left out, since kernels can be fused and caches hold
them: all activations, norms, softmax. Convolutions are taken as direct ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.spec import DTYPES
from unetscope.words.messages import did_you_mean

TERA = 10**12
GIGA = 10**9


@dataclass(frozen=True, slots=True)
class Gpu:
    """A card by its vendor's datasheet: dense peak in FLOP/s by dtype, the highest of its ways to compute in
    that type (float32: TF32 where it has that), and bytes/s of its memory."""

    name: str
    title: str
    peak: Mapping[str, int]
    bandwidth: int
    source: str


def _gpu(
    name: str, title: str, half: float, single: float, gigabytes: int, source: str, *, bf16: bool = True
) -> Gpu:
    """A card by its figures in TFLOP/s and GB/s."""
    peak = {"float16": round(half * TERA), "float32": round(single * TERA)}
    return Gpu(name, title, peak | ({"bfloat16": peak["float16"]} if bf16 else {}), gigabytes * GIGA, source)


GPUS = {
    card.name: card
    for card in (
        _gpu("h200", "H200 SXM", 989.5, 494.7, 4800, "NVIDIA H200 datasheet"),
        _gpu("h100-sxm", "H100 SXM", 989.5, 494.7, 3350, "NVIDIA H100 datasheet"),
        _gpu("h100-pcie", "H100 PCIe", 756.5, 378, 2000, "NVIDIA H100 datasheet"),
        _gpu("a100", "A100 80 GB SXM", 312, 156, 2039, "NVIDIA A100 80GB datasheet"),
        _gpu("a100-40gb", "A100 40 GB SXM", 312, 156, 1555, "NVIDIA A100 datasheet"),
        _gpu("l40s", "L40S", 362.1, 183, 864, "NVIDIA L40S datasheet"),
        _gpu("l4", "L4", 121, 60, 300, "NVIDIA L4 datasheet"),
        _gpu("4090", "GeForce RTX 4090", 330.3, 82.6, 1008, "NVIDIA Ada GPU Architecture whitepaper"),
        _gpu("3090", "GeForce RTX 3090", 142, 35.6, 936, "NVIDIA Ampere GA102 whitepaper"),
        _gpu("v100", "V100 SXM2", 125, 15.7, 900, "NVIDIA V100 datasheet", bf16=False),
        _gpu("t4", "T4", 65, 8.1, 320, "NVIDIA T4 datasheet", bf16=False),
    )
}  # fmt: skip
"""Dense figures: half of what datasheets print for sparse matrices. Of GeForce cards the peak is that of sums
in float16, twice that of sums in float32, which PyTorch takes: a floor has to hold for either."""


@dataclass(frozen=True, slots=True)
class StageFloor:
    """The least time of a stage in nanoseconds; `bound` of it are operations that wait for their weights."""

    path: str
    name: str
    nanoseconds: float
    bound: float


@dataclass(frozen=True, slots=True)
class LatencyFloor:
    """The least time of one forward on a card in a dtype, stage by stage."""

    gpu: Gpu
    dtype: str
    stages: tuple[StageFloor, ...]

    @property
    def nanoseconds(self) -> float:
        """Of the whole forward."""
        return sum(stage.nanoseconds for stage in self.stages)

    @property
    def bound(self) -> float:
        """What of it is spent on weights coming from memory."""
        return sum(stage.bound for stage in self.stages)


def gpu(name: str) -> Gpu:
    """A card by its name. Raises ConfigError for one without a datasheet here."""
    if name not in GPUS:
        known = f"cards: {', '.join(GPUS)}"
        raise ConfigError(f"no card is called {name!r}", hint=did_you_mean(name, GPUS, otherwise=known))
    return GPUS[name]


def floor(architecture: Architecture, card: Gpu, dtype: str) -> LatencyFloor:
    """The least time of one forward. Raises ConfigError for a dtype that the card does not compute in."""
    if dtype not in card.peak:
        raise ConfigError(f"{card.title} has no {dtype}", hint=f"--dtype {' or '.join(card.peak)}")
    weights = _weights(architecture)
    times: dict[str, list[float]] = {stage.path: [0.0, 0.0] for stage in architecture.stages}
    for call in architecture.calls:
        macs = architecture.operations[call.operation].macs
        if not macs:
            continue
        path = architecture.nodes[call.node].path
        stage = architecture.stage_of(path)
        computed = 2 * macs / card.peak[dtype] * GIGA
        moved = weights.pop(path, 0) * DTYPES[dtype] / card.bandwidth * GIGA
        own = times.setdefault(stage.path if stage else "", [0.0, 0.0])
        own[0] += max(computed, moved)
        own[1] += moved if moved > computed else 0.0
    names = {stage.path: stage.name for stage in architecture.stages} | {"": "outside the stages"}
    found = (StageFloor(path, names[path], *both) for path, both in times.items() if both[0])
    return LatencyFloor(card, dtype, tuple(found))


def _weights(architecture: Architecture) -> dict[str, int]:
    """Elements of the weights of each module, read once a forward."""
    held: dict[str, int] = {}
    for tensor in architecture.tensors:
        if tensor.role == "parameter" and len(tensor.shape) > 1:
            held[tensor.owner] = held.get(tensor.owner, 0) + prod(tensor.shape)
    return held
