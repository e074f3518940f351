"""What a file says of itself beside its tensors: metadata and its own name. Hints, never answers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from unetscope.words.messages import printable

_TOLD = (
    "modelspec.architecture",
    "modelspec.title",
    "modelspec.prediction_type",
    "modelspec.implementation",
    "ss_base_model_version",
    "ss_sd_model_name",
    "ss_network_module",
    "ss_v2",
    "general.architecture",
    "general.name",
    "general.type",
    "quantization_config",
    "model_class",
)
"""Keys of metadata that say what a file is; trainers and converters write them."""
_LONGEST = 100

_FAMILIES = (
    (r"stable-diffusion-xl|sdxl|sd_?xl|pony|illustrious|noobai", "SDXL"),
    (r"stable-diffusion-v?3|\bsd3", "Stable Diffusion 3"),
    (r"stable-diffusion-v2|\bsd_?(v)?2|v2-(1|inference)", "Stable Diffusion 2"),
    (r"stable-diffusion-v1|\bsd_?(v)?1|v1-5|sd15", "Stable Diffusion 1"),
    (r"flux\.?-?_?2|klein", "FLUX.2"),
    (r"flux", "FLUX.1"),
    (r"chroma", "Chroma"),
    (r"anima\b|anima-", "Anima"),
    (r"qwen-?_?image", "Qwen-Image"),
    (r"z-?_?image", "Z-Image"),
    (r"\bwan", "Wan"),
    (r"hunyuan-?video|hyvid", "HunyuanVideo"),
    (r"ltx", "LTX"),
    (r"lumina", "Lumina"),
    (r"auraflow|\baura\b", "AuraFlow"),
    (r"cosmos", "Cosmos"),
)
_TELLING = ("modelspec.architecture", "ss_base_model_version", "general.architecture")


def told(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The useful entries of the metadata, one line each."""
    return tuple(
        f"metadata {key}: {printable(metadata[key], limit=_LONGEST)}" for key in _TOLD if metadata.get(key)
    )


def family(text: str) -> str:
    """The family that a text speaks of, "" where it names none known."""
    return next((word for pattern, word in _FAMILIES if re.search(pattern, text.lower())), "")


def contradictions(metadata: Mapping[str, str], title: str) -> tuple[str, ...]:
    """Claims of the metadata that the tensors do not bear out."""
    ours = family(title)
    lines = []
    for key in _TELLING:
        claimed = family(metadata.get(key, ""))
        if claimed and ours and claimed != ours and claimed not in title:
            lines.append(
                f"metadata {key} says {printable(metadata[key], limit=60)}, "
                f"but the tensors are those of {title}"
            )
    return tuple(lines)


def prediction(markers: frozenset[str], metadata: Mapping[str, str]) -> tuple[str, bool]:
    """What the network predicts, and whether a marker tensor says so; "" where nothing says it."""
    if "v_pred" in markers:
        return ("v, with zero terminal SNR" if "ztsnr" in markers else "v"), True
    if {"edm_mean", "edm_std"} <= markers:
        return "by EDM, as Playground v2.5", True
    if "edm_vpred.sigma_max" in markers:
        return "v by EDM, as CosXL", True
    return printable(metadata.get("modelspec.prediction_type", ""), limit=40), False


def quantised(metadata: Mapping[str, str]) -> str:
    """The method that metadata names of quantised weights."""
    try:
        settings = json.loads(metadata.get("quantization_config", "{}"))
    except (ValueError, RecursionError):
        return ""
    method = settings.get("method") if isinstance(settings, dict) else None
    return printable(method, limit=40) if isinstance(method, str) else ""
