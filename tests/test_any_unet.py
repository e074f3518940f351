"""Every UNet that diffusers builds and runs is traced to the unit, paired and drawn; sizes it refuses
are refused with the rule that they break."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from configs import any_unet
from conftest import SMALL, spec_of
from independent import independent_count
from pictures import framed, texts
from test_layout import MARGIN, apart, ink, inside
from unetscope import api
from unetscope.errors import ConfigError, TraceError
from unetscope.families.checks import check
from unetscope.layout import LAYOUTS, lay_out
from unetscope.layout.blocks import chain
from unetscope.layout.scene import Frame, Line, Scene, flat
from unetscope.model import Architecture, is_within
from unetscope.spec import Size
from unetscope.tracing import trace

Config = dict[str, Any]

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
SIMPLE: Config = {
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
    "no text at all": SMALL
    | {"down_block_types": ["DownBlock2D"] * 2, "up_block_types": ["UpBlock2D"] * 2, "mid_block_type": None},
    "depths per layer": SMALL
    | {
        "transformer_layers_per_block": [[2], [1]],
        "reverse_transformer_layers_per_block": [[1, 2], [0, 1]],
    },
    # other blocks
    "simple cross-attention": SMALL
    | SIMPLE
    | {"resnet_time_scale_shift": "scale_shift", "resnet_skip_time_act": True, "only_cross_attention": True},
    "normed cross-attention": SMALL
    | SIMPLE
    | {"block_out_channels": [32, 32], "cross_attention_dim": 32, "cross_attention_norm": "layer_norm"},
    "group-normed cross-attention": SMALL
    | SIMPLE
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


@cache
def traced(name: str) -> Architecture:
    return trace(spec_of(NETWORKS[name]), Size())


def own_keys(config: Config) -> Config:
    return {key: value for key, value in config.items() if not key.startswith("_")}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_conditioning_and_block_equals_an_independent_count(name):
    config = NETWORKS[name]
    check(config["_class_name"], own_keys(config))
    found = traced(name)
    assert found.uncounted == ()
    assert (found.cost.params, found.cost.macs) == independent_count(config)
    assert trace(spec_of(config), Size(), reuse=False) == found
    assert_skips_pair_up(found)
    assert_drawn(found)


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(config=any_unet())
def test_any_legal_config_is_traced_to_the_unit_paired_and_drawn(config):
    check(config["_class_name"], own_keys(config))
    found = trace(spec_of(config), Size())
    assert found.uncounted == ()
    assert (found.cost.params, found.cost.macs) == independent_count(config)
    assert_skips_pair_up(found)
    assert_drawn(found)


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(config=any_unet(), sides=st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_any_size_is_traced_to_the_unit_or_refused_with_one_that_is_not(config, sides):
    try:
        expected = independent_count(config, Size(latent=sides))
    except (RuntimeError, ValueError, ZeroDivisionError):
        with pytest.raises(TraceError) as caught:
            trace(spec_of(config), Size(latent=sides))
        better = re.search(r"--latent (\d+)x(\d+)", caught.value.hint)
        assert better, caught.value.hint
        trace(spec_of(config), Size(latent=(int(better[1]), int(better[2]))))
    else:
        found = trace(spec_of(config), Size(latent=sides))
        assert (found.cost.params, found.cost.macs) == expected
        assert_skips_pair_up(found)


@pytest.mark.parametrize(
    ("config", "latent", "hint"),
    [
        (PLAIN, (15, 16), "it takes heights and widths divisible by 2; the nearest size is --latent 16x16"),
        (
            PLAIN
            | {
                "block_out_channels": [32] * 4,
                "down_block_types": ["DownBlock2D"] * 4,
                "up_block_types": ["UpBlock2D"] * 4,
            },
            (33, 63),
            "it takes heights and widths divisible by 8; the nearest size is --latent 32x64",
        ),
        (K, (18, 20), "it takes heights and widths divisible by 4; the nearest size is --latent 20x20"),
        (SKIP, (5, 1), "it takes heights and widths divisible by 2; the nearest size is --latent 6x2"),
        (SMALL | {"conv_in_kernel": 2}, (16, 16), "the nearest size is --latent 17x17"),
    ],
)
def test_a_size_that_a_network_refuses_gives_its_rule(config, latent, hint):
    with pytest.raises(TraceError, match=f"refuses an input of .*×{latent[0]}×{latent[1]}: ") as caught:
        trace(spec_of(config), Size(latent=latent))
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (SMALL | {"class_embeddings_concat": True}, "class_embeddings_concat needs class_embed_type"),
        (
            SMALL
            | {"class_embeddings_concat": True, "num_class_embeds": 3, "addition_embed_type": "text_image"},
            'class_embeddings_concat leaves no width for addition_embed_type "text_image"',
        ),
        (
            SMALL | PROJECTED | {"addition_embed_type": "image_hint", "in_channels": 3},
            'addition_embed_type "image_hint" takes 4 of the in_channels: 3 leave none for the sample',
        ),
        (
            SMALL | {"addition_embed_type": "text"},
            "text of width 24 does not divide into addition_embed_type_num_heads 64",
        ),
        (
            SMALL | PROJECTED | {"encoder_hid_dim_type": "image_proj", "addition_embed_type": "text_image"},
            "the image embedding would need two widths: 40 for encoder_hid_dim_type, 24 for addition",
        ),
        (
            SMALL
            | {
                "addition_embed_type": "text_time",
                "addition_time_embed_dim": 8,
                "projection_class_embeddings_input_dim": 7,
            },
            "projection_class_embeddings_input_dim 7 is less than addition_time_embed_dim",
        ),
        (
            SMALL | {"cross_attention_dim": [24, 16]},
            "cross_attention_dim differs between levels that read the text: 16, 24",
        ),
        (
            SMALL | SIMPLE | {"attention_head_dim": 5},
            "attention_head_dim 5 does not divide the 32 channels of SimpleCrossAttnDownBlock2D",
        ),
        (SKIP | {"_class_name": "UNet2DConditionModel"}, "SkipDownBlock2D hands on the image"),
        (SKIP | {"in_channels": 4}, "SkipDownBlock2D needs in_channels 3, not 4"),
        (
            PLAIN | {"down_block_types": ["DownEncoderBlock2D", "DownBlock2D"]},
            "DownEncoderBlock2D is a block of an autoencoder",
        ),
        (
            PLAIN | {"up_block_types": ["UpBlock2D", "AttnUpDecoderBlock2D"]},
            "AttnUpDecoderBlock2D is a block of an autoencoder",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused_and_diffusers_would_not_run_them(config, message):
    with pytest.raises(ConfigError) as caught:
        check(config["_class_name"], own_keys(config))
    assert message in str(caught.value)
    with pytest.raises(Exception, match=r".+"):  # whatever torch or diffusers says
        independent_count(config)


def test_levels_count_resolutions_in_oblong_and_in_tiny_inputs():
    for latent in ((4, 1), (1, 4), (64, 8)):
        found = trace(spec_of(SMALL), Size(latent=latent))
        levels = {stage.path: stage.level for stage in found.stages if stage.level is not None}
        assert levels == {
            "down_blocks.0": 0,
            "down_blocks.1": 1,
            "mid_block": 1,
            "up_blocks.0": 1,
            "up_blocks.1": 0,
        }


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("added text", {"conditioning": ["time_proj", "time_embedding", "add_embedding"]}),
        (
            "projected image",
            {"conditioning": ["time_proj", "time_embedding", "encoder_hid_proj", "add_embedding"]},
        ),
        ("plain, class timestep", {"conditioning": ["time_proj", "time_embedding", "class_embedding"]}),
        ("gated attention", {"conditioning": ["time_proj", "time_embedding", "position_net"]}),
        ("activated time", {"conditioning": ["time_proj", "time_embedding", "time_embed_act"]}),
        ("K blocks", {"head": ["conv_out"], "mid": []}),
    ],
)
def test_what_stands_outside_the_stages_conditions_begins_or_ends_them(name, roles):
    stages = traced(name).stages
    assert {role: [stage.path for stage in stages if stage.role == role] for role in roles} == roles


def test_no_module_of_any_network_here_is_of_an_unknown_kind():
    unknown = {node.type for name in NETWORKS for node in traced(name).nodes if node.kind == node.type}
    assert unknown == set()


def test_the_tokens_of_a_context_are_those_of_its_network():
    tokens = {"dual attention": 77 + 257, "no text at all": None, "projected image": None, "added text": 77}
    assert {name: traced(name).basis.tokens for name in tokens} == tokens


def assert_skips_pair_up(found: Architecture) -> None:
    """Both ends of every skip exist, lie in different stages and agree in spatial size."""
    stage_of = {
        node.path: stage.path
        for node in found.nodes
        for stage in found.stages
        if is_within(node.path, stage.path)
    }
    for skip in found.skips:
        assert stage_of[skip.source] != stage_of[skip.target]
        assert found.by_path[skip.source].output == skip.shape
        assert found.by_path[skip.target].input[2:] == skip.shape[2:]


def assert_drawn(found: Architecture) -> None:
    """Both layouts draw the network by the rules of pictures."""
    for layout in LAYOUTS:
        drawn = lay_out(found, layout=layout)
        assert_words_fit(drawn)
        assert_blocks_stand_apart(found, drawn)
        lines = [item for item in flat(drawn.items) if isinstance(item, Line)]
        wires = [line for line in lines if line.role == "skip" and line.dashes and line.head]
        assert len(wires) == len(found.skips) + (1 if found.skips else 0)  # one more in the legend
        assert b"</svg>" in api.draw(found, layout=layout)


def assert_words_fit(drawn: Scene) -> None:
    level, page = [text for text in texts(drawn) if not text.upright], Frame(0, 0, drawn.width, drawn.height)
    for text in level:
        assert inside(ink(text), text.frame or page), text.content
        assert text.left >= MARGIN - 8, text.content
        assert text.left + text.width <= drawn.width - MARGIN + 8, text.content
    for a, b in combinations(level, 2):
        assert apart(ink(a), ink(b)), (a.content, b.content)


def assert_blocks_stand_apart(found: Architecture, drawn: Scene) -> None:
    network, places = chain(found), list(framed(drawn.items))
    stages = {stage.stage.path for stage in network.stages}
    boxes = {path: frame for path, frame in places if path in stages}
    blocks = [(path, frame) for path, frame in places if path not in stages]
    assert boxes.keys() == stages
    assert len(blocks) == len(network.blocks()) + (network.inlet is not None) + (network.outlet is not None)
    for frames in (list(boxes.values()), [frame for _, frame in blocks]):
        assert all(apart(a, b) for a, b in combinations(frames, 2))
    for path, frame in blocks:
        home = next((stage for stage in boxes if path.startswith(stage + ".")), None)
        assert home is None or inside(frame, boxes[home])
