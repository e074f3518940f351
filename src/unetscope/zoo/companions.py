"""What a pipeline loads beside its denoiser: the text encoders and the VAE that presets name in their facts.

Encoders are data (`encoders.json`): built from their published configs on the meta device with transformers
5.24 and counted by torch 2.13's FlopCounterMode at the token counts that are listed, at batch 1; causal
attention counts as the full square. Activations are recorded there too, with fused attention where the
class has it, the tokens, their mask, the cached keys and values and the hidden states that the pipeline
asks for among them (CLIP ViT-L/14: as SDXL's does, which keeps them all; that of SD 1 keeps one). `config`
says whose config that is. Parameters of CLIP ViT-L/14 are also printed in Nota-NetsPresso/BK-SDM issue #53,
those of ChatGLM3-6B follow from its index of weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import msgspec

from unetscope import zoo
from unetscope.checkpoint import Facts

_VAES = {
    ("AutoencoderKL, 4 channels", 8): "vae-sd15",
    ("AutoencoderKL, 4 channels", 4): "vae-x4-upscaler",
    ("AutoencoderKL, 16 channels", 8): "vae-sd3",
    ("AutoencoderKLFlux2, 32 channels", 8): "vae-flux2",
    ("AutoencoderDC, 32 channels", 32): "dc-ae-f32c32",
    ("AutoencoderKLQwenImage, 16 channels", 8): "vae-qwen-image",
    ("AutoencoderKLQwenImage, 16 channels", 16): "vae-qwen-image",  # beside a network of 2×2 cells
    ("AutoencoderKLWan, 16 channels", 8): "vae-wan2.1",
    ("AutoencoderKLHunyuanImage, 64 channels", 32): "vae-hunyuanimage",
    ("AutoencoderKLTemporalDecoder, 4 channels", 8): "vae-svd",
    ("AutoencoderKLCogVideoX, 16 channels", 8): "vae-cogvideox",
    ("AutoencoderKLMochi, 12 channels", 8): "vae-mochi",
}
"""The bundled autoencoder of a class, channels and factor: all that pipelines of diffusers have of these."""
_BY_SCALE: dict[tuple[str | None, str], str | None] = {("vae-sd15", "scale 0.13025"): "vae-sdxl"}
"""Another one of the same layers: its tiles are larger."""

_STRIDES = {"AutoencoderKLWan": 4, "AutoencoderKLCogVideoX": 4, "AutoencoderKLMochi": 6}
"""Frames of the video to one of the latent, the first apart, by class; 1 where each frame is an image."""


class Encoder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text or image encoder: parameters, those of its largest module, MACs of a run by its tokens.

    `activations` are the most bytes alive in a run, by tokens and type: of one sample, and of each
    further one.
    """

    name: str
    class_name: str
    params: int
    largest: int
    macs: dict[int, int]
    config: str
    activations: dict[int, dict[str, tuple[int, int]]] = {}


@dataclass(frozen=True, slots=True)
class Companion:
    """A network of the pipeline; `params` None where its size is not known here.

    `macs` are those of a run at the tokens that the model gives it, `largest` the parameters of its largest
    module, `activations` bytes by type; None where they are not known. `vae` is the id of a bundled
    autoencoder.
    """

    name: str
    params: int | None
    macs: int | None = None
    largest: int | None = None
    tokens: int | None = None
    vae: str | None = None
    activations: Mapping[str, tuple[int, int]] | None = None

    def activations_of(self, batch: int, dtype: str) -> int | None:
        """The most bytes alive in a run of so many samples; None where that is not known."""
        if self.activations is None:
            return None
        first, further = self.activations[dtype]
        return first + (batch - 1) * further


def companions(facts: Facts) -> tuple[Companion, ...]:
    """The text encoders and the VAE that facts name; none for a network that nothing is known of."""
    tokens = (*facts.encoder_tokens, *[None] * len(facts.text_encoders))
    found = [_encoder(name, read) for name, read in zip(facts.text_encoders, tokens, strict=False)]
    if facts.vae:
        id = _vae(facts)
        totals = zoo.totals(id) if id else None
        found.append(Companion(facts.vae.partition(",")[0], totals.params if totals else None, vae=id))
    return tuple(found)


def _vae(facts: Facts) -> str | None:
    """The bundled autoencoder that facts name; None for what a file of another calls its VAE."""
    words = str(facts.vae).split(", ")
    found = _VAES.get((", ".join(words[:2]), facts.vae_factor or 0))
    return _BY_SCALE.get((found, "".join(words[2:3])), found)


def frames_decoded(vae: str, frames: int) -> int:
    """Frames of the video that a VAE makes of those of a latent."""
    return (frames - 1) * _STRIDES.get(zoo.preset(vae).class_name, 1) + 1


def encodes(facts: Facts) -> bool:
    """Whether the VAE encodes an image for a network: its input channels hold the latent of one."""
    return any(group.name.endswith("-image latent") for group in facts.input_channels)


def frames_encoded(vae: str, frames: int) -> int:
    """Frames that a VAE encodes of an image to animate: Wan's pipelines pad it with empty ones to the whole
    video, CogVideoX's and SVD's encode it alone."""
    return frames if zoo.preset(vae).class_name == "AutoencoderKLWan" else 1


def _encoder(name: str, tokens: int | None) -> Companion:
    known = encoders().get(name)
    if known is None:
        return Companion(name, None, tokens=tokens)
    macs, activations = known.macs.get(tokens or 0), known.activations.get(tokens or 0)
    return Companion(name, known.params, macs, known.largest, tokens, activations=activations)


@cache
def encoders() -> dict[str, Encoder]:
    """All encoders that are known here, by name."""
    data = (resources.files("unetscope.zoo") / "encoders.json").read_bytes()
    return {one.name: one for one in msgspec.json.decode(data, type=list[Encoder])}
