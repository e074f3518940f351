"""The config keys of both UNet classes: what each takes, and diffusers' default. No torch.

Taken from the signatures of diffusers 0.42; a test compares the two.
"""

from __future__ import annotations

from dataclasses import replace

from unetscope.families.keys import MAX_COUNT, ConfigKey

MAX_CHANNELS = 2**16
MAX_LEVELS = 16
MAX_SIDE = 2**14

_DOWN = (
    "DownBlock2D",
    "ResnetDownsampleBlock2D",
    "AttnDownBlock2D",
    "CrossAttnDownBlock2D",
    "SimpleCrossAttnDownBlock2D",
    "SkipDownBlock2D",
    "AttnSkipDownBlock2D",
    "DownEncoderBlock2D",
    "AttnDownEncoderBlock2D",
    "KDownBlock2D",
    "KCrossAttnDownBlock2D",
)
_UP = (
    "UpBlock2D",
    "ResnetUpsampleBlock2D",
    "CrossAttnUpBlock2D",
    "SimpleCrossAttnUpBlock2D",
    "AttnUpBlock2D",
    "SkipUpBlock2D",
    "AttnSkipUpBlock2D",
    "UpDecoderBlock2D",
    "AttnUpDecoderBlock2D",
    "KUpBlock2D",
    "KCrossAttnUpBlock2D",
)
ACTIVATIONS = ("silu", "swish", "mish", "gelu", "relu")
_TIME_SHIFTS = ("default", "scale_shift", "ada_group", "spatial")


def _blocks(names: tuple[str, ...], default: list[str]) -> ConfigKey:
    # diffusers drops the prefix UNetRes, which its oldest configs still carry
    return ConfigKey(
        "word", default, choices=names + tuple(f"UNetRes{name}" for name in names), lists="always"
    )


_CHANNELS = ConfigKey("whole", 4, low=1, high=MAX_CHANNELS)
_FLAG = ConfigKey("flag", default=False, null=True)
_OPTIONAL = ConfigKey("whole", None, low=1, null=True)
# diffusers lowers the case of activations itself; in every other word capitals matter
_ACTIVATION = ConfigKey("word", None, choices=ACTIVATIONS, null=True, any_case=True)
_KERNEL = ConfigKey("whole", 3, low=1, high=63)

_BOTH: dict[str, ConfigKey] = {
    "sample_size": ConfigKey("size", None, low=1, high=MAX_SIDE, null=True),
    "in_channels": _CHANNELS,
    "out_channels": _CHANNELS,
    "center_input_sample": _FLAG,
    "flip_sin_to_cos": replace(_FLAG, default=True),
    "freq_shift": ConfigKey("number", 0, low=-MAX_COUNT),
    "block_out_channels": ConfigKey(
        "whole", [320, 640, 1280, 1280], low=1, high=MAX_CHANNELS, lists="always"
    ),
    "layers_per_block": ConfigKey("whole", 2, low=1),
    "downsample_padding": ConfigKey("whole", 1, high=16),
    "mid_block_scale_factor": ConfigKey("number", 1, low=-MAX_COUNT),
    "dropout": ConfigKey("number", 0.0, high=1),
    "act_fn": replace(_ACTIVATION, default="silu", null=False),
    "norm_num_groups": ConfigKey("whole", 32, low=1, null=True),
    "norm_eps": ConfigKey("number", 1e-5),
    "resnet_time_scale_shift": ConfigKey("word", "default", choices=_TIME_SHIFTS),
    "time_embedding_dim": _OPTIONAL,
    "num_class_embeds": _OPTIONAL,
}

