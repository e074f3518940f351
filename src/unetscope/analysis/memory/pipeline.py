"""What a pipeline runs for one image or video: text encoders, the denoiser at every step, the VAE.

Counts and bytes of each, what they add up to, and the most that the device holds. None means not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from unetscope.analysis.memory.activations import activation_peak
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.placement import Offload, on_device
from unetscope.analysis.memory.precision import width
from unetscope.model import Architecture
from unetscope.zoo.companions import Companion, reads_image_tokens

PipelineRole: TypeAlias = Literal["encoder", "image", "denoiser", "decoder"]
"""What a part does: "image" is a VAE that encodes the image a denoiser is given."""
ONE_BY_ONE = frozenset(
    "ChromaTransformer2DModel CogView4Transformer2DModel HunyuanImageTransformer2DModel "
    "HunyuanVideoTransformer3DModel Krea2Transformer2DModel Lumina2Transformer2DModel "
    "QwenImageTransformer2DModel WanTransformer3DModel WanVACETransformer3DModel".split()
)
"""Classes whose pipelines run guidance's two forwards one after the other; others run them as a batch."""
MODES = ("none", "model", "sequential")
"""How a pipeline is offloaded: all resident, one network at a time, one module at a time."""


@dataclass(frozen=True, slots=True)
class PipelinePart:
    """A network of a pipeline. `macs` are those of one run for the whole batch, `runs` how often it runs.

    `params` and `weights` (bytes) are of the whole network: of a VAE its encoder too, which is loaded with
    it. A VAE that encodes too is counted with its decoder: `shared` says that these `weights` are another
    part's, which has the parameters. `largest` are the bytes of the largest module's own weights,
    `activations` the most in one run. `tokens` is how many an encoder reads.
    """

    name: str
    role: PipelineRole
    params: int | None
    macs: int | None
    runs: int
    weights: int | None
    largest: int | None
    activations: int | None
    tokens: int | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The most bytes on the device in a mode, of `part`; `without` are parts whose size is not known."""

    mode: str
    bytes: int
    part: str
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Parts in the order they run. `decoded_in` is the type that the VAE decodes in, `frames` are those of
    the video that it makes; None for images. `tiling` says that it was asked to run in tiles. `refiner` takes
    over from the denoiser after the share `denoising_end` of the noise."""

    denoiser: Architecture
    use: Use
    batch: int
    steps: int
    cfg: bool
    decoded_in: str
    parts: tuple[PipelinePart, ...]
    frames: int | None = None
    tiling: bool = False
    refiner: Architecture | None = None
    denoising_end: float = 1.0

    @property
    def on_batch(self) -> Architecture:
        """The denoiser with the batch that all figures are of in its basis."""
        return replace(self.denoiser, basis=replace(self.denoiser.basis, batch=self.batch))

    @property
    def without_image_tokens(self) -> bool:
        """Whether the denoiser is also given an image as tokens, which are in none of the figures."""
        return reads_image_tokens(self.denoiser.facts)

    @property
    def params(self) -> int:
        """Parameters of all parts whose size is known."""
        return sum(part.params or 0 for part in self.parts)

    @property
    def macs(self) -> int:
        """MACs of the whole batch, of all parts whose work is known."""
        return sum((part.macs or 0) * part.runs for part in self.parts)

    def unknown(self, name: Literal["params", "macs", "activations"]) -> tuple[str, ...]:
        """Names of the parts of which this is not known."""
        return tuple(part.name for part in self.parts if getattr(part, name) is None)

    def turns(self) -> tuple[int, ...]:
        """Steps of each network that denoises, in order."""
        forwards = 2 if self.cfg else 1
        return tuple(part.runs // forwards for part in self.parts if part.role == "denoiser")

    def has(self, role: PipelineRole) -> bool:
        """Whether a part does this."""
        return any(part.role == role for part in self.parts)

    def held(self) -> tuple[Held, ...]:
        """The most bytes on the device in each mode."""
        return tuple(_held(self.parts, mode) for mode in MODES)


def encoder(known: Companion, *, batch: int, cfg: bool, use: Use) -> PipelinePart:
    """A text or image encoder: with guidance it also reads the negative prompt."""
    size = width(use.dtype)
    return PipelinePart(
        known.name,
        "encoder",
        known.params,
        None if known.macs is None else known.macs * batch,
        2 if cfg else 1,
        None if known.params is None else known.params * size,
        None if known.largest is None else known.largest * size,
        known.activations_of(batch, use.dtype),
        known.tokens,
    )


def denoiser(
    architecture: Architecture, *, turn: str = "", batch: int, steps: int, cfg: bool, use: Use
) -> PipelinePart:
    """A denoiser for a number of steps; `turn` distinguishes it from equal networks that take turns with it.

    MACs are those of one forward; with guidance it runs two of them a step.
    """
    both = cfg and architecture.class_name not in ONE_BY_ONE
    peak = activation_peak(
        at_batch(architecture, batch * (2 if both else 1)), attention=use.attention, dtype=use.dtype
    )
    return PipelinePart(
        architecture.title + turn,
        "denoiser",
        architecture.cost.params,
        architecture.cost.macs * batch,
        steps * (2 if cfg else 1),
        on_device(architecture, dtype=use.dtype, quant=use.quant),
        on_device(architecture, dtype=use.dtype, quant=use.quant, offload=Offload("sequential")),
        peak.bytes,
    )


def decoding_type(denoiser: Architecture, dtype: str) -> str:
    """The type that a denoiser's pipeline decodes in: those of SDXL and Stable Video Diffusion take a VAE in
    float16 to float32 first (`force_upcast`)."""
    text_and_size = denoiser.config.get("addition_embed_type") == "text_time"
    upcasts = text_and_size or denoiser.class_name == "UNetSpatioTemporalConditionModel"
    return "float32" if upcasts and dtype == "float16" else dtype


def _held(parts: Sequence[PipelinePart], mode: str) -> Held:
    """The most bytes of any moment: its part's activations, beside the weights that are there with it."""
    sizes = {part: part.largest if mode == "sequential" else part.weights for part in parts}
    without = tuple(part.name for part, size in sizes.items() if size is None and not part.shared)
    resident = sum(size or 0 for part, size in sizes.items() if not part.shared)
    most = max(parts, key=lambda part: (part.activations or 0) + (0 if mode == "none" else sizes[part] or 0))
    beside = resident if mode == "none" else sizes[most] or 0
    return Held(mode, beside + (most.activations or 0), most.name, without)
