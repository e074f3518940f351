"""Every UNet that diffusers builds and runs is traced to the unit, paired and drawn; sizes it refuses
are refused with the rule that they break."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from support.independent import independent_count
from support.networks import NETWORKS, PLAIN, PROJECTED, SIMPLE_BLOCKS, SKIP, SMALL, Config, K
from support.networks.strategies import any_unet
from support.rules import assert_drawn, assert_skips_pair_up
from support.traces import spec_of
from unetscope import codec
from unetscope.analysis.cost.table import table
from unetscope.analysis.remarks import Idle, idle
from unetscope.errors import ConfigError, TraceError
from unetscope.families import check
from unetscope.layout.cards.attention_layers import inside_attention
from unetscope.layout.chain.blocks import chain
from unetscope.model import Architecture
from unetscope.render.table.cells import statement
from unetscope.sizes import Size
from unetscope.tracing import trace


@cache
def traced(name: str) -> Architecture:
    return trace(spec_of(NETWORKS[name]), Size())


def own_keys(config: Config) -> Config:
    return {key: value for key, value in config.items() if not key.startswith("_")}


QUICK = tuple(NETWORKS)[::6]
"""Checked by the README's test command too; the others take as long each."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NETWORKS]
)
def test_every_conditioning_and_block_equals_an_independent_count(name):
    config = NETWORKS[name]
    check(config["_class_name"], own_keys(config))
    found = traced(name)
    assert found.uncounted == ()
    assert (found.cost.params, found.cost.macs) == independent_count(config)
    assert trace(spec_of(config), Size(), reuse=False) == found
    assert codec.loads(codec.pack(found)) == found
    assert_skips_pair_up(found)
    assert_drawn(found)


MANY_HEADS = {
    "_class_name": "UNet2DConditionModel",
    "sample_size": 24,
    "block_out_channels": [88, 56, 56],
    "norm_num_groups": 1,
    "down_block_types": ["SimpleCrossAttnDownBlock2D", "AttnDownBlock2D", "SimpleCrossAttnDownBlock2D"],
    "up_block_types": ["SimpleCrossAttnUpBlock2D"] * 3,
    "mid_block_type": None,
    "attention_head_dim": [4, 2, 2],
    "layers_per_block": 1,
    "cross_attention_dim": 8,
    "only_cross_attention": True,
}
"""Its line on heads once ran under the badge of the text."""


@pytest.mark.slow
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # shrinking a network takes minutes
)
@example(config=MANY_HEADS)
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
        expected = independent_count(config, Size.of(latent=sides))
    except (RuntimeError, ValueError, ZeroDivisionError):
        with pytest.raises(TraceError) as caught:
            trace(spec_of(config), Size.of(latent=sides))
        better = re.search(r"--latent (\d+)x(\d+)", caught.value.hint)
        assert better, caught.value.hint
        trace(spec_of(config), Size.of(latent=(int(better[1]), int(better[2]))))
    else:
        found = trace(spec_of(config), Size.of(latent=sides))
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
        (
            PLAIN | {"norm_num_groups": 32},
            (2, 2),
            "it takes --latent 4x4",
        ),
    ],
)
def test_a_size_that_a_network_refuses_gives_its_rule(config, latent, hint):
    with pytest.raises(TraceError, match=f"refuses an input of .*×{latent[0]}×{latent[1]}: ") as caught:
        trace(spec_of(config), Size.of(latent=latent))
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (SMALL | {"class_embeddings_concat": True}, "class_embeddings_concat needs class_embed_type"),
        (
            SMALL
            | {"class_embeddings_concat": True, "num_class_embeds": 3, "addition_embed_type": "text_image"},
            'class_embeddings_concat leaves no room for addition_embed_type "text_image"',
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
            SMALL | {"cross_attention_dim": [None, 24]},
            "cross_attention_dim is null at a level that reads the text",
        ),
        (
            SMALL | SIMPLE_BLOCKS | {"attention_head_dim": 5},
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
        found = trace(spec_of(SMALL), Size.of(latent=latent))
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


@pytest.mark.slow
def test_no_module_of_any_network_here_is_of_an_unknown_kind():
    unknown = {node.type for name in NETWORKS for node in traced(name).nodes if node.kind == node.type}
    assert unknown == set()


def test_the_tokens_of_a_context_are_those_of_its_network():
    tokens = {"dual attention": 77 + 257, "no text at all": None, "projected image": None, "added text": 77}
    assert {name: traced(name).basis.tokens for name in tokens} == tokens


@pytest.mark.parametrize("name", ["added text", "projected image beside text", "projected text and image"])
def test_text_pooled_into_the_time_embedding_is_not_a_context_that_residual_blocks_read(name):
    marks = {(block.kind, block.times, block.texts) for block in chain(traced(name)).blocks()}
    assert {mark for mark in marks if mark[0] in ("residual", "attention")} == {
        ("residual", True, False),
        ("attention", False, True),
    }


def test_cross_attention_that_is_given_no_context_is_called_self_attention():
    found = traced("a context of each level's own width")
    blocks = [block for block in chain(found).blocks() if block.kind == "attention"]
    layers = inside_attention(found, blocks).layers
    assert [layer.words for layer in layers[:2]] == ["LayerNorm · self-attention"] * 2
    assert not any(block.texts for block in blocks)


def test_parameters_that_a_forward_does_not_run_are_told():
    found = traced("gated attention")
    ran = trace(spec_of(NETWORKS["gated attention"] | {"attention_type": "default"}), Size())
    assert idle(found) == Idle(found.cost.params - ran.cost.params, ("fuser", "position_net"))
    assert found.cost.macs == ran.cost.macs
    assert idle(ran) == Idle()
    words = f"not run: {idle(found).params:,} parameters (fuser, position_net)"
    assert words in statement(table(found, names=("params",)))
    blocks = [block for block in chain(found).blocks() if block.kind == "attention"]
    assert inside_attention(found, blocks) == inside_attention(ran, blocks)


def test_transformers_side_by_side_are_not_drawn_as_a_stack():
    found = traced("dual attention")
    blocks = [block for block in chain(found).blocks() if block.kind == "attention"]
    inside = inside_attention(found, blocks)
    assert {block.repeat for block in blocks} == {1}
    assert (inside.before, inside.after) == ("", "mean of both")
    assert [layers[1].below for layers in inside.abreast] == ["text 257×24 → C", "text 77×24 → C"]
