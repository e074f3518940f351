"""What input channels usually hold where nothing is known of the checkpoint: a guess, and named as one."""

from __future__ import annotations

from unetscope.model import Architecture, ChannelGroup

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
    channels = architecture.basis.input[0]
    if sum(group.count for group in known) == channels:
        return None
    made = architecture.nodes[0].output
    return USUAL.get((channels, made[1])) if made is not None and len(made) > 1 else None
