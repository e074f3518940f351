"""How large a network a config describes, estimated before anything is built.

The estimates only have to catch what is absurd: modules are counted within a few per cent,
parameters from above.
"""

from __future__ import annotations

from unetscope.families.family import Config
from unetscope.families.unet.levels import Depth, depths, per_level

MAX_MODULES = 20_000
"""Ten times SDXL; building that many takes a few seconds."""
MAX_PARAMETERS = 10**13

_EMBEDDED = (
    "num_class_embeds",
    "num_train_timesteps",
    "projection_class_embeddings_input_dim",
    "time_cond_proj_dim",
)
"""Keys that give the number of rows of an embedding or the width of what it projects."""

_RESNET = 9
_TRANSFORMER = 6
_TRANSFORMER_BLOCK = 24
_ATTENTION = 8


def modules(config: Config) -> int:
    """Modules that diffusers would build for a complete and well-typed UNet config."""
    resnets, attentions, blocks = _counts(config)
    inside = _TRANSFORMER if "transformer_layers_per_block" in config else _ATTENTION
    return resnets * _RESNET + attentions * inside + blocks * _TRANSFORMER_BLOCK


def parameters(config: Config) -> int:
    """An upper bound on the parameters of a complete and well-typed UNet config."""
    resnets, attentions, blocks = _counts(config)
    width, time = max(config["block_out_channels"]), _time_width(config)
    text = max(width or 1 for width in per_level(config.get("cross_attention_dim"), 1))
    resnet = 9 * 3 * width * width + 2 * time * width + 2 * width * width
    attention = 4 * width * width
    block = 2 * (4 * width * width + 2 * width * text) + 12 * width * width
    inside = resnets * resnet + attentions * attention + blocks * block
    return int(inside + _outside(config, width, time, text))


def _counts(config: Config) -> tuple[int, int, int]:
    """Residual blocks, attention modules and transformer blocks of all stages."""
    downs, ups = config["down_block_types"], config["up_block_types"]
    layers, (down, up) = per_level(config["layers_per_block"], len(downs)), depths(config)
    stages = [*zip(downs, layers, down, strict=False)]
    stages += [(n, count + 1, depth) for n, count, depth in zip(ups, layers[::-1], up, strict=False)]
    attended = [stage for stage in stages if "Attn" in stage[0]]
    return (
        sum(count for _, count, _ in stages) + 2 + 2 * len(stages),
        sum(count for _, count, _ in attended) + 1,
        sum(_blocks(depth, count) for _, count, depth in attended) + _blocks(down[-1], 1),
    )


def _blocks(depth: Depth, layers: int) -> int:
    """Transformer blocks of a stage: the same number in each layer, or one number per layer."""
    return depth * layers if isinstance(depth, int) else sum(filter(None, (depth or [])[:layers]))


def _time_width(config: Config) -> int:
    return int(config.get("time_embedding_dim") or config["block_out_channels"][0] * 4)


def _outside(config: Config, width: int, time: int, text: int) -> int:
    """Parameters of the layers outside the stages: convolutions in and out, and embeddings."""
    kernels = config.get("conv_in_kernel", 3) ** 2, config.get("conv_out_kernel", 3) ** 2
    ends = width * (config["in_channels"] * kernels[0] + config["out_channels"] * kernels[1])
    entries = sum(config.get(key) or 0 for key in _EMBEDDED)
    context = (config.get("encoder_hid_dim") or 0) * (text + time)
    return int(ends + 2 * time * (width + time + entries) + context)
