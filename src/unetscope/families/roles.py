"""What the modules of diffusers' networks are to them, by the names that diffusers gives them.

A path stands without the numbers of lists. A module of which only inner parts are named is looked into;
one that is not named at all conditions the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from unetscope.model import Role

Roles: TypeAlias = Mapping[str, Role]

UNET: Roles = {
    "conv_in": "stem",
    "down_blocks": "down",
    "mid_block": "mid",
    "up_blocks": "up",
    "conv_norm_out": "head",
    "conv_act": "head",
    "conv_out": "head",
}
"""The modules of a UNet."""

_STEMS = "conv_in x_embedder patch_embed patch_embedding img_in proj_in input_proj embed"
_STACKS = (
    "transformer_blocks single_transformer_blocks blocks layers noise_refiner context_refiner "
    "double_blocks single_blocks joint_transformer_blocks temporal_transformer_blocks "
    "double_stream_blocks single_stream_blocks text_transformer_blocks visual_transformer_blocks "
    "video_text_transformer_blocks audio_text_transformer_blocks txt_mode_blocks transformer_layers "
    "vace_blocks control_blocks decoders"
)
_HEADS = (
    "conv_norm_out conv_act conv_out norm_out norm_final final_norm proj_out proj_out_1 proj_out_2 "
    "out_layer final_layer final_linear clf"
)
_ENDS = ("encoder", "decoder")
_INSIDE: Roles = {
    "conv1": "stem",
    "down": "down",
    "mid": "mid",
    "up": "up",
    "norm_out": "head",
    "conv2": "head",
}
"""What the networks that came from other projects call these at either end."""

CONVENTIONAL: Roles = {
    **UNET,
    **dict.fromkeys(_STEMS.split(), "stem"),
    **dict.fromkeys(_STACKS.split(), "body"),
    **dict.fromkeys(_HEADS.split(), "head"),
    **{f"{end}.{name}": role for end in _ENDS for name, role in UNET.items()},
    **{f"{end}.{name}": role for end in _ENDS for name, role in _INSIDE.items()},
    "encoder.block": "down",
    "decoder.block": "up",
    "down_block": "down",
    "up_block": "up",
    **{f"mode_blocks.{mode}": "body" for mode in ("image", "image_cond")},
    "all_x_embedder": "stem",
    "all_final_layer": "head",
    "quant_conv": "head",
    "post_quant_conv": "stem",
}
"""The names that transformers, video networks and autoencoders share."""

STREAMS = {
    "transformer_blocks": "image and text",
    "double_blocks": "image and text",
    "double_stream_blocks": "image and text",
    "single_transformer_blocks": "joint",
    "single_blocks": "joint",
    "single_stream_blocks": "joint",
    "text_transformer_blocks": "text",
    "visual_transformer_blocks": "image",
    "video_text_transformer_blocks": "text",
    "audio_text_transformer_blocks": "text",
    "txt_mode_blocks": "text",
    "layers": "joint",
    "noise_refiner": "image",
    "context_refiner": "text",
}
"""What flows through a stack, where a network has several."""


ENDS = {"in_channels": ("conv_in", 1), "out_channels": ("conv_out", 0)}
"""The keys of a UNet that its first and last convolution show: the layer, and the axis of its weight."""

FILTERED = frozenset({"FirDownsample2D", "FirUpsample2D", "KDownsample2D", "KUpsample2D"})
"""Resamplers by a fixed filter, which neither average nor repeat."""

BRANCHED = frozenset({"SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D"})
"""Stages through which the image itself runs as well, resampled and added to what their blocks make."""

DUAL = "DualTransformer2DModel"
"""Transformers side by side, which read a context each."""

MEANINGS = {
    "time_proj": "Fourier features of time",
    "time_embedding": "time",
    "class_embedding": "class",
    "time_cond_proj": "guidance",
}
"""What modules that condition the others are made of, where their name does not say it."""

MEANING_KEYS = {"add_embedding": "addition_embed_type"}
"""The config key that says it."""

PROJECTIONS = frozenset({"encoder_hid_proj"})
"""What makes a UNet's context of a text or an image."""

APART = frozenset({"downsamplers", "upsamplers"})
"""Lists in a stage whose entries are not numbered along with its blocks."""


def is_patching(type_name: str) -> bool:
    """Whether a class cuts the sample into patches: a stem, whatever its module is called."""
    return "PatchEmbed" in type_name
