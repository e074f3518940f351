"""The halves of a VAE as parts of a pipeline: each runs by itself, at once or in tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from unetscope.analysis.memory.activations import activation_peak
from unetscope.analysis.memory.batch import at_batch
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.pipeline import PipelinePart, PipelineRole
from unetscope.analysis.memory.placement import Offload, on_device
from unetscope.analysis.memory.precision import width
from unetscope.analysis.memory.tiling import TileSize, tiled_peak
from unetscope.families.module_names import half_of
from unetscope.model import Architecture
from unetscope.zoo.companions import Companion


def decoder(architecture: Architecture, *, name: str, batch: int, use: Use) -> PipelinePart:
    """A VAE whose decoder runs once; its encoder is loaded with it."""
    return _half(architecture, f"{name}, decoder", "decoder", batch=batch, use=use)


def image_encoder(architecture: Architecture, *, name: str, batch: int, use: Use) -> PipelinePart:
    """A VAE whose encoder runs once, on an image that the denoiser is given; it is the decoder's VAE."""
    whole = _half(architecture, f"{name}, encoder", "image", batch=batch, use=use)
    return replace(whole, params=0, shared=True)


def _half(architecture: Architecture, name: str, role: PipelineRole, *, batch: int, use: Use) -> PipelinePart:
    """A VAE of which one half runs at once."""
    macs, peak = _run(architecture, role, batch, use)
    return PipelinePart(
        name,
        role,
        architecture.cost.params,
        macs,
        1,
        on_device(architecture, dtype=use.dtype),
        on_device(architecture, dtype=use.dtype, offload=Offload("sequential")),
        peak + _bytes_given(architecture, role, batch, use),
    )


def _run(architecture: Architecture, role: PipelineRole, batch: int, use: Use) -> tuple[int, int]:
    """MACs of one run of a half, and the most bytes that it makes and reads, without the image that it
    encodes."""

    def runs(path: str) -> bool:
        return half_of(path) == ("encoder" if role == "image" else "decoder")

    peak = activation_peak(
        at_batch(architecture, batch),
        attention=use.attention,
        dtype=use.dtype,
        within=lambda call: runs(architecture.nodes[call.node].path),
    )
    return sum(node.own.macs for node in architecture.nodes if runs(node.path)) * batch, peak.bytes


def in_tiles(
    whole: PipelinePart,
    image: Architecture,
    tiles: Sequence[TileSize],
    at: Mapping[TileSize, Architecture],
    *,
    batch: int,
    use: Use,
) -> PipelinePart:
    """A half of a VAE that runs once for each tile, in order. `whole` is the half run in one piece, `at` the
    VAE at the size of each tile, `image` the VAE at the size of the image."""
    role = whole.role
    known = {size: _run(tile, role, batch, use) for size, tile in at.items()}
    results = {size: _bytes_made(tile, role, batch, use) for size, tile in at.items()}
    peak = tiled_peak(
        [(known[size][1], results[size]) for size in tiles], _bytes_made(image, role, batch, use)
    )
    return replace(
        whole,
        name=f"{whole.name} in {len(tiles)} tiles",
        macs=sum(known[size][0] for size in tiles),
        activations=peak + _bytes_given(image, role, batch, use),
    )


def _bytes_given(vae: Architecture, role: PipelineRole, batch: int, use: Use) -> int:
    """Bytes of the image that a half is given: all tiles of it are views. A latent is made in the trace."""
    elements = sum(prod(input_.shape) for input_ in vae.inputs if role == "image")
    return elements * batch * width(use.dtype)


def _bytes_made(vae: Architecture, role: PipelineRole, batch: int, use: Use) -> int:
    """Bytes of what a half of a VAE makes: the latent's distribution, or the image or video."""
    encoded = next((node.output for node in vae.nodes if half_of(node.path) == "encoder"), None)
    shape = encoded if role == "image" else vae.by_path[""].output
    return prod(shape or ()) * batch * width(use.dtype)


def unknown_decoder(known: Companion, *, use: Use) -> PipelinePart:
    """A VAE of which no network is at hand."""
    weights = None if known.params is None else known.params * width(use.dtype)
    return PipelinePart(known.name, "decoder", known.params, None, 1, weights, None, None)


def unknown_image_encoder(known: Companion) -> PipelinePart:
    """A VAE that encodes an image, of which no network is at hand; its decoder tells of its weights."""
    return PipelinePart(f"{known.name}, encoder", "image", 0, None, 1, None, None, None, shared=True)
