"""What runs in a pipeline and what it makes, in words: one place for text, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

ROLES = {"encoder": "encoder", "image": "VAE encode", "denoiser": "denoiser", "decoder": "VAE decode"}
"""What a part does."""
MODES = {"none": "all resident", "model": "model offload", "sequential": "sequential offload"}
"""How a pipeline's weights come to the device."""
_MISSING = {"params": "parameters", "macs": "MACs", "activations": "activations"}


def made(batch: int, *, frames: bool) -> str:
    """What one run of a pipeline makes: "one image", "2 videos"."""
    what = "video" if frames else "image"
    return f"one {what}" if batch == 1 else f"{batch} {what}s"


def missing(unknown: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """What is not known of which part, a line for each figure; nothing is left out without a word."""
    for name, parts in unknown.items():
        if named := ", ".join(dict.fromkeys(parts)):
            yield f"NOT COUNTED, not known: {_MISSING[name]} of {named}"


def tiled(*, tiling: bool, decodes: bool, encodes: bool) -> str:
    """What of a VAE is not in tiles; "" where nothing is left to say."""
    if not tiling:
        return "VAE not tiled" if decodes or encodes else ""
    return "VAE's encoder not tiled" if encodes else ""
