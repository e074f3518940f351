"""Which side of a sample counts its channels, and what these usually hold where nothing is known of the
checkpoint: a guess, and named as one."""

from __future__ import annotations

from unetscope import families
from unetscope.checkpoint import ChannelGroup
from unetscope.model import Architecture
from unetscope.sizes import IMAGE_RANK, Shape

_CHANNELLED = 2
"""Batch and channels."""

_NOISY = ChannelGroup("noisy latent", 4)
_PIXELS = ChannelGroup("noisy image", 3)
_MASK = ChannelGroup("mask", 1)
_MASKED = ChannelGroup("masked-image latent", 4)

USUAL: dict[tuple[int, int], tuple[tuple[ChannelGroup, ...], str]] = {
    # (input channels, output channels): the groups in order, and where this is so
    (5, 4): ((_NOISY, ChannelGroup("depth", 1)), "Stable Diffusion 2 depth"),
    (6, 3): ((_PIXELS, ChannelGroup("low-resolution image", 3)), "LDM super-resolution"),
    (6, 6): ((_PIXELS, ChannelGroup("low-resolution image", 3)), "DeepFloyd IF upscalers"),
    (7, 4): ((_NOISY, ChannelGroup("low-resolution image", 3)), "Stable Diffusion x4 upscaler"),
    (8, 4): ((_NOISY, ChannelGroup("image latent", 4)), "InstructPix2Pix, Marigold, Zero123"),
    (9, 4): ((_NOISY, _MASK, _MASKED), "Stable Diffusion inpainting"),
    (9, 8): ((_NOISY, _MASKED, _MASK), "Kandinsky inpainting"),
}
"""From the pipelines of diffusers 0.42 and published configs."""


def usual(architecture: Architecture) -> tuple[tuple[ChannelGroup, ...], str] | None:
    """Groups of input channels as published networks with so many have them, and which those are.

    None where the groups are known, or no such network is. The output's channels count too: with 4 the
    sample is a latent, with 3 an image.
    """
    known = architecture.facts.input_channels
    channels = of_input(architecture)
    if sum(group.count for group in known) == channels:
        return None
    outputs = of_output(architecture)
    return None if outputs is None else USUAL.get((channels, outputs))


def lasting(architecture: Architecture, shape: Shape) -> Shape:
    """The sides of a sample, batch and all, that no size asked for changes: its channels, C of C×H×W."""
    basis = architecture.basis
    moving = families.following(architecture.class_name, architecture.config, basis.axes)
    if moving is None or len(shape) != len(basis.input) + 1:
        return shape[1:2] if len(shape) >= IMAGE_RANK else shape[-1:]
    return tuple(side for place, side in enumerate(shape[1:]) if place not in moving)


def of_input(architecture: Architecture) -> int:
    """Channels of the sample: the width of its tokens where these are packed."""
    shape = architecture.basis.input
    return next(iter(lasting(architecture, (architecture.basis.batch, *shape))), shape[0])


def of_output(architecture: Architecture) -> int | None:
    """Channels of what the network returns; None where that is no tensor with any."""
    shape = architecture.nodes[0].output
    if shape is None or len(shape) < _CHANNELLED:
        return None
    return next(iter(lasting(architecture, shape)), None)
