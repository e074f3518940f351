"""Keys per level or per layer: what diffusers builds is counted to the unit, what it refuses is refused."""

from __future__ import annotations

import pytest

from support.independent import independent_count
from support.networks import AUDIO, MUSIC
from support.traces import spec_of
from unetscope.errors import ConfigError
from unetscope.families import check, complete
from unetscope.families.unet.context import reading_levels
from unetscope.sizes import Size
from unetscope.tracing import trace

TWO = {
    "_class_name": "UNet2DConditionModel",
    "block_out_channels": [32, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "cross_attention_dim": 32,
    "attention_head_dim": 8,
    "layers_per_block": 2,
    "sample_size": 16,
}
SIMPLE = {
    "down_block_types": ["SimpleCrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "SimpleCrossAttnUpBlock2D"],
}
PLAIN_ATTENTION = {
    "down_block_types": ["AttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "AttnUpBlock2D"],
}
UNREAD = {"mid_block_type": None}


def depths(down, up=None):
    return {"transformer_layers_per_block": down, "reverse_transformer_layers_per_block": up}


BUILT = {
    "a list for the level that has transformers": depths([[3, 2], 1], [[3, 4], 1]),
    "a list longer than the layers": depths([[3, 2, 9], 1], [1, [1, 2, 3, 4]]),
    "a list for the level of the mid block alone": depths([1, [2, 3]], [1, 1]),
    "an empty list where nothing reads it": UNREAD | depths([1, []], [[], [1, 1, 2]]),
    "null where nothing reads it": UNREAD | depths([1, None], [None, 1]),
    "more entries than levels": depths([1, 2, 3]),
    "more entries than levels, both ways": depths([1, 2, 3], [1, 2, 3]),
    "a number down, lists up": depths(2, [1, [3, 3, 3]]),
    "a layer without blocks": depths([[0, 2], 1], [1, [2, 0, 1]]),
    "layers as many as each level has": {"layers_per_block": [1, 2]} | depths([[3], 1], [1, [1, 2]]),
    "dual transformers, always one deep": {"dual_cross_attention": True} | depths([[1], 1], [[], []]),
    "heads only where they are read": {"attention_head_dim": [8, None], "mid_block_type": None},
    "heads null below a mid block without attention": {
        "attention_head_dim": [8, None],
        "mid_block_type": "UNetMidBlock2D",
    },
    "heads null for simple blocks": SIMPLE | {"attention_head_dim": [None, 8]},
    "heads null for plain attention": PLAIN_ATTENTION | {"attention_head_dim": [None, 8]},
    "a context that the mid block has none of": {"cross_attention_dim": [32, None]},
    "cross-attention alone at one level": {"only_cross_attention": [True, False]},
    "heads per level": {"attention_head_dim": [2, 16]},
}
REFUSED = {
    "a list shorter than the layers": depths([[3], 1], [1, 1]),
    "an empty list for the mid block": depths([1, []], [1, 1]),
    "null for the mid block": depths([1, None]),
    "fewer entries than levels": depths([1]),
    "fewer entries than levels on the way up": depths(1, [1]),
    "one number on the way up": depths(1, 2),
    "lists without those of the way up": depths([[3, 2], 1]),
    "a list too short on the way up": depths(2, [1, [3, 3]]),
    "null depths": depths(None),
    "heads null for the mid block": {"attention_head_dim": [8, None]},
    "heads null where they are read": {"attention_head_dim": [None, 8]},
    "heads null for a simple mid block": {
        "attention_head_dim": [8, None],
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    },
    "heads null at all": {"attention_head_dim": None},
    "a number of heads by its proper name": {"num_attention_heads": 8},
    "a number of heads by its proper name, per level": {"num_attention_heads": [8, 8]},
    "fewer layers than levels": {"layers_per_block": [1]},
    "more layers than levels": {"layers_per_block": [1, 2, 2]},
    "more contexts than levels": {"cross_attention_dim": [32, 32, 32]},
    "more flags than levels": {"only_cross_attention": [True, False, True]},
    "flags null": {"only_cross_attention": None},
    "more heads than levels": {"attention_head_dim": [8, 8, 8]},
}


@pytest.mark.slow
@pytest.mark.parametrize("changes", BUILT.values(), ids=BUILT)
def test_what_diffusers_builds_per_level_is_counted_as_torch_counts_it(changes):
    config = TWO | changes
    size = Size.of(tokens=4)
    spec = spec_of(config)
    check(spec.class_name, spec.config)
    cost = trace(spec, size).cost
    assert (cost.params, cost.macs) == independent_count(config, size)


@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED)
def test_what_diffusers_refuses_per_level_is_refused_before_it_is_built(changes):
    config = TWO | changes
    with pytest.raises(Exception):  # noqa: B017, PT011 - diffusers raises whatever it stumbles on
        independent_count(config, Size.of(tokens=4))
    spec = spec_of(config)
    with pytest.raises(ConfigError):
        check(spec.class_name, spec.config)


@pytest.mark.parametrize(
    ("config", "params", "macs"),
    [
        (
            TWO
            | {"block_out_channels": [4, 8], "norm_num_groups": 4, "attention_head_dim": 2}
            | {"cross_attention_dim": 8, "layers_per_block": 1}
            | BUILT["a list for the level that has transformers"],
            14_444,
            16_858_624,
        ),
        (
            TWO | {"sample_size": 32} | BUILT["a list for the level that has transformers"],
            1_169_284,
            4_277_338_112,
        ),
    ],
)
def test_depths_per_layer_cost_what_they_cost_in_diffusers(config, params, macs):
    # figures: FlopCounterMode over diffusers 0.42's own test configs, batch 4 and 4 tokens
    cost = trace(spec_of(config), Size.of(batch=4, tokens=4)).cost
    assert (cost.params, cost.macs) == (params, macs)


@pytest.mark.parametrize(("config", "macs"), [(MUSIC, 578_469_888), (AUDIO, 38_035_456)])
def test_a_network_whose_pipeline_passes_no_text_is_run_without(config, macs):
    # figures: the forward that the MusicLDM and AudioLDM pipelines of diffusers 0.42 call in their tests
    made = trace(spec_of(config), Size())
    assert made.cost.macs == macs
    assert made.basis.tokens is None


@pytest.mark.parametrize(
    ("changes", "levels"),
    [
        ({}, []),
        ({"cross_attention_dim": 64}, []),  # the class embeddings hold the text
        ({"class_embeddings_concat": False}, []),  # a list that repeats the channels
        ({"class_embeddings_concat": False, "cross_attention_dim": 64}, [1]),
        ({"class_embeddings_concat": False, "cross_attention_dim": [64, 64]}, [1]),
        ({"cross_attention_dim": 48}, [1]),
        ({"cross_attention_dim": [32, 48]}, [1]),
    ],
)
def test_a_context_is_read_unless_its_width_can_only_be_that_of_the_level(changes, levels):
    filled = complete("UNet2DConditionModel", {k: v for k, v in (MUSIC | changes).items() if k[0] != "_"})
    assert [level.index for level in reading_levels(filled)] == levels
