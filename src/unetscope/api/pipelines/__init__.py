"""From a denoiser to the pipeline around it: with the text encoders and the VAE that its facts name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from unetscope.analysis.memory import pipeline as parts
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.pipeline import Pipeline, PipelinePart
from unetscope.analysis.memory.turns import evenly, handed_over
from unetscope.api import commands, loading
from unetscope.api.loading import Source
from unetscope.api.loading.asked_sizes import Extent
from unetscope.api.picture import Picture
from unetscope.api.pipelines import vae
from unetscope.choices import (
    HANDED_OVER,
    AttentionName,
    CostUnit,
    DiagramFormat,
    DtypeName,
    QuantName,
    ThemeName,
    Width,
    check,
)
from unetscope.errors import ConfigError
from unetscope.model import Architecture
from unetscope.zoo.companions import Companion, text_encoders


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
    refiner: Source | None = None,
    denoising_end: float = HANDED_OVER,
) -> Pipeline:
    """What runs around a denoiser for one image or video: text encoders, its steps, the VAE.

    `steps` and `cfg` are as the model is used unless given. `quant` is the format of the denoiser's weights.
    `tiling` has the VAE run in tiles, as diffusers' enable_tiling does. A `refiner` takes over after the
    share `denoising_end` of the noise. Raises as `load`, and ConfigError for a VAE of which no tiling is
    known, and for a refiner that does not take over.
    """
    check("attention", attention, AttentionName)
    check("quant", quant, QuantName)
    denoiser = loading.load(source, size=size, latent=latent, batch=1, dtype="float32")
    second = refiner and loading.load(refiner, size=size, latent=latent, batch=1, dtype="float32")
    use = Use(dtype, attention, quant=quant)
    return pipeline_of(
        denoiser,
        batch=batch,
        steps=steps,
        cfg=cfg,
        use=use,
        tiling=tiling,
        refiner=second or None,
        denoising_end=denoising_end,
    )


def pipeline_of(
    denoiser: Architecture,
    *,
    batch: int = 1,
    steps: int | None = None,
    cfg: bool | None = None,
    use: Use | None = None,
    tiling: bool = False,
    load: Callable[..., Architecture] = loading.load,
    refiner: Architecture | None = None,
    denoising_end: float = HANDED_OVER,
) -> Pipeline:
    """The pipeline that a denoiser, counted once, runs in; `load` is how its VAE is loaded.

    `steps` and `cfg` None are as the model is used, where that is known, else one step without guidance.
    Raises ConfigError where it was not traced at batch 1 in float32, for a VAE or a ControlNet, and for a
    refiner of other latents.
    """
    if denoiser.input_of("time") is None or "ControlNet" in denoiser.class_name:
        raise ConfigError(
            f"{denoiser.title} is not a denoiser: no pipeline is known around it", hint="leave out --pipeline"
        )
    use, facts = use or Use(), denoiser.facts
    steps = steps or facts.steps or 1
    guided = facts.guidance == "cfg" if cfg is None else cfg
    upcast = parts.decoding_type(denoiser, use.dtype)
    running: dict[str, Any] = {"batch": batch, "cfg": guided, "use": use}
    before = [
        parts.encoder(companion, **running) for companion in (*text_encoders(facts), *_unnamed(denoiser))
    ]
    if refiner:
        before = _read_again(before, refiner, **running)
        denoising = _refined(denoiser, refiner, steps, denoising_end, **running)
    else:
        denoising = _denoised(denoiser, steps, **running)
    encoding, decoding = vae.halves(
        denoiser, batch=batch, use=replace(use, dtype=upcast), load=load, tiling=tiling
    )
    return Pipeline(
        denoiser,
        use,
        batch,
        steps,
        guided,
        upcast,
        (*before, *encoding, *denoising, *decoding),
        vae.frames(denoiser),
        tiling,
        refiner,
        denoising_end if refiner else 1.0,
    )


def _unnamed(denoiser: Architecture) -> list[Companion]:
    """Stand-ins for what must make a denoiser's contexts if facts do not name it; nothing is known of
    them."""
    named = denoiser.facts.text_encoders
    companions = []
    if denoiser.input_of("text context") and not named:
        companions.append(Companion("text encoder", None))
    if denoiser.input_of("image context") and not any("image encoder" in name for name in named):
        companions.append(Companion("what makes the image embedding", None))
    return companions


def _denoised(denoiser: Architecture, steps: int, **running: Any) -> list[PipelinePart]:
    """The denoiser, or the networks like it that take turns."""
    many = denoiser.facts.experts or 1
    turns = [""] if many == 1 else [f" ({index + 1} of {many})" for index in range(many)]
    shares = zip(turns, evenly(steps, many), strict=True)
    return [parts.denoiser(denoiser, turn=turn, steps=share, **running) for turn, share in shares]


def _refined(
    base: Architecture, refiner: Architecture, steps: int, denoising_end: float, **running: Any
) -> list[PipelinePart]:
    """A base and the refiner that goes on with its latent."""
    takes, makes = refiner.by_path[""].output, base.by_path[""].output
    if refiner.input_of("time") is None or takes != makes or refiner.facts.vae != base.facts.vae:
        raise ConfigError(
            f"{refiner.title} does not take over the latent of {base.title}",
            hint="a refiner has the latent and the VAE of its base, as sdxl-refiner those of sdxl",
        )
    shares = zip((base, refiner), handed_over(steps, denoising_end), strict=True)
    return [parts.denoiser(network, steps=share, **running) for network, share in shares]


def _read_again(encoders: list[PipelinePart], refiner: Architecture, **running: Any) -> list[PipelinePart]:
    """Encoders that read the prompt for a refiner too: those of the base are loaded once and run again."""
    wanted = text_encoders(refiner.facts)
    names = {companion.name for companion in wanted}
    again = [
        replace(part, runs=2 * part.runs) if part.role == "encoder" and part.name in names else part
        for part in encoders
    ]
    known = {part.name for part in encoders}
    return again + [
        parts.encoder(companion, **running) for companion in wanted if companion.name not in known
    ]


def draw_pipeline(
    pipeline: Pipeline,
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
    again = commands.around(pipeline, look) if command is None else command
    return Picture(render.pipeline_diagram(pipeline, command=again, **look), format)
