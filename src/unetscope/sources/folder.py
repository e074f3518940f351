"""A diffusers model folder: where its network's config lies, its name, and what its other files say.

The other files are extras: where we cannot read or understand them, we warn.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from unetscope import files
from unetscope.checkpoint import Facts
from unetscope.errors import SourceError
from unetscope.sources import parsing, reading
from unetscope.words.messages import printable

NETWORKS = ("unet", "transformer")
WEIGHTS = "diffusion_pytorch_model"
_FILE, _INDEX = ".safetensors", ".safetensors.index.json"
_GENERIC = frozenset({"config", "model", "unet", "transformer", "architecture", "trace"})
"""File names that say nothing; we use the folder's name instead."""
PROJECT: ContextVar[Path | None] = ContextVar("project", default=None)
"""The real folder of the project whose documents show sources. It is called otherwise in every clone, so its
name is that of no source there: a document that is fresh in one clone is so in all."""
_MAX_WORD = 80
_MAX_LATENT = 4096
"""We do not believe a file that gives a latent more channels, or a larger factor."""
_ON_THE_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
"""The name of a repository; anything else is a path on its maker's machine."""

_PREDICTS_NOISE = frozenset(
    {
        "DDIM",
        "DDPM",
        "DEISMultistep",
        "DPMSolverMultistep",
        "DPMSolverSinglestep",
        "EulerAncestralDiscrete",
        "EulerDiscrete",
        "HeunDiscrete",
        "KDPM2AncestralDiscrete",
        "KDPM2Discrete",
        "LMSDiscrete",
        "PNDM",
        "UniPCMultistep",
    }
)
"""Schedulers whose prediction_type defaults to epsilon (diffusers 0.42)."""

_KL_DEFAULTS = {"latent_channels": 4, "scaling_factor": 0.18215}
_VAE_DEFAULTS: dict[str, dict[str, Any]] = {
    "AutoencoderKL": _KL_DEFAULTS,
    "AutoencoderKLTemporalDecoder": _KL_DEFAULTS,
}
"""Defaults of the fields of a VAE's config, by its class (diffusers 0.42)."""


def config_in(folder: Path) -> Path:
    """The network's config inside a model folder, or in the folder of the network itself.

    Raises SourceError where there is none.
    """
    places = [folder / part / "config.json" for part in NETWORKS] + [folder / "config.json"]
    for place in places:
        if reading.exists(place):
            return place
    raise SourceError(
        f"no config in {printable(str(folder), limit=200)}: looked for "
        + ", ".join(str(place.relative_to(folder)) for place in places),
        hint="give a diffusers model folder, or the config.json itself",
    )


def id_of(path: Path) -> str:
    """A short name for a source, safe as a file name: sd15.json and sd15/unet/config.json → sd15."""
    absolute = Path(os.path.abspath(path))
    stem = absolute.name.removesuffix(".gz").removesuffix(".json").removesuffix(".yaml")
    if stem.lower() in _GENERIC:
        folder = absolute.parent
        for above in (folder, folder.parent) if folder.name in NETWORKS else (folder,):
            stem = above.name if _may_name(above) else stem
    return files.slug(stem)


def _may_name(folder: Path) -> bool:
    project = PROJECT.get()
    return project is None or project in folder.parents


VAES = ("vae", "vqvae", "movq")
"""Folders of a pipeline's VAE, by the names that diffusers' pipelines give it."""


def facts_beside(config: Path) -> tuple[Facts, list[str]]:
    """What the configs of scheduler, VAE and pipeline around `<model>/unet/config.json` say, and warnings."""
    absolute = Path(os.path.abspath(config))
    if absolute.parent.name not in NETWORKS:
        return Facts(), []
    root, warnings = absolute.parent.parent, list[str]()
    scheduler = _extra(root, "scheduler/scheduler_config.json", warnings)
    vae = next(filter(None, (_extra(root, f"{name}/config.json", warnings) for name in VAES)), {})
    index = _extra(root, "model_index.json", warnings)
    facts = Facts(
        prediction_type=_prediction(scheduler),
        scheduler=_word(scheduler.get("_class_name")),
        vae=_vae(vae),
        vae_factor=_vae_factor(vae),
        text_encoders=_text_encoders(index),
    )
    return facts, warnings


