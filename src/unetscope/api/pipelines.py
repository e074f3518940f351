"""From a denoiser to the pipeline around it: with the text encoders and the VAE that its facts name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from unetscope.analysis.memory import pipeline as parts
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.pipeline import Part, Pipeline
from unetscope.api import loading
from unetscope.api.asked_sizes import Extent
from unetscope.api.loading import Source
from unetscope.choices import AttentionName, DtypeName, QuantName, check
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.sizes import sides
from unetscope.zoo.companions import Companion, companions, frames_decoded


def pipeline(
    source: Source,
    *,
    size: Extent | None = None,
    latent: Extent | None = None,
    batch: int = 1,
    steps: int | None = None,
    cfg: bool | None = None,
    dtype: DtypeName = "float16",
    attention: AttentionName = "fused",
    quant: QuantName | None = None,
) -> Pipeline:
    """What runs around a denoiser for one image or video: text encoders, its steps, the VAE's decoder.

    `steps` and `cfg` are as the model is used unless given. `quant` is the format of the denoiser's weights.
    Raises as `load`.
    """
    check("attention", attention, AttentionName)
    check("quant", quant, QuantName)
    denoiser = loading.load(source, size=size, latent=latent, batch=1, dtype="float32")
    return pipeline_of(denoiser, batch=batch, steps=steps, cfg=cfg, use=Use(dtype, attention, quant=quant))


def pipeline_of(
    denoiser: Architecture,
    *,
    batch: int = 1,
    steps: int | None = None,
    cfg: bool | None = None,
    use: Use | None = None,
    load: Callable[..., Architecture] = loading.load,
) -> Pipeline:
    """The pipeline that a denoiser, counted once, runs in; `load` is how its VAE is loaded.

    `steps` and `cfg` None are as the model is used, where that is known, else one step without guidance.
    Raises ConfigError where it was not traced at batch 1 in float32, and for a VAE or a ControlNet.
    """
    if denoiser.input_of("time") is None or "ControlNet" in denoiser.class_name:
        raise ConfigError(
            f"{denoiser.title} is no denoiser: no pipeline is known around it", hint="leave out --pipeline"
        )
    use, facts = use or Use(), denoiser.facts
    steps = steps or facts.steps or 1
    guided = facts.guidance == "cfg" if cfg is None else cfg
    upcast = parts.decoding_type(denoiser, use.dtype)
    decoding = replace(use, dtype=upcast)
    found: list[Part] = []
    decoders: list[Part] = []
    for one in companions(facts):
        if one.vae is None and facts.vae and one.name == facts.vae.split(", ")[0]:
            decoders.append(parts.unknown_decoder(one, use=decoding))
        elif one.vae is None:
            found.append(parts.encoder(one, batch=batch, cfg=guided, use=use))
        else:
            decoders.append(_decoder(denoiser, one, batch=batch, use=decoding, load=load))
    found += parts.denoisers(denoiser, batch=batch, steps=steps, cfg=guided, use=use)
    return Pipeline(denoiser, use, batch, steps, guided, upcast, (*found, *decoders))


def _decoder(
    denoiser: Architecture, vae: Companion, *, batch: int, use: Use, load: Callable[..., Architecture]
) -> Part:
    """The VAE at the size of the image; unknown where that is not, or where torch is needed and missing."""
    asked = _image(denoiser, str(vae.vae))
    with suppress(TraceError):
        if asked:
            found = load(vae.vae, size=asked)
            # a VAE of images decodes the frames of a video as a batch
            images = 1 if "frames" in found.basis.axes else denoiser.basis.axes.get("frames", 1)
            return parts.decoder(found, name=vae.name, batch=batch * images, use=use)
    return parts.unknown_decoder(vae, use=use)


def _image(denoiser: Architecture, vae: str) -> dict[str, Any] | None:
    """The size of what a denoiser makes, as a size of its VAE; None where it is not known."""
    found, factor = sides(denoiser.basis.axes), denoiser.facts.vae_factor
    if not found or not factor:
        return None
    asked: dict[str, Any] = {"pixels": (found[0] * factor, found[1] * factor)}
    frames = denoiser.basis.axes.get("frames")
    return asked | ({"frames": frames_decoded(vae, frames)} if frames else {})
