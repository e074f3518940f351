"""Names of transformers in other schemes and in diffusers', as patterns: what `crosswalks` goes by.

After diffusers' `loaders/single_file_utils.py` (0.42) `convert_*_to_diffusers`, tried against it. Data: a
pattern, and what it becomes; where that is several names, one tensor is split along its first side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NamePattern:
    """`pattern` of a whole name; `to` is one name or several, into which the tensor is split by `parts`:
    how many shares of its first side each takes, 0 for the rest."""

    pattern: str
    to: Sequence[str]
    parts: Sequence[int] = ()


def _lines(*pairs: tuple[str, str]) -> list[NamePattern]:
    return [NamePattern(pattern, (to,)) for pattern, to in pairs]


def _qkv(pattern: str, path: str, words: Sequence[str], kind: str = "(weight|bias)") -> NamePattern:
    """A fused projection, in three equal shares."""
    group = pattern.count("(") + 1
    return NamePattern(rf"{pattern}\.{kind}", tuple(rf"{path}.{word}.\{group}" for word in words), (1, 1, 1))


_D, _S = r"double_blocks\.(\d+)", r"single_blocks\.(\d+)"
_FLUX = [
    *_lines(
        (r"img_in\.(.+)", r"x_embedder.\1"),
        (r"txt_in\.(.+)", r"context_embedder.\1"),
        (r"time_in\.in_layer\.(.+)", r"time_text_embed.timestep_embedder.linear_1.\1"),
        (r"time_in\.out_layer\.(.+)", r"time_text_embed.timestep_embedder.linear_2.\1"),
        (r"vector_in\.in_layer\.(.+)", r"time_text_embed.text_embedder.linear_1.\1"),
        (r"vector_in\.out_layer\.(.+)", r"time_text_embed.text_embedder.linear_2.\1"),
        (r"guidance_in\.in_layer\.(.+)", r"time_text_embed.guidance_embedder.linear_1.\1"),
        (r"guidance_in\.out_layer\.(.+)", r"time_text_embed.guidance_embedder.linear_2.\1"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_D}\.img_mod\.lin\.(.+)", r"transformer_blocks.\1.norm1.linear.\2"),
        (rf"{_D}\.txt_mod\.lin\.(.+)", r"transformer_blocks.\1.norm1_context.linear.\2"),
        (rf"{_D}\.img_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_D}\.img_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_D}\.txt_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_added_q.weight"),
        (rf"{_D}\.txt_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_added_k.weight"),
        (rf"{_D}\.img_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_D}\.txt_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_D}\.img_mlp\.0\.(.+)", r"transformer_blocks.\1.ff.net.0.proj.\2"),
        (rf"{_D}\.img_mlp\.2\.(.+)", r"transformer_blocks.\1.ff.net.2.\2"),
        (rf"{_D}\.txt_mlp\.0\.(.+)", r"transformer_blocks.\1.ff_context.net.0.proj.\2"),
        (rf"{_D}\.txt_mlp\.2\.(.+)", r"transformer_blocks.\1.ff_context.net.2.\2"),
        (rf"{_S}\.modulation\.lin\.(.+)", r"single_transformer_blocks.\1.norm.linear.\2"),
        (rf"{_S}\.norm\.query_norm\.scale", r"single_transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_S}\.norm\.key_norm\.scale", r"single_transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_S}\.linear2\.(.+)", r"single_transformer_blocks.\1.proj_out.\2"),
    ),
    _qkv(rf"{_D}\.img_attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    _qkv(rf"{_D}\.txt_attn\.qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
    NamePattern(
        rf"{_S}\.linear1\.(.+)",
        tuple(
            rf"single_transformer_blocks.\1.{word}.\2"
            for word in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
        ),
        (1, 1, 1, 4),
    ),
]
"""linear1 of FLUX.1: query, key, value and an MLP of four times their width."""

_FLUX2 = [
    *_lines(
        (r"img_in\.(.+)", r"x_embedder.\1"),
        (r"txt_in\.(.+)", r"context_embedder.\1"),
        (r"time_in\.in_layer\.(.+)", r"time_guidance_embed.timestep_embedder.linear_1.\1"),
        (r"time_in\.out_layer\.(.+)", r"time_guidance_embed.timestep_embedder.linear_2.\1"),
        (r"guidance_in\.in_layer\.(.+)", r"time_guidance_embed.guidance_embedder.linear_1.\1"),
        (r"guidance_in\.out_layer\.(.+)", r"time_guidance_embed.guidance_embedder.linear_2.\1"),
        (r"(double|single)_stream_modulation(_img|_txt|)\.lin\.(.+)", r"\1_stream_modulation\2.linear.\3"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_D}\.img_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_D}\.img_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_D}\.txt_attn\.norm\.query_norm\.scale", r"transformer_blocks.\1.attn.norm_added_q.weight"),
        (rf"{_D}\.txt_attn\.norm\.key_norm\.scale", r"transformer_blocks.\1.attn.norm_added_k.weight"),
        (rf"{_D}\.img_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_D}\.txt_attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_D}\.img_mlp\.0\.(.+)", r"transformer_blocks.\1.ff.linear_in.\2"),
        (rf"{_D}\.img_mlp\.2\.(.+)", r"transformer_blocks.\1.ff.linear_out.\2"),
        (rf"{_D}\.txt_mlp\.0\.(.+)", r"transformer_blocks.\1.ff_context.linear_in.\2"),
        (rf"{_D}\.txt_mlp\.2\.(.+)", r"transformer_blocks.\1.ff_context.linear_out.\2"),
        (rf"{_S}\.norm\.query_norm\.scale", r"single_transformer_blocks.\1.attn.norm_q.weight"),
        (rf"{_S}\.norm\.key_norm\.scale", r"single_transformer_blocks.\1.attn.norm_k.weight"),
        (rf"{_S}\.linear1\.(.+)", r"single_transformer_blocks.\1.attn.to_qkv_mlp_proj.\2"),
        (rf"{_S}\.linear2\.(.+)", r"single_transformer_blocks.\1.attn.to_out.\2"),
    ),
    _qkv(rf"{_D}\.img_attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    _qkv(rf"{_D}\.txt_attn\.qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
]

_J = r"joint_blocks\.(\d+)"
_SD3 = [
    *_lines(
        (r"pos_embed", "pos_embed.pos_embed"),
        (r"x_embedder\.proj\.(.+)", r"pos_embed.proj.\1"),
        (r"t_embedder\.mlp\.0\.(.+)", r"time_text_embed.timestep_embedder.linear_1.\1"),
        (r"t_embedder\.mlp\.2\.(.+)", r"time_text_embed.timestep_embedder.linear_2.\1"),
        (r"y_embedder\.mlp\.0\.(.+)", r"time_text_embed.text_embedder.linear_1.\1"),
        (r"y_embedder\.mlp\.2\.(.+)", r"time_text_embed.text_embedder.linear_2.\1"),
        (r"context_embedder\.(.+)", r"context_embedder.\1"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_J}\.x_block\.adaLN_modulation\.1\.(.+)", r"transformer_blocks.\1.norm1.linear.\2"),
        (
            rf"{_J}\.context_block\.adaLN_modulation\.1\.(.+)",
            r"transformer_blocks.\1.norm1_context.linear.\2",
        ),
        (rf"{_J}\.x_block\.attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_J}\.x_block\.attn2\.proj\.(.+)", r"transformer_blocks.\1.attn2.to_out.0.\2"),
        (rf"{_J}\.context_block\.attn\.proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_J}\.x_block\.(attn2?)\.ln_([qk])\.weight", r"transformer_blocks.\1.\2.norm_\3.weight"),
        (
            rf"{_J}\.context_block\.attn\.ln_([qk])\.weight",
            r"transformer_blocks.\1.attn.norm_added_\2.weight",
        ),
        (rf"{_J}\.x_block\.mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff.net.0.proj.\2"),
        (rf"{_J}\.x_block\.mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff.net.2.\2"),
        (rf"{_J}\.context_block\.mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff_context.net.0.proj.\2"),
        (rf"{_J}\.context_block\.mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff_context.net.2.\2"),
    ),
    _qkv(rf"{_J}\.x_block\.attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    _qkv(rf"{_J}\.x_block\.attn2\.qkv", r"transformer_blocks.\1.attn2", ("to_q", "to_k", "to_v")),
    _qkv(
        rf"{_J}\.context_block\.attn\.qkv",
        r"transformer_blocks.\1.attn",
        ("add_q_proj", "add_k_proj", "add_v_proj"),
    ),
]

_B = r"blocks\.(\d+)"
_WAN = _lines(
    (r"patch_embedding\.(.+)", r"patch_embedding.\1"),
    (r"head\.modulation", "scale_shift_table"),
    (r"head\.head\.(.+)", r"proj_out.\1"),
    (r"text_embedding\.0\.(.+)", r"condition_embedder.text_embedder.linear_1.\1"),
    (r"text_embedding\.2\.(.+)", r"condition_embedder.text_embedder.linear_2.\1"),
    (r"time_embedding\.0\.(.+)", r"condition_embedder.time_embedder.linear_1.\1"),
    (r"time_embedding\.2\.(.+)", r"condition_embedder.time_embedder.linear_2.\1"),
    (r"time_projection\.1\.(.+)", r"condition_embedder.time_proj.\1"),
    (r"img_emb\.emb_pos", "condition_embedder.image_embedder.pos_embed"),
    (r"img_emb\.proj\.0\.(.+)", r"condition_embedder.image_embedder.norm1.\1"),
    (r"img_emb\.proj\.1\.(.+)", r"condition_embedder.image_embedder.ff.net.0.proj.\1"),
    (r"img_emb\.proj\.3\.(.+)", r"condition_embedder.image_embedder.ff.net.2.\1"),
    (r"img_emb\.proj\.4\.(.+)", r"condition_embedder.image_embedder.norm2.\1"),
    (rf"{_B}\.modulation", r"blocks.\1.scale_shift_table"),
    (rf"{_B}\.norm3\.(.+)", r"blocks.\1.norm2.\2"),
    (rf"{_B}\.ffn\.0\.(.+)", r"blocks.\1.ffn.net.0.proj.\2"),
    (rf"{_B}\.ffn\.2\.(.+)", r"blocks.\1.ffn.net.2.\2"),
    (rf"{_B}\.self_attn\.([qkv])\.(.+)", r"blocks.\1.attn1.to_\2.\3"),
    (rf"{_B}\.cross_attn\.([qkv])\.(.+)", r"blocks.\1.attn2.to_\2.\3"),
    (rf"{_B}\.self_attn\.o\.(.+)", r"blocks.\1.attn1.to_out.0.\2"),
    (rf"{_B}\.cross_attn\.o\.(.+)", r"blocks.\1.attn2.to_out.0.\2"),
    (rf"{_B}\.self_attn\.norm_([qk])\.(.+)", r"blocks.\1.attn1.norm_\2.\3"),
    (rf"{_B}\.cross_attn\.norm_([qk])\.(.+)", r"blocks.\1.attn2.norm_\2.\3"),
    (rf"{_B}\.cross_attn\.([kv])_img\.(.+)", r"blocks.\1.attn2.add_\2_proj.\3"),
    (rf"{_B}\.cross_attn\.norm_k_img\.(.+)", r"blocks.\1.attn2.norm_added_k.\2"),
)
_LTX = _lines(
    (r"patchify_proj\.(.+)", r"proj_in.\1"),
    (r"adaln_single\.(.+)", r"time_embed.\1"),
    (r"(.+)\.q_norm\.weight", r"\1.norm_q.weight"),
    (r"(.+)\.k_norm\.weight", r"\1.norm_k.weight"),
    (r"(.+)", r"\1"),
)
_Z = [
    *_lines(
        (r"x_embedder\.(.+)", r"all_x_embedder.2-1.\1"),
        (r"final_layer\.(.+)", r"all_final_layer.2-1.\1"),
        (r"(.+)\.attention\.out\.(.+)", r"\1.attention.to_out.0.\2"),
        (r"(.+)\.attention\.([qk])_norm\.(.+)", r"\1.attention.norm_\2.\3"),
    ),
    _qkv(r"(.+)\.attention\.qkv", r"\1.attention", ("to_q", "to_k", "to_v"), "(weight)"),
    *_lines((r"(.+)", r"\1")),
]

PATTERNS = {"flux": _FLUX, "flux2": _FLUX2, "sd3": _SD3, "wan": _WAN, "ltx": _LTX, "z-image": _Z}
"""Scheme → its lines, the first that fits a name."""
