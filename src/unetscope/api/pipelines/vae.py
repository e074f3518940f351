"""The VAE of a pipeline at the size of what its denoiser makes: loaded, and counted half by half."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from unetscope.analysis.memory import vae_halves
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.pipeline import PipelinePart
from unetscope.analysis.memory.tiling import TileSize, tiles
from unetscope.api import loading
from unetscope.errors import TraceError
from unetscope.model import Architecture
from unetscope.sizes import sides
from unetscope.zoo.companions import Companion, encodes, frames_decoded, frames_encoded, vae_of


def halves(
    denoiser: Architecture, *, batch: int, use: Use, load: Callable[..., Architecture], tiling: bool
) -> tuple[list[PipelinePart], list[PipelinePart]]:
    """What a denoiser's VAE runs before it, and after it; `load` is how the VAE is loaded.

    Its encoder runs where input channels hold the latent of an image. Unknown where facts do not name it,
    where the size of the image is not known, or where torch is needed and missing.
    """
    vae = vae_of(denoiser.facts) or _unnamed(denoiser)
    if not vae:
        return [], []
    asked = _image(denoiser, vae.vae) if vae.vae else None
    how: dict[str, Any] = {"use": use, "load": load, "tiling": tiling}
    encoding = [_encoder(vae, asked, batch=batch, **how)] if asked and encodes(denoiser.facts) else []
    # a VAE of images decodes the frames of a video as a batch
    images = 1 if asked and "frames" in asked else denoiser.basis.axes.get("frames", 1)
    return encoding, [_decoder(vae, asked, batch=batch * images, **how)]


def _unnamed(denoiser: Architecture) -> Companion | None:
    """The VAE of a denoiser whose facts name none, though it makes no image itself."""
    of_latents = sides(denoiser.basis.axes) and denoiser.factor != 1
    return Companion("VAE", None) if of_latents else None


def _encoder(
    vae: Companion,
    asked: dict[str, Any],
    *,
    batch: int,
    use: Use,
    load: Callable[..., Architecture],
    tiling: bool,
) -> PipelinePart:
    """The half that encodes an image of this size; of a video, as much as its pipeline encodes."""
    if "frames" in asked:
        asked = asked | {"frames": frames_encoded(str(vae.vae), asked["frames"])}
    with suppress(TraceError):
        network = load(vae.vae, size=asked)
        whole = vae_halves.image_encoder(network, name=vae.name, batch=batch, use=use)
        at = _tiles(network, vae, asked, load) if tiling else {}
        return vae_halves.in_tiles(whole, network, tiles(network), at, batch=batch, use=use) if at else whole
    return vae_halves.unknown_image_encoder(vae)


def _decoder(
    vae: Companion,
    asked: dict[str, Any] | None,
    *,
    batch: int,
    use: Use,
    load: Callable[..., Architecture],
    tiling: bool,
) -> PipelinePart:
    """The half that decodes an image or video of this size."""
    with suppress(TraceError):
        if asked:
            network = load(vae.vae, size=asked)
            whole = vae_halves.decoder(network, name=vae.name, batch=batch, use=use)
            at = _tiles(network, vae, asked, load) if tiling else {}
            return (
                vae_halves.in_tiles(whole, network, tiles(network), at, batch=batch, use=use) if at else whole
            )
    return vae_halves.unknown_decoder(vae, use=use)


def _tiles(
    whole: Architecture, vae: Companion, asked: dict[str, Any], load: Callable[..., Architecture]
) -> dict[TileSize, Architecture]:
    """The VAE at the size of each of its tiles; none where the image is a single one."""
    sizes = tiles(whole)
    if len(sizes) < 2:
        return {}
    return {size: load(vae.vae, size=asked | {"pixels": size}) for size in dict.fromkeys(sizes)}


def frames(denoiser: Architecture) -> int | None:
    """Frames of the video that a denoiser's VAE makes; those of the latent where that is not known."""
    frames = _latent_frames(denoiser)
    vae = vae_of(denoiser.facts)
    return frames_decoded(vae.vae, frames) if frames and vae and vae.vae else frames


def _latent_frames(denoiser: Architecture) -> int | None:
    """Frames of the latent that are decoded: without the one that fills the last patch (CogVideoX 1.5)."""
    frames, patch = denoiser.basis.axes.get("frames"), denoiser.config.get("patch_size_t")
    if not frames or not isinstance(patch, int) or denoiser.class_name != "CogVideoXTransformer3DModel":
        return frames
    return frames - 1 if frames % patch == 0 else frames


def _image(denoiser: Architecture, vae: str) -> dict[str, Any] | None:
    """The size of what a denoiser makes, as a size of its VAE; None where it is not known."""
    size, factor = sides(denoiser.basis.axes), denoiser.facts.vae_factor
    if not size or not factor:
        return None
    asked: dict[str, Any] = {"pixels": (size[0] * factor, size[1] * factor)}
    frames, known = _latent_frames(denoiser), loading.bundled(vae)
    if known and "frames" not in known.basis.axes:  # frames are images to it
        return asked
    return asked | ({"frames": frames_decoded(vae, frames)} if frames else {})
