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
    ("AutoencoderKL, 4 channels, scale 0.13025", 8): "vae-sdxl",  # the same layers, larger tiles
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
    (
        "AutoencoderKLLTXVideo, 128 channels, scale 1, from Lightricks/LTX-Video-0.9.7-diffusers",
        32,
    ): "vae-ltx-0.9.7",  # three of this class differ, by version
}
"""The bundled autoencoder of a class, channels and factor, and where these leave several, of scale and
origin: all that pipelines of diffusers have of these."""
_STRIDES = {
    "AutoencoderKLWan": 4,
    "AutoencoderKLCogVideoX": 4,
    "AutoencoderKLMochi": 6,
    "AutoencoderKLLTXVideo": 8,
}
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
        """The most bytes alive in a run of `samples` samples; None where that is not known."""
        if self.activations is None:
            return None
        first, further = self.activations[dtype]
        return first + (batch - 1) * further


def companions(facts: Facts) -> tuple[Companion, ...]:
    """The text encoders and the VAE that facts name; none for a network that nothing is known of."""
    vae = vae_of(facts)
    return (*text_encoders(facts), *([vae] if vae else []))


def text_encoders(facts: Facts) -> tuple[Companion, ...]:
    """The text and image encoders that facts name."""
    tokens = (*facts.encoder_tokens, *[None] * len(facts.text_encoders))
    return tuple(_encoder(name, read) for name, read in zip(facts.text_encoders, tokens, strict=False))


def vae_of(facts: Facts) -> Companion | None:
    """The VAE that facts name; None where they name none."""
    if not facts.vae:
        return None
    id = _bundled_vae(facts)
    totals = zoo.totals(id) if id else None
    return Companion(facts.vae.partition(",")[0], totals.params if totals else None, vae=id)


def _bundled_vae(facts: Facts) -> str | None:
    """The bundled autoencoder that facts name; None for what a file of another calls its VAE."""
    words, factor = str(facts.vae).split(", "), facts.vae_factor or 0
    known = (_VAES.get((", ".join(words[:count]), factor)) for count in (4, 3, 2))
    return next(filter(None, known), None)


def frames_decoded(vae: str, frames: int) -> int:
    """Frames of the video that a VAE makes of those of a latent."""
    return (frames - 1) * _STRIDES.get(zoo.preset(vae).class_name, 1) + 1


def encodes(facts: Facts) -> bool:
    """Whether the VAE encodes an image for a network: its input channels hold the latent of one."""
    return any(group.name.endswith("-image latent") for group in facts.input_channels)


def reads_image_tokens(facts: Facts) -> bool:
    """Whether the latent of an image stands beside the noisy one as further tokens, in the same channels."""
    return any(" latent or " in group.name for group in facts.input_channels)


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
    return {encoder.name: encoder for encoder in msgspec.json.decode(data, type=list[Encoder])}
