"""How large a network a config describes, estimated before anything is built.

The estimates only have to catch absurd configs: that of modules is right within a few per cent, that of
parameters is an upper bound.
"""

from __future__ import annotations

from unetscope.families.family import Config
from unetscope.families.unet.level import UNetBlock, blocks, is_conditional, levels, time_width

MAX_MODULES = 20_000
"""Ten times SDXL; building that many takes a few seconds."""
MAX_PARAMETERS = 10**13

_EMBEDDED = (
    "num_class_embeds",
    "num_train_timesteps",
    "projection_class_embeddings_input_dim",
    "time_cond_proj_dim",
)
"""Keys that give the number of rows of an embedding, or the width of its input."""

_RESNET = 9
_TRANSFORMER = 6
_TRANSFORMER_BLOCK = 24
_ATTENTION = 8


def modules(config: Config) -> int:
    """Modules that diffusers would build for a complete and well-typed UNet config."""
    resnets, attentions, transformer_blocks = _counts(config)
    inside = _TRANSFORMER if is_conditional(config) else _ATTENTION
    return resnets * _RESNET + attentions * inside + transformer_blocks * _TRANSFORMER_BLOCK


def parameters(config: Config) -> int:
    """An upper bound on the parameters of a complete and well-typed UNet config."""
    resnets, attentions, transformer_blocks = _counts(config)
    width, time = max(level.channels for level in levels(config)), time_width(config)
    text = max(level.context or 1 for level in levels(config))
    resnet = 9 * 3 * width * width + 2 * time * width + 2 * width * width
    attention = 4 * width * width
    block = 2 * (4 * width * width + 2 * width * text) + 12 * width * width
    inside = resnets * resnet + attentions * attention + transformer_blocks * block
    return int(inside + _outside(config, width, time, text))


def _counts(config: Config) -> tuple[int, int, int]:
    """Residual blocks, attention modules and transformer blocks. Resamplers count as residual blocks."""
    every = list(blocks(levels(config)))
    attending = [block for block in every if block.attends]
    return (
        sum(block.layers + 2 for block in every),
        sum(block.layers for block in attending),
        sum(_transformer_blocks(block) for block in attending),
    )


def _transformer_blocks(block: UNetBlock) -> int:
    """The same number in each layer, or one number per layer."""
    if isinstance(block.depth, int):
        return block.depth * block.layers
    return sum(filter(None, (block.depth or [])[: block.layers]))


def _outside(config: Config, width: int, time: int, text: int) -> int:
    """Parameters of the layers outside the stages: convolutions in and out, and embeddings."""
    kernels = config.get("conv_in_kernel", 3) ** 2, config.get("conv_out_kernel", 3) ** 2
    ends = width * (config["in_channels"] * kernels[0] + config["out_channels"] * kernels[1])
    entries = sum(config.get(key) or 0 for key in _EMBEDDED)
    context = (config.get("encoder_hid_dim") or 0) * (text + time)
    return int(ends + 2 * time * (width + time + entries) + context)
