"""From a denoiser to the pipeline around it: with the text encoders and the VAE that its facts name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from unetscope.analysis.memory import pipeline as parts
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.pipeline import Pipeline, PipelinePart
from unetscope.analysis.memory.tiling import tiles
from unetscope.api import commands, loading
from unetscope.api.asked_sizes import Extent
from unetscope.api.loading import Source
from unetscope.api.picture import Picture
from unetscope.choices import (
    AttentionName,
    CostUnit,
    DiagramFormat,
    DtypeName,
    QuantName,
    ThemeName,
    Width,
    check,
)
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.sizes import sides
from unetscope.zoo.companions import Companion, companions, encodes, frames_decoded, frames_encoded


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
    tiling: bool = False,
) -> Pipeline:
    """What runs around a denoiser for one image or video: text encoders, its steps, the VAE.

    `steps` and `cfg` are as the model is used unless given. `quant` is the format of the denoiser's weights.
    `tiling` has the VAE decode in tiles, as diffusers' enable_tiling does. Raises as `load`, and ConfigError
    for a VAE of which no tiling is known.
    """
    check("attention", attention, AttentionName)
    check("quant", quant, QuantName)
    denoiser = loading.load(source, size=size, latent=latent, batch=1, dtype="float32")
    use = Use(dtype, attention, quant=quant)
    return pipeline_of(denoiser, batch=batch, steps=steps, cfg=cfg, use=use, tiling=tiling)


def pipeline_of(
    denoiser: Architecture,
    *,
    batch: int = 1,
    steps: int | None = None,
    cfg: bool | None = None,
    use: Use | None = None,
    tiling: bool = False,
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
    found: list[PipelinePart] = []
    decoders: list[PipelinePart] = []
    for one in companions(facts):
        if one.vae is None and facts.vae and one.name == facts.vae.split(", ")[0]:
            decoders.append(parts.unknown_decoder(one, use=decoding))
        elif one.vae is None:
            found.append(parts.encoder(one, batch=batch, cfg=guided, use=use))
        else:
            found += _image_encoders(denoiser, one, batch=batch, use=decoding, load=load)
            decoders.append(_decoder(denoiser, one, batch=batch, use=decoding, load=load, tiling=tiling))
    found += parts.denoisers(denoiser, batch=batch, steps=steps, cfg=guided, use=use)
    return Pipeline(
        denoiser, use, batch, steps, guided, upcast, (*found, *decoders), _frames(denoiser), tiling
    )


def draw_pipeline(
    found: Pipeline,
    *,
    format: DiagramFormat = "svg",
    theme: ThemeName = "light",
    unit: CostUnit = "macs",
    width: Width = "readme",
    command: str | None = None,
) -> Picture:
    """What a pipeline runs in order, drawn: parameters, work and memory of each part.

    `format` is svg, png or json, `theme` light, dark, auto or paper, `unit` macs or flops, `width` readme,
    full or column. `command` is printed at the foot, by default the one that draws this picture again.
    Raises OutputError for an unknown choice.
    """
    from unetscope import render

    look: dict[str, Any] = {"format": format, "theme": theme, "unit": unit, "width": width}
    again = commands.around(found, look) if command is None else command
    return Picture(render.pipeline_diagram(found, command=again, **look), format)


def _decoder(
    denoiser: Architecture,
    vae: Companion,
    *,
    batch: int,
    use: Use,
    load: Callable[..., Architecture],
    tiling: bool,
) -> PipelinePart:
    """The VAE at the size of the image; unknown where that is not, or where torch is needed and missing."""
    asked = _image(denoiser, str(vae.vae))
    with suppress(TraceError):
        if asked:
            found = load(vae.vae, size=asked)
            # a VAE of images decodes the frames of a video as a batch
            images = 1 if "frames" in found.basis.axes else denoiser.basis.axes.get("frames", 1)
            whole = parts.decoder(found, name=vae.name, batch=batch * images, use=use)
            sizes = tiles(found) if tiling else []
            if len(sizes) < 2:
                return whole
            at = {size: load(vae.vae, size=asked | {"pixels": size}) for size in dict.fromkeys(sizes)}
            return parts.tiled_decoder(whole, found, sizes, at, batch=batch * images, use=use)
    return parts.unknown_decoder(vae, use=use)


def _image_encoders(
    denoiser: Architecture, vae: Companion, *, batch: int, use: Use, load: Callable[..., Architecture]
) -> list[PipelinePart]:
    """The VAE that encodes the image in a denoiser's input channels; none where they hold noise alone."""
    asked = _image(denoiser, str(vae.vae))
    if not asked or not encodes(denoiser.facts):
        return []
    if "frames" in asked:
        asked |= {"frames": frames_encoded(str(vae.vae), asked["frames"])}
    with suppress(TraceError):
        return [parts.image_encoder(load(vae.vae, size=asked), name=vae.name, batch=batch, use=use)]
    return [parts.unknown_image_encoder(vae)]


def _frames(denoiser: Architecture) -> int | None:
    """Frames of the video that a denoiser's VAE makes; those of the latent where that is not known."""
    frames = _latent_frames(denoiser)
    vaes = [one.vae for one in companions(denoiser.facts) if one.vae]
    return frames_decoded(vaes[0], frames) if frames and vaes else frames


def _latent_frames(denoiser: Architecture) -> int | None:
    """Frames of the latent that are decoded: without the one that fills the last patch (CogVideoX 1.5)."""
    frames, patch = denoiser.basis.axes.get("frames"), denoiser.config.get("patch_size_t")
    if not frames or not isinstance(patch, int) or denoiser.class_name != "CogVideoXTransformer3DModel":
        return frames
    return frames - 1 if frames % patch == 0 else frames


def _image(denoiser: Architecture, vae: str) -> dict[str, Any] | None:
    """The size of what a denoiser makes, as a size of its VAE; None where it is not known."""
    found, factor = sides(denoiser.basis.axes), denoiser.facts.vae_factor
    if not found or not factor:
        return None
    asked: dict[str, Any] = {"pixels": (found[0] * factor, found[1] * factor)}
    frames, known = _latent_frames(denoiser), loading.bundled(vae)
    if known and "frames" not in known.basis.axes:  # frames are images to it
        return asked
    return asked | ({"frames": frames_decoded(vae, frames)} if frames else {})
