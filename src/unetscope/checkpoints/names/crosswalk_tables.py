"""Names of transformers in other schemes and in diffusers', as patterns: what `crosswalks` goes by.

After diffusers' `loaders/single_file_utils.py` (0.42) `convert_*_to_diffusers`, tried against it. Data: a
pattern, and what it becomes; where that is several names, one tensor is split along its first side.
"""

from __future__ import annotations

from unetscope.checkpoints.names.double_block_tables import FLUX, FLUX2, HUNYUAN
from unetscope.checkpoints.names.patterns import NamePattern, fused, lines

_J = r"joint_blocks\.(\d+)"
_SD3 = [
    *lines(
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
    fused(rf"{_J}\.x_block\.attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    fused(rf"{_J}\.x_block\.attn2\.qkv", r"transformer_blocks.\1.attn2", ("to_q", "to_k", "to_v")),
    fused(
        rf"{_J}\.context_block\.attn\.qkv",
        r"transformer_blocks.\1.attn",
        ("add_q_proj", "add_k_proj", "add_v_proj"),
    ),
]

_B = r"blocks\.(\d+)"
_WAN = lines(
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
_WAN += [
    NamePattern(f"vace_{line.pattern}", tuple(f"vace_{to}" for to in line.to))
    for line in _WAN
    if line.pattern.startswith(_B)
]
"""The blocks of VACE beside Wan's own are like them, but for two projections."""
_WAN += lines(
    (r"vace_patch_embedding\.(.+)", r"vace_patch_embedding.\1"),
    (rf"vace_{_B}\.before_proj\.(.+)", r"vace_blocks.\1.proj_in.\2"),
    (rf"vace_{_B}\.after_proj\.(.+)", r"vace_blocks.\1.proj_out.\2"),
)
_LTX = lines(
    (r"patchify_proj\.(.+)", r"proj_in.\1"),
    (r"adaln_single\.(.+)", r"time_embed.\1"),
    (r"(.+)\.q_norm\.weight", r"\1.norm_q.weight"),
    (r"(.+)\.k_norm\.weight", r"\1.norm_k.weight"),
    (r"(.+)", r"\1"),
)
_Z = [
    *lines(
        (r"x_embedder\.(.+)", r"all_x_embedder.2-1.\1"),
        (r"final_layer\.(.+)", r"all_final_layer.2-1.\1"),
        (r"(.+)\.attention\.out\.(.+)", r"\1.attention.to_out.0.\2"),
        (r"(.+)\.attention\.([qk])_norm\.(.+)", r"\1.attention.norm_\2.\3"),
    ),
    fused(r"(.+)\.attention\.qkv", r"\1.attention", ("to_q", "to_k", "to_v"), "(weight)"),
    *lines((r"(.+)", r"\1")),
]

PATTERNS = {
    "flux": FLUX,
    "flux2": FLUX2,
    "sd3": _SD3,
    "wan": _WAN,
    "ltx": _LTX,
    "z-image": _Z,
    "hunyuan": HUNYUAN,
}
"""Scheme → its lines, the first that fits a name."""