def _extra(root: Path, name: str, warnings: list[str]) -> Mapping[str, Any]:
    """A JSON object under the folder; empty if the file is absent, or, with a warning, if it holds none."""
    path = root / name
    if not reading.exists(path):
        return {}
    try:
        value = parsing.parse(reading.read(path), name=name)
    except SourceError as error:
        warnings.append(f"left out: {error.message}")
        return {}
    if isinstance(value, dict):
        return value
    warnings.append(f"left out: {name} is not a JSON object")
    return {}


def _prediction(scheduler: Mapping[str, Any]) -> str | None:
    """What the network predicts, by the scheduler's config or by the default of its class."""
    kind = str(scheduler.get("_class_name")).removesuffix("Scheduler")
    return _word(scheduler.get("prediction_type")) or ("epsilon" if kind in _PREDICTS_NOISE else None)


def _vae(config: Mapping[str, Any]) -> str | None:
    """A VAE in words: its class, latent channels, scaling factor, and the origin of its weights."""
    name = _word(config.get("_class_name"))
    if name is None:
        return None
    known, parts = {**_VAE_DEFAULTS.get(name, {}), **config}, [name]
    channels, scale = known.get("latent_channels"), known.get("scaling_factor")
    origin = _word(known.get("_name_or_path"))
    if isinstance(channels, int) and channels is not True and 0 < channels <= _MAX_LATENT:
        parts.append(f"{channels} channel{'s' if channels > 1 else ''}")
    if isinstance(scale, int | float) and scale is not True and 0 < scale <= _MAX_LATENT:
        parts.append(f"scale {scale:.12g}")
    if origin and _ON_THE_HUB.fullmatch(origin):
        parts.append(f"from {origin}")
    return ", ".join(parts)


def _vae_factor(vae: Mapping[str, Any]) -> int | None:
    """Pixels per latent cell: each level of the VAE but the last halves the size."""
    keys = {
        "AutoencoderKL": "block_out_channels",
        "VQModel": "block_out_channels",
        "AutoencoderKLTemporalDecoder": "block_out_channels",
        "AutoencoderDC": "encoder_block_out_channels",
    }
    levels = vae.get(keys.get(str(vae.get("_class_name")), ""))
    return 2 ** (len(levels) - 1) if isinstance(levels, list) and 1 <= len(levels) <= 8 else None


def _text_encoders(index: Mapping[str, Any]) -> tuple[str, ...]:
    """Class names of the pipeline's text encoders, in order; absent ones are null there."""
    entries = [index.get(f"text_encoder{suffix}") for suffix in ("", "_2", "_3")]
    names = [_word(entry[1]) for entry in entries if isinstance(entry, list) and len(entry) == 2]
    return tuple(name for name in names if name)


def _word(value: object) -> str | None:
    """A short printable string from a file; None for anything else."""
    if isinstance(value, str) and 0 < len(value) <= _MAX_WORD and value.isprintable():
        return value
    return None


def weights_beside(config: Path) -> Path | None:
    """The weights that diffusers loads with a config.json; a variant (fp16) where there are no others."""
    if config.name != "config.json":
        return None
    for place in (
        config.with_name(WEIGHTS + _FILE),
        config.with_name(WEIGHTS + _INDEX),
        *_variants(config.parent),
    ):
        if reading.exists(place) and place.is_file():
            return place
    return None


def _variants(folder: Path) -> Iterator[Path]:
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.startswith(f"{WEIGHTS}."))
    except OSError:
        return
    yield from (folder / name for name in names if name.endswith((_FILE, _INDEX)) and "-of-" not in name)
