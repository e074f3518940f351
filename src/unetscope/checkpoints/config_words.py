"""How the config of a network in a file differs from that of another, in words."""

from __future__ import annotations

from typing import Any

_WORDS = {
    "cross_attention_dim": "context {here} wide, not {there}",
    "in_channels": "{here} input channels, not {there}",
    "out_channels": "{here} output channels, not {there}",
    "block_out_channels": "levels {here} wide, not {there}",
    "layers_per_block": "{here} layers in a block, not {there}",
    "transformer_layers_per_block": "transformers {here} blocks deep, not {there}",
    "use_linear_projection": "projections around attention are linear: {here}, not {there}",
    "projection_class_embeddings_input_dim": "pooled embedding {here} wide, not {there}",
    "num_layers": "{here} blocks, not {there}",
    "num_single_layers": "{here} single blocks, not {there}",
    "num_attention_heads": "{here} heads of its width, not {there}",
    "guidance_embeds": "an embedding of guidance: {here}, not {there}",
    "added_kv_proj_dim": "cross-attention on an image: {here}, not {there}",
    "image_dim": "an image embedding: {here}, not {there}",
    "ffn_dim": "feed-forward {here} wide, not {there}",
    "joint_attention_dim": "text {here} wide, not {there}",
    "pooled_projection_dim": "pooled text {here} wide, not {there}",
    "addition_embed_type": "pooled text and sizes: {here}, not {there}",
}
"""Config fields in words."""


def in_words(field: str, here: Any, there: Any) -> str:
    """How a config field of a file differs from that of a network."""
    return _WORDS.get(field, field + " is {here}, not {there}").format(here=_short(here), there=_short(there))


def _short(value: Any) -> str:
    text = str(value).replace("'", "")
    return "none" if value is None else text if len(text) < 50 else f"{text[:47]}…"
