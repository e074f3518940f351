"""Which levels of a UNet2DConditionModel read a text context, and how wide it is. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.errors import ConfigError
from unetscope.families.family import Config
from unetscope.families.unet.level import UNetLevel, levels
from unetscope.words.messages import listed


def reading_levels(config: Config) -> list[UNetLevel]:
    """Levels with a block that reads a text context.

    No level reads one if every width equals the channels of its level and one of three things holds: the
    widths differ, so that no single context fits them; the list merely repeats `block_out_channels`; or
    the text enters with the class embedding (`class_embeddings_concat`). Without a context such a network
    attends to itself a second time: the pipelines of AudioLDM and MusicLDM call it that way. A dual
    transformer splits its context in two, so it always needs one.
    """
    every = levels(config)
    crossing = [level for level in every if level.crosses]
    if config.get("dual_cross_attention") or not _match_channels(crossing):
        return crossing
    differ = len({level.channels for level in crossing}) > 1
    repeated = _match_channels(every) and len({level.channels for level in every}) > 1
    return [] if differ or repeated or config.get("class_embeddings_concat") else crossing


def _match_channels(some: Sequence[UNetLevel]) -> bool:
    return all(level.context == level.channels for level in some)


def context_width(config: Config) -> int:
    """Width of the context that the blocks read; the first level's, or 0, if no block reads one."""
    return int((reading_levels(config) or levels(config))[0].context or 0)


def takes_text(config: Config) -> bool:
    """Whether the forward takes a text context: not if the network makes it of an image, or reads none."""
    projected = config.get("encoder_hid_dim_type")
    reads = projected != "image_proj" and (reading_levels(config) or config.get("encoder_hid_dim"))
    return bool(reads) or config.get("addition_embed_type") == "text"


def check_context(config: Config) -> None:
    """Raise ConfigError where one text context or one image embedding does not fit all that read it."""
    widths = {level.context for level in reading_levels(config)}
    if None in widths:
        raise ConfigError(
            "cross_attention_dim is null at a level that reads the text",
            hint="it is the width of the text context, 768 for Stable Diffusion 1",
        )
    if len(widths) > 1:
        raise ConfigError(
            "cross_attention_dim differs between levels that read the text: "
            f"{listed(map(str, sorted(filter(None, widths))))}",
            hint="all are given one context; a network without one has the channels of each level here",
        )
    _check_pooling(config)
    _check_image_widths(config)


def _check_pooling(config: Config) -> None:
    """Check that pooled text divides into heads."""
    heads = config["addition_embed_type_num_heads"]
    width = config["encoder_hid_dim"] or config["cross_attention_dim"]
    if config["addition_embed_type"] == "text" and isinstance(width, int) and width % heads:
        raise ConfigError(
            f"text of width {width} does not divide into addition_embed_type_num_heads {heads}",
            hint="take a number of heads that divides the width",
        )


def _check_image_widths(config: Config) -> None:
    """Check that both readers of the one image embedding take the same width."""
    hidden, cross = config["encoder_hid_dim"], config["cross_attention_dim"]
    by_context = {"image_proj": hidden, "text_image_proj": cross}.get(config["encoder_hid_dim_type"])
    by_time = {"image": hidden, "image_hint": hidden, "text_image": cross}.get(config["addition_embed_type"])
    if None not in (by_context, by_time) and by_context != by_time:
        raise ConfigError(
            f"the image embedding would need two widths: {by_context} for encoder_hid_dim_type, "
            f"{by_time} for addition_embed_type",
            hint="give encoder_hid_dim and cross_attention_dim one width, or leave a reader out",
        )
