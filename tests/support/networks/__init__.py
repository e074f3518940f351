"""Small networks, each with one conditioning, block or size that diffusers knows, by what it is."""

from __future__ import annotations

from typing import Any, TypeAlias

Config: TypeAlias = dict[str, Any]

SMALL: Config = {
    "_class_name": "UNet2DConditionModel",
    "sample_size": 16,
    "block_out_channels": [32, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 1,
    "cross_attention_dim": 24,
    "attention_head_dim": 4,
}
"""A legal conditional UNet that builds and runs in a moment."""
PLAIN: Config = {
    "_class_name": "UNet2DModel",
    "sample_size": 16,
    "block_out_channels": [32, 64],
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
    "layers_per_block": 1,
}
K: Config = SMALL | {
    "block_out_channels": [32, 64, 64],
    "down_block_types": ["KDownBlock2D", "KCrossAttnDownBlock2D", "KCrossAttnDownBlock2D"],
    "up_block_types": ["KCrossAttnUpBlock2D", "KCrossAttnUpBlock2D", "KUpBlock2D"],
    "mid_block_type": None,
    "norm_num_groups": None,
    "time_embedding_dim": 64,
    "time_embedding_type": "fourier",
    "act_fn": "gelu",
    "layers_per_block": 2,
}
SIMPLE_BLOCKS: Config = {
    "down_block_types": ["SimpleCrossAttnDownBlock2D", "ResnetDownsampleBlock2D"],
    "up_block_types": ["ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"],
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
}
SKIP: Config = PLAIN | {
    "down_block_types": ["SkipDownBlock2D", "AttnSkipDownBlock2D"],
    "up_block_types": ["AttnSkipUpBlock2D", "SkipUpBlock2D"],
}
PROJECTED: Config = {"encoder_hid_dim": 40}

NETWORKS: dict[str, Config] = {
    # conditioning added to the time embedding
    "added text": SMALL | {"addition_embed_type": "text", "addition_embed_type_num_heads": 4},
    "added text and sizes": SMALL
    | {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 80,
    },
    "added image": SMALL | PROJECTED | {"addition_embed_type": "image"},
    "added image hint": SMALL | PROJECTED | {"addition_embed_type": "image_hint", "in_channels": 8},
    "added text and image": SMALL | {"addition_embed_type": "text_image"},
    # contexts projected first
    "projected text": SMALL | PROJECTED | {"encoder_hid_dim_type": "text_proj"},
    "projected text, type left out": SMALL | PROJECTED,
    "projected text and image": SMALL
    | PROJECTED
    | {"encoder_hid_dim_type": "text_image_proj", "addition_embed_type": "text_image"},
    "projected image": SMALL
    | PROJECTED
    | {"encoder_hid_dim_type": "image_proj", "addition_embed_type": "image"},
    "projected image beside text": SMALL
    | PROJECTED
    | {
        "encoder_hid_dim_type": "image_proj",
        "addition_embed_type": "text",
        "addition_embed_type_num_heads": 4,
    },
    # classes and time
    "counted classes": SMALL | {"num_class_embeds": 10},
    "counted classes, concatenated": SMALL | {"num_class_embeds": 10, "class_embeddings_concat": True},
    **{
        f"class {kind}{', concatenated' if joined else ''}": SMALL
        | {
            "class_embed_type": kind,
            "projection_class_embeddings_input_dim": 20,
            "class_embeddings_concat": joined,
        }
        for kind in ("timestep", "identity", "projection", "simple_projection")
        for joined in (False, True)
    },
    "guidance beside time": SMALL | {"time_cond_proj_dim": 16},
    "Fourier time": SMALL | {"time_embedding_type": "fourier", "time_embedding_dim": 48},
    "activated time": SMALL | {"time_embedding_act_fn": "gelu", "timestep_post_act": "mish"},
    # mid blocks
    **{
        f"mid {kind}": SMALL | {"mid_block_type": kind}
        for kind in (None, "UNetMidBlock2D", "UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn")
    },
    # attention
    "dual attention": SMALL | {"dual_cross_attention": True},
    "dual attention as wide as its levels": SMALL
    | {
        "dual_cross_attention": True,
        "block_out_channels": [32, 32],
        "cross_attention_dim": [32, 32],
        "class_embed_type": "timestep",
        "class_embeddings_concat": True,
    },
    "gated attention": SMALL | {"attention_type": "gated"},
    "gated attention to images": SMALL | {"attention_type": "gated-text-image"},
    "cross-attention only": SMALL | {"only_cross_attention": [True, False]},
    "linear projections": SMALL | {"use_linear_projection": True, "upcast_attention": True},
    "heads that do not divide": SMALL | {"attention_head_dim": [5, 7]},
    "a context some levels ignore": SMALL
    | {
        "cross_attention_dim": [16, 24],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    },
    "a context some levels have none of": SMALL
    | {
        "cross_attention_dim": [None, 24],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    },
    # AudioLDM: each level attends to itself twice, and the text comes in as a class
    "a context of each level's own width": SMALL
    | {
        "cross_attention_dim": [32, 64],
        "down_block_types": ["CrossAttnDownBlock2D"] * 2,
        "up_block_types": ["CrossAttnUpBlock2D"] * 2,
        "class_embed_type": "simple_projection",
        "projection_class_embeddings_input_dim": 20,
        "class_embeddings_concat": True,
    },
    "no text at all": SMALL
    | {"down_block_types": ["DownBlock2D"] * 2, "up_block_types": ["UpBlock2D"] * 2, "mid_block_type": None},
    "depths per layer": SMALL
    | {
        "transformer_layers_per_block": [[2], [1]],
        "reverse_transformer_layers_per_block": [[1, 2], [0, 1]],
    },
    # other blocks
    "simple cross-attention": SMALL
    | SIMPLE_BLOCKS
    | {"resnet_time_scale_shift": "scale_shift", "resnet_skip_time_act": True, "only_cross_attention": True},
    "normed cross-attention": SMALL
    | SIMPLE_BLOCKS
    | {"block_out_channels": [32, 32], "cross_attention_dim": 32, "cross_attention_norm": "layer_norm"},
    "group-normed cross-attention": SMALL
    | SIMPLE_BLOCKS
    | {"cross_attention_dim": 32, "cross_attention_norm": "group_norm"},
    "attention without text": SMALL
    | {"down_block_types": ["AttnDownBlock2D"] * 2, "up_block_types": ["AttnUpBlock2D"] * 2},
    "K blocks with text": K,
    "K blocks": K | {"down_block_types": ["KDownBlock2D"] * 3, "up_block_types": ["KUpBlock2D"] * 3},
    "skip blocks": SKIP | {"time_embedding_type": "fourier", "center_input_sample": True},
    "residual resampling": PLAIN
    | {
        "downsample_type": "resnet",
        "upsample_type": "resnet",
        "down_block_types": ["AttnDownBlock2D"] * 2,
        "up_block_types": ["AttnUpBlock2D"] * 2,
    },
    # the unconditional class
    "plain, counted classes": PLAIN | {"num_class_embeds": 7},
    "plain, class timestep": PLAIN | {"class_embed_type": "timestep"},
    "plain, class identity": PLAIN | {"class_embed_type": "identity"},
    "plain, learned time": PLAIN
    | {"time_embedding_type": "learned", "num_train_timesteps": 100, "class_embed_type": "timestep"},
    "plain, Fourier time": PLAIN | {"time_embedding_type": "fourier"},
    "plain, no mid block": PLAIN | {"mid_block_type": None},
    "plain, no attention in the mid block": PLAIN | {"add_attention": False, "attention_head_dim": None},
    # sizes
    "size missing": SMALL | {"sample_size": None},
    "size oblong": SMALL | {"sample_size": [16, 24]},
    "size odd": SMALL | {"sample_size": [15, 17]},
    "kernels": SMALL | {"conv_in_kernel": 5, "conv_out_kernel": 2},
    "no padding before halving": SMALL | {"downsample_padding": 0, "sample_size": 13},
}

MUSIC: Config = {
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [32, 64],
    "layers_per_block": 2,
    "sample_size": 32,
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    "cross_attention_dim": [32, 64],
    "class_embed_type": "simple_projection",
    "projection_class_embeddings_input_dim": 32,
    "class_embeddings_concat": True,
}
AUDIO: Config = MUSIC | {
    "block_out_channels": [8, 16],
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "cross_attention_dim": [8, 16],
    "projection_class_embeddings_input_dim": 8,
}
"""Shaped as the UNets of MusicLDM and AudioLDM in tests of diffusers 0.42; their pipelines pass no text."""