CONDITION: dict[str, ConfigKey] = _BOTH | {
    "down_block_types": _blocks(_DOWN, ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"]),
    "mid_block_type": ConfigKey(
        "word",
        "UNetMidBlock2DCrossAttn",
        choices=("UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn", "UNetMidBlock2D"),
        null=True,
    ),
    "up_block_types": _blocks(_UP, ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3),
    "only_cross_attention": ConfigKey("flag", default=False, lists="either"),
    "layers_per_block": ConfigKey("whole", 2, low=1, lists="either"),
    "cross_attention_dim": ConfigKey("whole", 1280, low=1, lists="either", gaps=True),
    "transformer_layers_per_block": ConfigKey("depths", 1, lists="either", gaps=True, surplus=True),
    "reverse_transformer_layers_per_block": ConfigKey(
        "depths", None, lists="always", null=True, gaps=True, surplus=True
    ),
    "encoder_hid_dim": _OPTIONAL,
    "encoder_hid_dim_type": ConfigKey(
        "word", None, choices=("text_proj", "text_image_proj", "image_proj"), null=True
    ),
    "attention_head_dim": ConfigKey("whole", 8, low=1, high=MAX_CHANNELS, lists="either", gaps=True),
    "num_attention_heads": ConfigKey("whole", None, low=1, high=MAX_CHANNELS, lists="either", null=True),
    "dual_cross_attention": _FLAG,
    "use_linear_projection": _FLAG,
    "class_embed_type": ConfigKey(
        "word", None, choices=("timestep", "identity", "projection", "simple_projection"), null=True
    ),
    "addition_embed_type": ConfigKey(
        "word", None, choices=("text", "text_image", "text_time", "image", "image_hint"), null=True
    ),
    "addition_time_embed_dim": _OPTIONAL,
    "upcast_attention": _FLAG,
    "resnet_skip_time_act": _FLAG,
    "resnet_out_scale_factor": ConfigKey("number", 1.0, low=-MAX_COUNT),
    "time_embedding_type": ConfigKey("word", "positional", choices=("positional", "fourier")),
    "time_embedding_act_fn": _ACTIVATION,
    "timestep_post_act": _ACTIVATION,
    "time_cond_proj_dim": _OPTIONAL,
    "conv_in_kernel": _KERNEL,
    "conv_out_kernel": _KERNEL,
    "projection_class_embeddings_input_dim": _OPTIONAL,
    "attention_type": ConfigKey("word", "default", choices=("default", "gated", "gated-text-image")),
    "class_embeddings_concat": _FLAG,
    "mid_block_only_cross_attention": replace(_FLAG, default=None),
    "cross_attention_norm": ConfigKey("word", None, choices=("layer_norm", "group_norm"), null=True),
    "addition_embed_type_num_heads": ConfigKey("whole", 64, low=1, high=MAX_CHANNELS),
}

PLAIN: dict[str, ConfigKey] = _BOTH | {
    "in_channels": replace(_CHANNELS, default=3),
    "out_channels": replace(_CHANNELS, default=3),
    "time_embedding_type": ConfigKey("word", "positional", choices=("positional", "fourier", "learned")),
    "down_block_types": _blocks(_DOWN, ["DownBlock2D"] + ["AttnDownBlock2D"] * 3),
    "mid_block_type": ConfigKey("word", "UNetMidBlock2D", choices=("UNetMidBlock2D",), null=True),
    "up_block_types": _blocks(_UP, ["AttnUpBlock2D"] * 3 + ["UpBlock2D"]),
    "block_out_channels": replace(_BOTH["block_out_channels"], default=[224, 448, 672, 896]),
    "downsample_type": ConfigKey("word", "conv", choices=("conv", "resnet")),
    "upsample_type": ConfigKey("word", "conv", choices=("conv", "resnet")),
    "attention_head_dim": ConfigKey("whole", 8, low=1, high=MAX_CHANNELS, null=True),
    "attn_norm_num_groups": _OPTIONAL,
    "add_attention": replace(_FLAG, default=True),
    "class_embed_type": ConfigKey("word", None, choices=("timestep", "identity"), null=True),
    "num_train_timesteps": _OPTIONAL,
}

ENDS = {"in_channels": ("conv_in", 1), "out_channels": ("conv_out", 0)}
"""The keys of a UNet that its first and last convolution show: the layer, and the axis of its weight."""
