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
    """A card by its vendor's figures: dense peak in FLOP/s by dtype, the highest of its ways to compute in
    that type (float32: TF32 where it has that), and bytes/s of its memory.

    `source` is who prints them; `read` where we read them: second-hand, as the vendor's own pages could not
    be read.
    """

    name: str
    title: str
    peak: Mapping[str, int]
    bandwidth: int
    source: str
    read: str

    @property
    def cited(self) -> str:
        """Who prints the figures, and that we read them second-hand."""
        return f"{self.source}, second-hand"


def _gpu(
    name: str, title: str, half: float, single: float, gigabytes: int, source: str, read: str, *,
    brain: float | None = None,
) -> Gpu:  # fmt: skip
    """A card by its figures in TFLOP/s and GB/s; `brain` is bfloat16's where it differs, 0 for none."""
    figures = {"float16": half, "bfloat16": half if brain is None else brain, "float32": single}
    peak = {dtype: round(figure * TERA) for dtype, figure in figures.items() if figure}
    return Gpu(name, title, peak, gigabytes * GIGA, source, read)


_H100 = "archive-lib.hpctech.co.jp/gpuproduct/nvidia-h100.html; glennklockwood.com/garden/processors/h100"
_TABLE = "github.com/winston-zhang-orz/gpu-specs, specs.md"
_A100 = f"glennklockwood.com/garden/processors/A100; {_TABLE}"


GPUS = {
    card.name: card
    for card in (
        _gpu("h200", "H200 SXM", 989.5, 494.7, 4800, "NVIDIA H200 datasheet",
             "github.com/astroC86/gpu-datasheet, README.md"),
        _gpu("h100-sxm", "H100 SXM", 989.5, 494.7, 3350, "NVIDIA H100 datasheet", _H100),
        _gpu("h100-pcie", "H100 PCIe", 756.5, 378, 2000, "NVIDIA H100 datasheet", _H100),
        _gpu("a100", "A100 80 GB SXM", 312, 156, 2039, "NVIDIA A100 80GB datasheet", _A100),
        _gpu("a100-40gb", "A100 40 GB SXM", 312, 156, 1555, "NVIDIA A100 datasheet", _A100),
        _gpu("l40s", "L40S", 366.5, 183, 864, "NVIDIA L40S datasheet",
             "mullet.se, product 355414: 362.05 dense but 733 sparse, of which the half is taken"),
        _gpu("l4", "L4", 121, 60, 300, "NVIDIA L4 datasheet", f"{_TABLE}; github.com/kentjliu/acml-project1"),
        _gpu("4090", "GeForce RTX 4090", 330.3, 82.6, 1008, "NVIDIA Ada GPU Architecture whitepaper",
             "waredb.com/processor/nvidia-geforce-rtx-4090: 165.15 with sums in float32, here twice that",
             brain=165.2),
        _gpu("3090", "GeForce RTX 3090", 142, 35.6, 936, "NVIDIA Ampere GA102 whitepaper",
             "a public table of peaks that cites its appendix A; memory: github.com/xiaozheyao/triteia",
             brain=71),
        _gpu("v100", "V100 SXM2", 125, 15.7, 900, "NVIDIA V100 datasheet", _TABLE, brain=0),
        _gpu("t4", "T4", 65, 8.1, 320, "NVIDIA T4 datasheet", f"{_TABLE}; sysrqmts.com (memory)", brain=0),
    )
}  # fmt: skip
"""Dense figures: half of what datasheets print for sparse matrices. Of GeForce cards the peak in float16 is
that of sums in float16, twice that of sums in float32, which PyTorch takes: a floor has to hold for either.
bfloat16 has sums in float32 alone."""


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
    stages = (StageFloor(path, names[path], *both) for path, both in times.items() if both[0])
    return LatencyFloor(card, dtype, tuple(stages))


def _weights(architecture: Architecture) -> dict[str, int]:
    """Elements of the weights of each module, read once a forward."""
    elements: dict[str, int] = {}
    for tensor in architecture.tensors:
        if tensor.role == "parameter" and len(tensor.shape) > 1:
            elements[tensor.owner] = elements.get(tensor.owner, 0) + prod(tensor.shape)
    return elements
