"""Names of FLUX.1, Chroma, FLUX.2 and HunyuanVideo, whose blocks are double and single, as patterns."""

from __future__ import annotations

from unetscope.checkpoints.names.patterns import NamePattern, fused, lines

_D, _S = r"double_blocks\.(\d+)", r"single_blocks\.(\d+)"
_LINEAR1 = NamePattern(
    rf"{_S}\.linear1\.(.+)",
    tuple(
        rf"single_transformer_blocks.\1.{word}.\2"
        for word in ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp")
    ),
    (1, 1, 1, 4),
)
"""Query, key, value and an MLP of four times their width in one."""
_G = r"distilled_guidance_layer\.layers\.(\d+)"
FLUX = [
    *lines(
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
        (r"distilled_guidance_layer\.(in|out)_proj\.(.+)", r"distilled_guidance_layer.\1_proj.\2"),
        (rf"{_G}\.in_layer\.(.+)", r"distilled_guidance_layer.layers.\1.linear_1.\2"),
        (rf"{_G}\.out_layer\.(.+)", r"distilled_guidance_layer.layers.\1.linear_2.\2"),
        (r"distilled_guidance_layer\.norms\.(\d+)\.scale", r"distilled_guidance_layer.norms.\1.weight"),
    ),
    fused(rf"{_D}\.img_attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    fused(rf"{_D}\.txt_attn\.qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
    _LINEAR1,
]
"""FLUX.1, and Chroma with its distilled_guidance_layer."""

FLUX2 = [
    *lines(
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
    fused(rf"{_D}\.img_attn\.qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    fused(rf"{_D}\.txt_attn\.qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
]

_R = r"txt_in\.individual_token_refiner\.blocks\.(\d+)"
_REFINER = r"context_embedder.token_refiner.refiner_blocks.\1"
HUNYUAN = [
    *lines(
        (r"img_in\.proj\.(.+)", r"x_embedder.proj.\1"),
        (r"time_in\.mlp\.0\.(.+)", r"time_text_embed.timestep_embedder.linear_1.\1"),
        (r"time_in\.mlp\.2\.(.+)", r"time_text_embed.timestep_embedder.linear_2.\1"),
        (r"guidance_in\.mlp\.0\.(.+)", r"time_text_embed.guidance_embedder.linear_1.\1"),
        (r"guidance_in\.mlp\.2\.(.+)", r"time_text_embed.guidance_embedder.linear_2.\1"),
        (r"vector_in\.in_layer\.(.+)", r"time_text_embed.text_embedder.linear_1.\1"),
        (r"vector_in\.out_layer\.(.+)", r"time_text_embed.text_embedder.linear_2.\1"),
        (r"txt_in\.input_embedder\.(.+)", r"context_embedder.proj_in.\1"),
        (
            r"txt_in\.t_embedder\.mlp\.0\.(.+)",
            r"context_embedder.time_text_embed.timestep_embedder.linear_1.\1",
        ),
        (
            r"txt_in\.t_embedder\.mlp\.2\.(.+)",
            r"context_embedder.time_text_embed.timestep_embedder.linear_2.\1",
        ),
        (r"txt_in\.c_embedder\.(.+)", r"context_embedder.time_text_embed.text_embedder.\1"),
        (rf"{_R}\.norm([12])\.(.+)", rf"{_REFINER}.norm\2.\3"),
        (rf"{_R}\.self_attn_proj\.(.+)", rf"{_REFINER}.attn.to_out.0.\2"),
        (rf"{_R}\.mlp\.fc1\.(.+)", rf"{_REFINER}.ff.net.0.proj.\2"),
        (rf"{_R}\.mlp\.fc2\.(.+)", rf"{_REFINER}.ff.net.2.\2"),
        (rf"{_R}\.adaLN_modulation\.1\.(.+)", rf"{_REFINER}.norm_out.linear.\2"),
        (r"final_layer\.linear\.(.+)", r"proj_out.\1"),
        (r"final_layer\.adaLN_modulation\.1\.(.+)", r"norm_out.linear.\1"),
        (rf"{_D}\.img_mod\.linear\.(.+)", r"transformer_blocks.\1.norm1.linear.\2"),
        (rf"{_D}\.txt_mod\.linear\.(.+)", r"transformer_blocks.\1.norm1_context.linear.\2"),
        (rf"{_D}\.img_attn_([qk])_norm\.(.+)", r"transformer_blocks.\1.attn.norm_\2.\3"),
        (rf"{_D}\.txt_attn_([qk])_norm\.(.+)", r"transformer_blocks.\1.attn.norm_added_\2.\3"),
        (rf"{_D}\.img_attn_proj\.(.+)", r"transformer_blocks.\1.attn.to_out.0.\2"),
        (rf"{_D}\.txt_attn_proj\.(.+)", r"transformer_blocks.\1.attn.to_add_out.\2"),
        (rf"{_D}\.img_mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff.net.0.proj.\2"),
        (rf"{_D}\.img_mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff.net.2.\2"),
        (rf"{_D}\.txt_mlp\.fc1\.(.+)", r"transformer_blocks.\1.ff_context.net.0.proj.\2"),
        (rf"{_D}\.txt_mlp\.fc2\.(.+)", r"transformer_blocks.\1.ff_context.net.2.\2"),
        (rf"{_S}\.modulation\.linear\.(.+)", r"single_transformer_blocks.\1.norm.linear.\2"),
        (rf"{_S}\.([qk])_norm\.(.+)", r"single_transformer_blocks.\1.attn.norm_\2.\3"),
        (rf"{_S}\.linear2\.(.+)", r"single_transformer_blocks.\1.proj_out.\2"),
    ),
    fused(rf"{_R}\.self_attn_qkv", rf"{_REFINER}.attn", ("to_q", "to_k", "to_v")),
    fused(rf"{_D}\.img_attn_qkv", r"transformer_blocks.\1.attn", ("to_q", "to_k", "to_v")),
    fused(rf"{_D}\.txt_attn_qkv", r"transformer_blocks.\1.attn", ("add_q_proj", "add_k_proj", "add_v_proj")),
    _LINEAR1,
]
