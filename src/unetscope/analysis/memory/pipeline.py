"""What a pipeline runs for one image or video: text encoders, the denoiser at every step, the VAE's decoder.

Counts and bytes of each, what they add up to, and the most that the device holds. None is what is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.analysis.memory.activations import activation_peak
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.placement import Offload, on_device
from unetscope.analysis.memory.precision import width
from unetscope.families.module_names import is_decoding
from unetscope.model import Architecture
from unetscope.zoo.companions import Companion

Role: TypeAlias = Literal["encoder", "denoiser", "decoder"]
ONE_BY_ONE = frozenset(
    "ChromaTransformer2DModel CogView4Transformer2DModel HunyuanImageTransformer2DModel "
    "HunyuanVideoTransformer3DModel Krea2Transformer2DModel Lumina2Transformer2DModel "
    "QwenImageTransformer2DModel WanTransformer3DModel WanVACETransformer3DModel".split()
)
"""Classes whose pipelines run guidance's two forwards one after the other; others run them as a batch."""
MODES = ("none", "model", "sequential")
"""How a pipeline is offloaded: all resident, one network at a time, one module at a time."""


@dataclass(frozen=True, slots=True)
class Part:
    """A network of a pipeline. `macs` are those of one run for the whole batch, `runs` how often it runs.

    `params` and `weights` (bytes) are of the whole network: of a VAE its encoder too, which is loaded with
    it. `largest` are the bytes of the largest module's own weights, `activations` the most in one run.
    """

    name: str
    role: Role
    params: int | None
    macs: int | None
    runs: int
    weights: int | None
    largest: int | None
    activations: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """The most bytes on the device in a mode, of `part`; `without` are parts whose size is not known."""

    mode: str
    bytes: int
    part: str
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Parts in the order they run. `decoded_in` is the type that the VAE decodes in."""

    denoiser: Architecture
    use: Use
    batch: int
    steps: int
    cfg: bool
    decoded_in: str
    parts: tuple[Part, ...]

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

    def held(self) -> tuple[Held, ...]:
        """The most bytes on the device in each mode."""
        return tuple(_held(self.parts, mode) for mode in MODES)


def encoder(known: Companion, *, batch: int, cfg: bool, use: Use) -> Part:
    """A text or image encoder: with guidance it also reads the negative prompt."""
    size = width(use.dtype)
    return Part(
        known.name,
        "encoder",
        known.params,
        None if known.macs is None else known.macs * batch,
        2 if cfg else 1,
        None if known.params is None else known.params * size,
        None if known.largest is None else known.largest * size,
        None,
    )


def denoisers(architecture: Architecture, *, batch: int, steps: int, cfg: bool, use: Use) -> tuple[Part, ...]:
    """The denoiser, or the networks like it that take turns; MACs are those of a step with its guidance."""
    many = architecture.facts.experts or 1
    both = cfg and architecture.class_name not in ONE_BY_ONE
    peak = activation_peak(
        at_batch(architecture, batch * (2 if both else 1)), attention=use.attention, dtype=use.dtype
    )
    runs = [steps // many + (index < steps % many) for index in range(many)]
    return tuple(
        Part(
            architecture.title if many == 1 else f"{architecture.title} ({index + 1} of {many})",
            "denoiser",
            architecture.cost.params,
            architecture.cost.macs * batch,
            runs[index] * (2 if cfg else 1),
            on_device(architecture, dtype=use.dtype, quant=use.quant),
            on_device(architecture, dtype=use.dtype, quant=use.quant, offload=Offload("sequential")),
            peak.bytes,
        )
        for index in range(many)
    )


def decoding_type(denoiser: Architecture, dtype: str) -> str:
    """The type that a denoiser's pipeline decodes in: those of SDXL and Stable Video Diffusion take a VAE in
    float16 to float32 first (`force_upcast`)."""
    text_and_size = denoiser.config.get("addition_embed_type") == "text_time"
    upcasts = text_and_size or denoiser.class_name == "UNetSpatioTemporalConditionModel"
    return "float32" if upcasts and dtype == "float16" else dtype


def decoder(architecture: Architecture, *, name: str, batch: int, use: Use) -> Part:
    """A VAE whose decoder runs once; its encoder is loaded with it."""
    return Part(
        f"{name}, decoder",
        "decoder",
        architecture.cost.params,
        sum(node.own.macs for node in architecture.nodes if is_decoding(node.path)) * batch,
        1,
        on_device(architecture, dtype=use.dtype),
        on_device(architecture, dtype=use.dtype, offload=Offload("sequential")),
        activation_peak(
            at_batch(architecture, batch),
            attention=use.attention,
            dtype=use.dtype,
            within=lambda call: is_decoding(architecture.nodes[call.node].path),
        ).bytes,
    )


def unknown_decoder(known: Companion, *, use: Use) -> Part:
    """A VAE of which no network is at hand."""
    weights = None if known.params is None else known.params * width(use.dtype)
    return Part(known.name, "decoder", known.params, None, 1, weights, None, None)


def _held(parts: Sequence[Part], mode: str) -> Held:
    """The most bytes of any moment: its part's activations, beside the weights that are there with it."""
    sizes = {part: part.largest if mode == "sequential" else part.weights for part in parts}
    without = tuple(part.name for part, size in sizes.items() if size is None)
    resident = sum(size or 0 for size in sizes.values())
    most = max(parts, key=lambda part: (part.activations or 0) + (0 if mode == "none" else sizes[part] or 0))
    beside = resident if mode == "none" else sizes[most] or 0
    return Held(mode, beside + (most.activations or 0), most.name, without)
