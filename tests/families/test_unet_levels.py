"""One record a level: each block of it is what diffusers builds there, from lists read in whatever way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from support.networks import NETWORKS
from support.networks.strategies import Config, any_unet
from unetscope.families import complete
from unetscope.families.unet.level import UNetBlock, UNetLevel, blocks, levels
from unetscope.tracing import build


def own(config: Config) -> Config:
    return {key: value for key, value in config.items() if not key.startswith("_")}


def read(config: Config) -> tuple[UNetLevel, ...]:
    return levels(complete(config["_class_name"], own(config)))


def assert_built(config: Config) -> None:
    """Every block has the class, layers, attention, depths and resampler that its record says."""
    network = build.build(config["_class_name"], own(config), "float32")
    unet_levels = read(config)
    assert [level.index for level in unet_levels] == list(range(len(network.down_blocks)))
    told = list(blocks(unet_levels))
    built = [*network.down_blocks, *([network.mid_block] if network.mid_block else []), *network.up_blocks]
    for block, module in zip(told, built, strict=True):
        assert block.type == type(module).__name__
        assert len(module.resnets) == block.layers + (block.way == "mid")
        assert block.resamples == any(sampler is not None for sampler in samplers(module))
        attentions = [one for one in getattr(module, "attentions", ()) if one is not None]
        each = 1 if "SkipUp" in block.type else block.layers
        assert len(attentions) == (each if block.attends else 0)
        if block.has_transformers and not config.get("dual_cross_attention"):
            assert [len(one.transformer_blocks) for one in attentions] == depths(block)
            assert {one.config.num_attention_heads for one in attentions} <= {block.head}


def samplers(module: Any) -> list[Any]:
    """What changes the resolution, in lists or under the names that skip blocks have for it."""
    names = ("downsamplers", "upsamplers", "resnet_down", "resnet_up")
    held = [getattr(module, name, None) for name in names]
    return [one for one in held if one is not None]


def depths(block: UNetBlock) -> list[int | None]:
    given = block.depth
    return list(given[: block.layers]) if isinstance(given, list | tuple) else [given] * block.layers


@pytest.mark.parametrize("name", NETWORKS)
def test_the_blocks_of_a_level_are_those_that_diffusers_builds(name: str) -> None:
    assert_built(NETWORKS[name])


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(any_unet())
def test_the_blocks_of_any_unet_are_those_that_diffusers_builds(config: Config) -> None:
    assert_built(config)


def test_the_mid_block_stands_at_the_coarsest_level_and_runs_between_the_ways() -> None:
    sd15 = {"_class_name": "UNet2DConditionModel"}
    unet_levels = read(sd15)
    assert [level.mid is not None for level in unet_levels] == [False, False, False, True]
    assert [block.way for block in blocks(unet_levels)] == ["down"] * 4 + ["mid"] + ["up"] * 4
    assert [block.channels for block in blocks(unet_levels)] == [
        320,
        640,
        1280,
        1280,
        1280,
        1280,
        1280,
        640,
        320,
    ]


def test_widths_of_heads_go_out_from_the_finest_level_and_numbers_of_heads_stay_at_theirs() -> None:
    mixed = {
        "_class_name": "UNet2DConditionModel",
        "block_out_channels": [32, 64],
        "down_block_types": ["CrossAttnDownBlock2D", "AttnDownBlock2D"],
        "up_block_types": ["UNetResAttnUpBlock2D", "CrossAttnUpBlock2D"],
        "attention_head_dim": [2, 4],
    }
    fine, coarse = read(mixed)
    assert (fine.down.head, coarse.down.head, coarse.mid and coarse.mid.head) == (2, 4, 4)
    assert (coarse.up.type, coarse.up.head, fine.up.head) == ("AttnUpBlock2D", 2, 2)
