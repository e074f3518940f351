"""Hypothesis strategies for UNet configs that diffusers builds and runs, small enough to do so quickly.

Three styles that do not mix: plain blocks in any order, K blocks (k-diffusion's upscaler), and
skip blocks (NCSN++). What makes a config legal is read from the forwards of diffusers 0.42.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from support.networks import Config

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

DIVISORS = (1, 2, 4, 8, 16, 32)
TEXT_BLOCKS = ("CrossAttn", "SimpleCrossAttn")
PLAIN_BLOCKS = ("", "Attn")
MID = "UNetMidBlock2D"


@st.composite
def conditional(draw: Draw) -> Config:
    """A UNet2DConditionModel of plain blocks, with every conditioning that fits them."""
    levels = draw(st.integers(1, 4))
    downs = [draw(_named("Down")) for _ in range(levels)]
    ups = [draw(_named("Up")) for _ in range(levels)]
    mid = draw(st.sampled_from([f"{MID}CrossAttn", f"{MID}SimpleCrossAttn", MID, None]))
    config = _shared(draw, "UNet2DConditionModel", levels, width=st.integers(4, 16).map(lambda n: 8 * n))
    config |= {"down_block_types": downs, "up_block_types": ups, "mid_block_type": mid}
    config |= {"attention_head_dim": draw(_one_or_per_level(_heads([*downs, *ups, mid]), levels))}
    config |= {"layers_per_block": draw(_one_or_per_level(st.integers(1, 2), levels))}
    config |= draw(_transformer_depths(config))
    config |= draw(_attention_options(config))
    return config | draw(_time(config)) | draw(_conditioning(config))


@st.composite
def k_blocks(draw: Draw) -> Config:
    """A UNet2DConditionModel of K blocks, whose up blocks read one skip each."""
    levels = draw(st.integers(1, 3))
    widths = sorted(draw(st.sampled_from([32, 64, 128])) for _ in range(levels))
    deepest_text, time = draw(st.booleans()), draw(st.sampled_from([24, widths[-1]]))
    if deepest_text:  # it hands on no skip, and only an up block of this shape does without
        widths, time = [*widths[:-2], *[widths[-1]] * min(levels, 2)], widths[-1]
    downs = [draw(st.sampled_from(["KDownBlock2D", "KCrossAttnDownBlock2D"])) for _ in range(levels - 1)]
    downs += ["KCrossAttnDownBlock2D" if deepest_text else "KDownBlock2D"]
    ups = []
    for level in reversed(range(levels)):
        without_skip = widths[max(level - 1, 0)] == widths[level] == time
        first = level == levels - 1 and deepest_text
        choices = ["KCrossAttnUpBlock2D"] if first else ["KUpBlock2D"]
        if not first and not without_skip:
            choices += ["KCrossAttnUpBlock2D"]
        ups.append(draw(st.sampled_from(choices)))
    config = _shared(draw, "UNet2DConditionModel", levels, width=st.just(0))
    config |= {"block_out_channels": widths, "down_block_types": downs, "up_block_types": ups}
    config |= {
        "mid_block_type": draw(st.sampled_from([None, MID])),
        "norm_num_groups": draw(st.sampled_from([None, 8])),
        "time_embedding_dim": time,
        "attention_head_dim": draw(st.sampled_from([4, 8, 5])),
        "layers_per_block": draw(_one_or_per_level(st.integers(1, 2), levels)),
        "cross_attention_dim": 24,
        "conv_in_kernel": 1,
        "conv_out_kernel": 1,
    }
    if config["mid_block_type"]:
        config["resnet_time_scale_shift"] = "default"
    # a doubled time embedding would change which up blocks do without a skip
    return config | draw(_conditioning(config)) | {"class_embeddings_concat": False}


@st.composite
def unconditional(draw: Draw) -> Config:
    """A UNet2DModel of plain blocks."""
    levels = draw(st.integers(1, 4))
    config = _shared(draw, "UNet2DModel", levels, width=st.integers(4, 16).map(lambda n: 8 * n))
    plain = st.sampled_from([*PLAIN_BLOCKS, "Resnet"])
    config |= {
        "down_block_types": [_full_name(draw(plain), "Down") for _ in range(levels)],
        "up_block_types": [_full_name(draw(plain), "Up") for _ in range(levels)],
        "downsample_type": draw(st.sampled_from(["conv", "resnet"])),
        "upsample_type": draw(st.sampled_from(["conv", "resnet"])),
        "attn_norm_num_groups": draw(st.sampled_from([None, 2])),
    }
    return config | draw(_unconditional_rest(levels))


@st.composite
def skip_blocks(draw: Draw) -> Config:
    """A UNet2DModel whose first down blocks and last up blocks hand the image on."""
    levels = draw(st.integers(1, 3))
    config = _shared(draw, "UNet2DModel", levels, width=st.sampled_from([32, 64, 96, 128]))
    handing_on = draw(st.integers(0, levels)), draw(st.integers(0, levels))
    skip, plain = st.sampled_from(["Skip", "AttnSkip"]), st.sampled_from(PLAIN_BLOCKS)
    downs = [_full_name(draw(skip if level < handing_on[0] else plain), "Down") for level in range(levels)]
    ups = [_full_name(draw(skip if level < handing_on[1] else plain), "Up") for level in range(levels)]
    config |= {"down_block_types": downs, "up_block_types": ups[::-1], "in_channels": 3, "out_channels": 3}
    return config | draw(_unconditional_rest(levels))


def any_unet() -> st.SearchStrategy[Config]:
    """A legal config of either class and any style; conditional ones most often."""
    return st.one_of(conditional(), conditional(), conditional(), unconditional(), k_blocks(), skip_blocks())


def _shared(draw: Draw, class_name: str, levels: int, *, width: st.SearchStrategy[int]) -> Config:
    """Keys that mean the same in both classes."""
    smallest = 2 ** (levels - 1)
    side = st.integers(2, max(2, 32 // smallest)).map(lambda n: n * smallest)
    groups = st.sampled_from([1, 2, 4, 8])
    return {
        "_class_name": class_name,
        "sample_size": draw(st.one_of(side, st.lists(side, min_size=2, max_size=2), st.none())),
        "in_channels": draw(st.integers(1, 9)),
        "out_channels": draw(st.integers(1, 8)),
        "center_input_sample": draw(st.booleans()),
        "block_out_channels": [draw(width) for _ in range(levels)],
        "norm_num_groups": draw(groups),
        "act_fn": draw(st.sampled_from(["silu", "swish", "mish", "gelu", "relu"])),
        "resnet_time_scale_shift": draw(st.sampled_from(["default", "scale_shift"])),
        "downsample_padding": draw(st.sampled_from([0, 1])),
    }


def _named(way: str) -> st.SearchStrategy[str]:
    kinds = st.sampled_from([*PLAIN_BLOCKS, "Resnet", *TEXT_BLOCKS])
    return st.builds(lambda kind, old: ("UNetRes" if old else "") + _full_name(kind, way), kinds, _seldom())


def _full_name(kind: str, way: str) -> str:
    return f"Resnet{way}sampleBlock2D" if kind == "Resnet" else f"{kind}{way}Block2D"


def _seldom() -> st.SearchStrategy[bool]:
    return st.integers(0, 7).map(lambda n: n == 7)


def _one_or_per_level(entry: st.SearchStrategy[Any], levels: int) -> st.SearchStrategy[Any]:
    return st.one_of(entry, st.lists(entry, min_size=levels, max_size=levels))


def _heads(blocks: list[str | None]) -> st.SearchStrategy[int]:
    """Numbers or widths of heads; simple attention needs them to divide its channels."""
    simple = any(name and "Simple" in name for name in blocks)
    return st.sampled_from([1, 2, 4, 8] if simple else [1, 2, 4, 8, 3, 5, 7])


@st.composite
def _transformer_depths(draw: Draw, config: Config) -> Config:
    """Transformer blocks per level, or per layer with those of the up blocks beside them."""
    levels, layers = len(config["down_block_types"]), config["layers_per_block"]
    counts = [layers] * levels if isinstance(layers, int) else layers
    if draw(st.booleans()):
        return {"transformer_layers_per_block": draw(_one_or_per_level(st.integers(0, 2), levels))}
    depth = st.integers(0, 2)
    per_layer = [draw(st.lists(depth, min_size=count, max_size=count + 1) | depth) for count in counts]
    back = [draw(st.lists(depth, min_size=n + 1, max_size=n + 2) | depth) for n in reversed(counts)]
    return {"transformer_layers_per_block": per_layer, "reverse_transformer_layers_per_block": back}


@st.composite
def _attention_options(draw: Draw, config: Config) -> Config:
    """Options of attention and of residual blocks, and the width of the context."""
    levels, flag = len(config["down_block_types"]), st.booleans()
    norm = draw(st.sampled_from([None, None, "group_norm"]))
    width = 32 if norm else draw(st.sampled_from([8, 24, 32]))
    made = {
        "cross_attention_norm": norm,
        "cross_attention_dim": draw(st.sampled_from([width, [width] * levels])),
        "only_cross_attention": draw(_one_or_per_level(flag, levels)),
        "mid_block_only_cross_attention": draw(st.sampled_from([None, True, False])),
        "dual_cross_attention": draw(_seldom()),
        "use_linear_projection": draw(flag),
        "upcast_attention": draw(flag),
        "resnet_skip_time_act": draw(flag),
        "resnet_out_scale_factor": draw(st.sampled_from([1.0, 1.5])),
        "conv_in_kernel": draw(st.sampled_from([1, 3, 5])),
        "conv_out_kernel": draw(st.sampled_from([1, 2, 3, 5])),
    }
    if isinstance(made["cross_attention_dim"], int):
        made["attention_type"] = draw(st.sampled_from(["default"] * 4 + ["gated", "gated-text-image"]))
    return made


@st.composite
def _time(draw: Draw, config: Config) -> Config:
    activation = st.sampled_from([None, "silu", "gelu"])
    return {
        "time_embedding_type": draw(st.sampled_from(["positional", "fourier"])),
        "time_embedding_dim": draw(st.sampled_from([None, 24, 64])),
        "time_embedding_act_fn": draw(activation),
        "timestep_post_act": draw(activation),
        "time_cond_proj_dim": draw(st.sampled_from([None, 12])),
    }


@st.composite
def _conditioning(draw: Draw, config: Config) -> Config:
    """Class labels, an added embedding and a projected context, in combinations that fit."""
    one_width = isinstance(config["cross_attention_dim"], int)
    added = draw(st.sampled_from([None, "text_time", *(_ADDED if one_width else ())]))
    labels = draw(st.sampled_from([None, "count", "timestep", "identity", "projection", "simple_projection"]))
    projected = draw(st.sampled_from([None, *(_PROJECTED if one_width else ())]))
    made: Config = {"addition_embed_type": added, "encoder_hid_dim_type": projected}
    made["class_embed_type"] = None if labels == "count" else labels
    made["num_class_embeds"] = 10 if labels == "count" else None
    made["class_embeddings_concat"] = labels is not None and added is None and draw(st.booleans())
    if added == "text_time" or labels in ("projection", "simple_projection"):
        made |= {
            "addition_time_embed_dim": 6,
            "projection_class_embeddings_input_dim": draw(st.integers(6, 60)),
        }
    if added == "text":
        made["addition_embed_type_num_heads"] = draw(st.sampled_from([2, 4, 8]))
    if added == "image_hint":
        made["in_channels"] = draw(st.integers(5, 9))
    if projected or added in ("image", "image_hint"):
        clash = {projected, added} in ({"text_image_proj", "image"}, {"text_image_proj", "image_hint"})
        clash = clash or {projected, added} == {"image_proj", "text_image"}
        made["encoder_hid_dim"] = config["cross_attention_dim"] if clash else draw(st.sampled_from([16, 40]))
    return made


_ADDED = ("text", "text_image", "image", "image_hint")
_PROJECTED = ("text_proj", "text_image_proj", "image_proj")


@st.composite
def _unconditional_rest(draw: Draw, levels: int) -> Config:
    labels = draw(st.sampled_from([None, "count", "timestep", "identity"]))
    time = draw(st.sampled_from(["positional", "fourier", "learned"]))
    return {
        "layers_per_block": draw(st.integers(1, 2)),
        "mid_block_type": draw(st.sampled_from([None, MID])),
        "add_attention": draw(st.booleans()),
        "attention_head_dim": draw(st.sampled_from([None, 1, 4, 8, 5])),
        "time_embedding_type": time,
        "num_train_timesteps": 50 if time == "learned" else None,
        "time_embedding_dim": draw(st.sampled_from([None, 24])),
        "class_embed_type": None if labels == "count" else labels,
        "num_class_embeds": 10 if labels == "count" else None,
    }
