"""What the modules of diffusers' networks are to them, by the names that diffusers gives them.

Paths leave out the numbers of lists. Where the table names only parts of a module, we look inside it; a
module that it does not name at all conditions the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from unetscope.model import Role

Roles: TypeAlias = Mapping[str, Role]

UNET: Roles = {
    "conv_in": "stem",
    "transformer_in": "stem",
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
"""The names that networks from other projects use at either end."""

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
"""What flows through a stack, in networks with several stacks."""


def is_patching(type_name: str) -> bool:
    """Whether a class cuts the sample into patches: a stem, whatever its module is called."""
    return "PatchEmbed" in type_name
