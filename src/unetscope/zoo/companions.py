"""What a pipeline loads beside its denoiser: parameters of the networks that presets name in their facts."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.model import Facts

_TEXT = {
    "CLIP ViT-L/14": 123_060_480,
    "OpenCLIP ViT-H/14": 340_387_840,
    "OpenCLIP ViT-bigG/14": 694_659_840,
    "ChatGLM3-6B": 6_243_584_000,
}
"""Text models as the pipelines load them, built from their published configs on the meta device with
transformers 5.24: CLIPTextModel of runwayml/stable-diffusion-v1-5 and stabilityai/stable-diffusion-2-1 (23 of
its 24 layers), CLIPTextModelWithProjection of stabilityai/stable-diffusion-xl-base-1.0, ChatGLMModel of
Kwai-Kolors/Kolors (its index of weights says 12,487,168,064 bytes, 2 a parameter). The first is also
printed in Nota-NetsPresso/BK-SDM issue #53."""

_VAE = {("AutoencoderKL, 4 channels", 8): 83_653_863, ("AutoencoderKL, 4 channels", 4): 55_325_927}
"""By class, channels and factor: diffusers 0.42's AutoencoderKL with two layers a block and 128, 256, 512
(, 512) channels, encoder and decoder."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A network of the pipeline; `params` None where its size is not known here."""

    name: str
    params: int | None


def companions(facts: Facts) -> tuple[Companion, ...]:
    """The text encoders and the VAE that facts name; none for a network that nothing is known of."""
    networks = [Companion(name, _TEXT.get(name)) for name in facts.text_encoders]
    if facts.vae:
        name = ", ".join(facts.vae.split(", ")[:2])
        networks.append(Companion(name.partition(",")[0], _VAE.get((name, facts.vae_factor or 0))))
    return tuple(networks)
