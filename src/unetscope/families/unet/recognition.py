"""Whether a config that names no class is one of a UNet, and of which, by its keys and blocks."""

from __future__ import annotations

from unetscope.families.family import Config

_TELLTALE = frozenset({"down_block_types", "up_block_types", "block_out_channels", "layers_per_block"})


def is_unet(config: Config) -> bool:
    """Whether a config has keys of a UNet, and none of an autoencoder."""
    return len(_TELLTALE & config.keys()) > 1 and "latent_channels" not in config


def has_blocks_of(class_name: str, config: Config) -> bool:
    """Whether blocks that read a text, or none of them, suit one of the two classes."""
    types = config.get("down_block_types")
    reads_text = isinstance(types, list) and any("CrossAttn" in str(type) for type in types)
    return reads_text == (class_name == "UNet2DConditionModel")
