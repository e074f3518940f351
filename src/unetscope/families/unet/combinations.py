"""Which keys of a UNet's config go together: blocks with their class and channels, embeddings with what
feeds them. Each key alone is judged elsewhere. No torch.

Each rule spares the user a forward of diffusers 0.42 that would fail with a message about tensors.
"""

from __future__ import annotations

from unetscope.errors import ConfigError
from unetscope.families.family import Config
from unetscope.families.unet.context import check_context
from unetscope.families.unet.level import blocks, is_conditional, levels
from unetscope.words.messages import listed, shown

HINT_CHANNELS = 4
"""Channels that the network appends to the sample before conv_in, made of an image hint."""
IMAGE_CHANNELS = 3
"""Channels of the image that skip blocks read from the sample and add to the output."""

_PROJECTED = "projection_class_embeddings_input_dim"
_NEEDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("addition_embed_type", ("text_time",), ("addition_time_embed_dim", _PROJECTED)),
    ("addition_embed_type", ("image", "image_hint"), ("encoder_hid_dim",)),
    ("class_embed_type", ("projection", "simple_projection"), (_PROJECTED,)),
    ("encoder_hid_dim_type", ("text_proj", "text_image_proj", "image_proj"), ("encoder_hid_dim",)),
    ("time_embedding_type", ("learned",), ("num_train_timesteps",)),
)
"""Keys that the value of another key requires: (key, its values, the keys they require)."""


def check_combinations(config: Config) -> None:
    """Raise ConfigError where the keys of a complete config contradict each other."""
    _check_class(config)
    _check_image_channels(config)
    _check_needs(config)
    _check_embeddings(config)
    if is_conditional(config):
        check_context(config)


def _check_class(config: Config) -> None:
    """Check that the forward of the class can call every block."""
    conditional = is_conditional(config)
    class_name = "UNet2DConditionModel" if conditional else "UNet2DModel"
    for block in blocks(levels(config)):
        if "CrossAttn" in block.type and not conditional:
            raise ConfigError(
                f"{block.type} reads a text context, and {class_name} has none",
                hint="the class is probably UNet2DConditionModel: see _class_name",
            )
        if "Skip" in block.type and conditional:
            raise ConfigError(
                f"{block.type} hands on the image, and {class_name} does not take it",
                hint="the class is probably UNet2DModel: see _class_name",
            )
        if "Encoder" in block.type or "Decoder" in block.type:
            raise ConfigError(
                f"{block.type} is a block of an autoencoder: it has no skip connections, "
                "and no UNet can call it",
                hint="the block of a UNet is named without Encoder or Decoder",
            )


def _check_image_channels(config: Config) -> None:
    """Check the channels of skip blocks that resample: they work on images of three."""
    for block in blocks(levels(config)):
        key = "in_channels" if block.way == "down" else "out_channels"
        if "Skip" in block.type and block.resamples and config[key] != IMAGE_CHANNELS:
            raise ConfigError(
                f"{block.type} needs {key} {IMAGE_CHANNELS}, not {config[key]}",
                hint="skip blocks that resample work on images in RGB",
            )


def _check_needs(config: Config) -> None:
    """Check that the keys are there which another key's value requires."""
    if config.get("num_attention_heads") is not None:
        raise ConfigError(
            "num_attention_heads cannot be set: diffusers refuses it for this class",
            hint="here attention_head_dim holds the number of heads",
        )
    for key, values, needed in _NEEDS:
        missing = [name for name in needed if config.get(name) is None]
        if config.get(key) in values and missing:
            message = f"{key} {shown(config[key])} needs {listed(missing)}"
            raise ConfigError(message, hint="each of these must be given, and not null")


def _check_embeddings(config: Config) -> None:
    """Check the width and the source of what is added to the time embedding, or concatenated with it."""
    added = config.get("addition_embed_type")
    if config.get("class_embeddings_concat"):
        if config.get("class_embed_type") is None and config.get("num_class_embeds") is None:
            raise ConfigError(
                "class_embeddings_concat needs class_embed_type or num_class_embeds",
                hint="give one of the two, or leave class_embeddings_concat out",
            )
        if added is not None:
            raise ConfigError(
                f"class_embeddings_concat leaves no room for addition_embed_type {shown(added)}",
                hint="set one of the two to null",
            )
    if added == "image_hint" and config["in_channels"] <= HINT_CHANNELS:
        raise ConfigError(
            f'addition_embed_type "image_hint" takes {HINT_CHANNELS} of the in_channels: '
            f"{config['in_channels']} leave none for the sample",
            hint=f"in_channels is {HINT_CHANNELS} more than the sample has",
        )
    if added == "text_time" and config[_PROJECTED] < config["addition_time_embed_dim"]:
        raise ConfigError(
            f"{_PROJECTED} {config[_PROJECTED]} is less than addition_time_embed_dim",
            hint="it is the pooled text's width plus addition_time_embed_dim for each size id",
        )
