"""Whether the keys of a config fit together: blocks with their class and channels, embeddings with
what feeds them. Each key alone is judged elsewhere. No torch.

Every rule stands for a forward of diffusers 0.42 that would fail with a message about tensors.
"""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.errors import ConfigError
from unetscope.families.family import Config
from unetscope.families.unet.levels import PREFIX, per_level
from unetscope.families.wording import listed, shown

HINT_CHANNELS = 4
"""Channels that an image hint adds to the sample before conv_in."""
IMAGE_CHANNELS = 3
"""Channels that skip blocks read from the sample itself and add to the output."""

_PROJECTED = "projection_class_embeddings_input_dim"
_NEEDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("addition_embed_type", ("text_time",), ("addition_time_embed_dim", _PROJECTED)),
    ("addition_embed_type", ("image", "image_hint"), ("encoder_hid_dim",)),
    ("class_embed_type", ("projection", "simple_projection"), (_PROJECTED,)),
    ("encoder_hid_dim_type", ("text_proj", "text_image_proj", "image_proj"), ("encoder_hid_dim",)),
    ("time_embedding_type", ("learned",), ("num_train_timesteps",)),
)
"""Keys that a value of another key makes necessary: (key, its values, what they need)."""


def check_fit(config: Config) -> None:
    """Raise ConfigError where the keys of a complete config contradict each other."""
    _check_class(config)
    _check_image_channels(config)
    _check_needs(config)
    _check_embeddings(config)
    if "cross_attention_dim" in config:
        _check_context(config)


def block_names(config: Config) -> Iterator[str]:
    """The types of all down and up blocks, without the old prefix."""
    for name in (*config["down_block_types"], *config["up_block_types"]):
        yield name.removeprefix(PREFIX)


def reading_levels(config: Config) -> list[int]:
    """Levels with a block that reads a text context; the mid block stands at the last.

    There is none where every width is that of its level, and either the widths differ, so that no
    context fits them, or the text comes in with the classes (`class_embeddings_concat`): without a
    context such a network attends to itself once more, and so the pipelines of AudioLDM and MusicLDM
    call it. A list per level that repeats `block_out_channels` says the same. A dual transformer cuts
    its context in two, and needs one.
    """
    found = _crossing_levels(config)
    channels, given = list(config["block_out_channels"]), config["cross_attention_dim"]
    widths = [per_level(given, len(channels))[level] for level in found]
    if config.get("dual_cross_attention") or widths != [channels[level] for level in found]:
        return found
    spelled = isinstance(given, list | tuple) and list(given) == channels and len(set(channels)) > 1
    return [] if len(set(widths)) > 1 or spelled or config.get("class_embeddings_concat") else found


def _crossing_levels(config: Config) -> list[int]:
    """Levels with cross-attention, whatever it is given; the mid block has none where its width is null."""
    pairs = zip(config["down_block_types"], reversed(config["up_block_types"]), strict=True)
    names = [down + up for down, up in pairs]
    mid, last = config["mid_block_type"] or "", per_level(config["cross_attention_dim"], len(names))[-1]
    names[-1] += "" if mid == "UNetMidBlock2DCrossAttn" and last is None else mid
    return [level for level, name in enumerate(names) if "CrossAttn" in name]


def context_width(config: Config) -> int:
    """Width of the context that the blocks read; where none does, that of the first level, or 0."""
    widths = per_level(config["cross_attention_dim"], len(config["down_block_types"]))
    return int(widths[next(iter(reading_levels(config)), 0)] or 0)


def _check_class(config: Config) -> None:
    """Each block is one that the forward of its class can call."""
    conditional = "cross_attention_dim" in config
    class_name = "UNet2DConditionModel" if conditional else "UNet2DModel"
    for name in block_names(config):
        if "CrossAttn" in name and not conditional:
            raise ConfigError(
                f"{name} reads a text context, and {class_name} has none",
                hint="the class is probably UNet2DConditionModel: see _class_name",
            )
        if "Skip" in name and conditional:
            raise ConfigError(
                f"{name} hands on the image, and {class_name} does not take it",
                hint="the class is probably UNet2DModel: see _class_name",
            )
        if "Encoder" in name or "Decoder" in name:
            raise ConfigError(
                f"{name} is a block of an autoencoder: it has no skip connections, and no UNet can call it",
                hint="the block of a UNet is named without Encoder or Decoder",
            )


def _check_image_channels(config: Config) -> None:
    """Skip blocks that resample work on images of three channels, whatever the config says."""
    for blocks, key in (("down_block_types", "in_channels"), ("up_block_types", "out_channels")):
        skip = next((name for name in config[blocks][:-1] if "Skip" in name), None)
        if skip and config[key] != IMAGE_CHANNELS:
            raise ConfigError(
                f"{skip} needs {key} {IMAGE_CHANNELS}, not {config[key]}",
                hint="skip blocks that resample work on images in RGB",
            )


def _check_needs(config: Config) -> None:
    """Keys that another key's value makes necessary are there."""
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
    """What is added to or concatenated with the time embedding has its width and its source."""
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


def _check_context(config: Config) -> None:
    """One text context and one image embedding fit all that read them."""
    levels = reading_levels(config)
    widths = per_level(config["cross_attention_dim"], len(config["down_block_types"]))
    if None in (read := {widths[level] for level in levels}):
        raise ConfigError(
            "cross_attention_dim is null at a level that reads the text",
            hint="it is the width of the text context, 768 for Stable Diffusion 1",
        )
    found = sorted(read)
    if len(found) > 1:
        raise ConfigError(
            f"cross_attention_dim differs between levels that read the text: {listed(map(str, found))}",
            hint="all are given one context; a network without one has the channels of each level here",
        )
    _check_pooling(config)
    _check_image_widths(config)


def _check_pooling(config: Config) -> None:
    """Pooled text divides into heads."""
    heads = config["addition_embed_type_num_heads"]
    width = config["encoder_hid_dim"] or config["cross_attention_dim"]
    if config["addition_embed_type"] == "text" and isinstance(width, int) and width % heads:
        raise ConfigError(
            f"text of width {width} does not divide into addition_embed_type_num_heads {heads}",
            hint="take a number of heads that divides the width",
        )


def _check_image_widths(config: Config) -> None:
    """The one image embedding has the width that both its readers take."""
    hidden, cross = config["encoder_hid_dim"], config["cross_attention_dim"]
    by_context = {"image_proj": hidden, "text_image_proj": cross}.get(config["encoder_hid_dim_type"])
    by_time = {"image": hidden, "image_hint": hidden, "text_image": cross}.get(config["addition_embed_type"])
    if None not in (by_context, by_time) and by_context != by_time:
        raise ConfigError(
            f"the image embedding would need two widths: {by_context} for encoder_hid_dim_type, "
            f"{by_time} for addition_embed_type",
            hint="give encoder_hid_dim and cross_attention_dim one width, or leave a reader out",
        )
