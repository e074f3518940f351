"""What single modules of diffusers' networks are for, by their name or class.

No other room looks for a name in a path.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Literal

from unetscope.paths import parent

LORA_TARGETS = ("to_q", "to_k", "to_v", "to_out.0")
"""Layers that diffusers' examples put a LoRA on: `target_modules` of `train_text_to_image_lora.py`."""

HALVES: dict[str, Literal["encoder", "decoder"]] = {
    "encoder": "encoder",
    "quant_conv": "encoder",
    **dict.fromkeys(("attn", "in_proj", "pre_block", "mean_proj", "logs_proj"), "encoder"),
    **dict.fromkeys(("out_proj", "dec_in_proj"), "decoder"),
    "quantize": "decoder",
    "post_quant_conv": "decoder",
    "decoder": "decoder",
}
"""What belongs to which half of an autoencoder, after diffusers' `encode` and `decode`."""


OVERLAPPING = frozenset({"AutoencoderKLMiniMaxH3"})
"""Autoencoders that drop a part of what the encoder made before they decode: no trace shows their latent."""


def half_of(path: str) -> Literal["encoder", "decoder"] | None:
    """The half of an autoencoder in which a module lies; None for one of both."""
    return HALVES.get(path.partition(".")[0])


FUSED = frozenset({"to_qkv", "to_kv", "to_added_qkv"})
"""What `fuse_qkv_projections` puts beside the query, key and value that an attention layer keeps."""

FILTERED = frozenset({"FirDownsample2D", "FirUpsample2D", "KDownsample2D", "KUpsample2D"})
"""Resamplers by a fixed filter, which neither average nor repeat."""

BRANCHED = frozenset({"SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D"})
"""Stages that also pass on the image itself, resampled and added to the output of their blocks."""

DUAL = "DualTransformer2DModel"
"""Transformers side by side, each with a context of its own."""

MEANINGS = {
    "time_proj": "Fourier features of time",
    "time_embedding": "time",
    "class_embedding": "class",
    "time_cond_proj": "guidance",
}
"""What modules that condition the others embed, where their name does not say so."""

MEANING_KEYS = {"add_embedding": "addition_embed_type"}
"""The config key that says it."""

PROJECTIONS = frozenset({"encoder_hid_proj"})
"""Modules that turn a text or an image into a UNet's context."""

APART = frozenset({"downsamplers", "upsamplers"})
"""Lists in a stage whose entries have numbers of their own."""

_FEED_FORWARD = frozenset({"ff", "ff_i", "ff_t"})
"""Feed-forward parts of classes of their own: SANA's of convolutions, Krea 2's, HiDream's two."""

_MODULATION = frozenset({"adaLN_modulation", "img_mod", "txt_mod"})
"""Layers that make shifts, scales and gates apart from a norm: HiDream, Z-Image; Qwen-Image."""

_MIXED_IN, _MIXED_OUT = "proj_mlp", "proj_out"
"""The first layer of a feed-forward part that runs beside attention, and the last, which reads both."""

_IMAGE_CONTEXTS = frozenset({"image_proj", "ip_image_proj", "text_image_proj"})
"""Values of `encoder_hid_dim_type` with which a UNet's context is made of an image."""


def is_lora_target(path: str) -> bool:
    """Whether diffusers' examples put a LoRA on a layer."""
    return path.endswith(tuple(f".{target}" for target in LORA_TARGETS))


def is_shortcut(path: str) -> bool:
    """Whether a layer lies on the residual connection of its block."""
    return "shortcut" in _own(path)


def is_norm(path: str) -> bool:
    """Whether a module at one end of a network is its norm, of whatever class."""
    return "norm" in path


def is_feed_forward(path: str, paths: Container[str]) -> bool:
    """Whether a module of a block, among all `paths`, is its feed-forward part, or a layer of one beside
    attention.

    So is the layer that leads both out: four fifths of what FLUX's reads are the feed-forward part's.
    """
    first = f"{parent(path)}.{_MIXED_IN}"
    return _own(path) in _FEED_FORWARD or path == first or (_own(path) == _MIXED_OUT and first in paths)


def is_modulation(path: str) -> bool:
    """Whether a module of a block makes the shifts, scales and gates of its norms."""
    return _own(path) in _MODULATION


def is_mixed_out(path: str) -> bool:
    """Whether a layer may be the last of a block that runs attention and feed-forward side by side."""
    return _own(path) == _MIXED_OUT


def is_joint(path: str) -> bool:
    """Whether a module works on the text of a block that keeps text and sample in two streams."""
    return _own(path) in ("add_q_proj", "to_add_out", "to_added_qkv", "ff_context", "txt_mlp")


def is_around_blocks(path: str, end: Literal["in", "out"]) -> bool:
    """Whether a layer leads into the blocks of a transformer, or out of them."""
    return path.endswith(f"proj_{end}")


def is_guidance(path: str) -> bool:
    """Whether a layer brings the guidance into the time embedding."""
    return path.endswith(".cond_proj")


def keys_of(attention: str) -> str:
    """The layer that makes the keys of an attention layer, both by path."""
    return f"{attention}.to_k"


def is_context_of_images(config: Mapping[str, Any]) -> bool:
    """Whether a network makes its context of an image, alone or beside a text."""
    return config.get("encoder_hid_dim_type") in _IMAGE_CONTEXTS


def _own(path: str) -> str:
    return path.rpartition(".")[2]


def runs_along_frames(class_name: str) -> bool:
    """Whether a module of a video network works along the frames: ModelScope's by itself, SVD's after its
    spatial part, AnimateDiff's as a motion module."""
    return "Temporal" in class_name or class_name.startswith("AnimateDiff")
