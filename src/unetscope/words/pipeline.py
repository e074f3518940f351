"""What runs in a pipeline and what it makes, in words: one place for text, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

ROLES = {"encoder": "encoder", "image": "VAE encode", "denoiser": "denoiser", "decoder": "VAE decode"}
"""What a part does."""
MODES = {"none": "all resident", "model": "model offload", "sequential": "sequential offload"}
"""How a pipeline's weights come to the device."""
_MISSING = {"params": "parameters", "macs": "MACs", "activations": "activations"}


def handed_over(denoising_end: float, steps: Iterable[int]) -> str:
    """ "the refiner takes over at denoising_end 0.8: 40 + 10 steps"."""
    shares = " + ".join(map(str, steps))
    return f"the refiner takes over at denoising_end {denoising_end:g}: {shares} steps"


def made(batch: int, *, frames: bool) -> str:
    """What one run of a pipeline makes: "one image", "2 videos"."""
    what = "video" if frames else "image"
    return f"one {what}" if batch == 1 else f"{batch} {what}s"


def missing(unknown: Mapping[str, Iterable[str]], *, image_tokens: bool = False) -> Iterator[str]:
    """What is not known of which part, a line for each figure; nothing is left out without a word.

    `image_tokens` says that those of an image which the denoiser is given are not counted.
    """
    if image_tokens:
        yield "NOT COUNTED: the source image's tokens in the denoiser, MACs and activations"
    for name, parts in unknown.items():
        if named := ", ".join(dict.fromkeys(parts)):
            yield f"NOT COUNTED, not known: {_MISSING[name]} of {named}"


def tiled(*, tiling: bool, with_vae: bool) -> str:
    """That a VAE is not asked to run in tiles; "" where it is, or where there is none."""
    return "VAE not tiled" if with_vae and not tiling else ""
