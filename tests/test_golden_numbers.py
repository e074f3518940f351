"""Totals equal the published golden numbers and an independent count, to the unit."""

from __future__ import annotations

from functools import cache

import pytest

from conftest import bundled, reference_config, reference_names, spec_of
from independent import independent_count
from unetscope.model import Architecture, Cost
from unetscope.spec import Size
from unetscope.tracing import trace

GOLDEN = {
    # reference config: (params, MACs) of one forward, batch 1, at the native size
    "sd15": (859_520_964, 401_636_720_640),
    "sd15-inpaint": (859_535_364, 401_695_703_040),
    "sd20-base": (865_910_724, 402_128_732_160),
    "sd21": (865_910_724, 1_074_552_872_960),
    "sd-turbo": (865_910_724, 402_128_732_160),
    "sdxl-base": (2_567_463_684, 3_380_618_199_040),
    "sdxl-refiner": (2_259_526_660, 3_643_005_468_672),
    "sdxl-inpaint": (2_567_478_084, 3_380_854_128_640),
    "sdxl-turbo": (2_567_463_684, 794_389_381_120),
    "bk-sdm-base": (579_384_964, 261_496_995_840),
    "bk-sdm-small": (482_346_884, 255_447_203_840),
    "bk-sdm-tiny": (323_384_964, 242_754_519_040),
    "bk-sdm-v2-base": (583_480_964, 261_812_387_840),
    "ddpm-cifar10-32": (35_746_307, 6_221_856_768),
    "instruct-pix2pix": (859_532_484, 401_683_906_560),
}

SD15_STAGES = {
    # stage: (params, conv, linear, attention), published to three decimals of a G
    "down_blocks.0": (10_524_480, "17.721", "15.176", "21.879"),
    "down_blocks.1": (36_818_560, "16.043", "15.253", "2.886"),
    "down_blocks.2": (139_992_320, "16.043", "15.406", "0.436"),
    "down_blocks.3": (62_277_120, "3.775", "0.003", "0.000"),
    "mid_block": (97_038_080, "3.985", "2.042", "0.023"),
    "up_blocks.0": (162_241_280, "12.897", "0.005", "0.000"),
    "up_blocks.1": (258_330_880, "52.009", "23.108", "0.655"),
    "up_blocks.2": (71_413_120, "56.204", "22.879", "4.329"),
    "up_blocks.3": (18_810_560, "43.201", "22.764", "32.818"),
}

SDXL_STAGES = {
    # stage: (MACs, attention) in G; None where no attention is published
    "down_blocks.0": ("64.17", None),
    "down_blocks.1": ("273.29", "87.51"),
    "down_blocks.2": ("730.18", "57.72"),
    "mid_block": ("398.65", "28.86"),
    "up_blocks.0": ("1212.71", "86.59"),
    "up_blocks.1": ("538.49", "131.27"),
    "up_blocks.2": ("162.74", None),
    "conv_in": ("0.19", None),
    "conv_out": ("0.19", None),
}

SKIPS = {"sd15": 12, "sdxl": 9, "bk-sdm-base": 8, "bk-sdm-small": 8, "bk-sdm-tiny": 6}


@cache
def fresh(name: str) -> Architecture:
    return trace(spec_of(reference_config(name), name=name), Size())


@pytest.mark.parametrize("name", GOLDEN)
def test_totals_equal_the_published_ones_to_the_unit(name: str) -> None:
    cost = fresh(name).cost
    assert (cost.params, cost.macs) == GOLDEN[name]


def test_sd15_costs_per_stage_what_was_published() -> None:
    costs = bundled("sd15").costs
    shown = {
        path: (costs[path].params, *(f"{macs / 1e9:.3f}" for macs in (c.conv, c.linear, c.attention)))
        for path in SD15_STAGES
        for c in [costs[path]]
    }
    assert shown == SD15_STAGES


def test_sdxl_costs_per_stage_what_was_published() -> None:
    costs = bundled("sdxl").costs
    shown = {
        path: (f"{costs[path].macs / 1e9:.2f}", attention and f"{costs[path].attention / 1e9:.2f}")
        for path, (_, attention) in SDXL_STAGES.items()
    }
    assert shown == SDXL_STAGES


@pytest.mark.parametrize("name", SKIPS)
def test_as_many_skips_are_observed_as_the_architecture_has(name: str) -> None:
    assert len(bundled(name).skips) == SKIPS[name]


def test_the_skips_of_sd15_join_the_blocks_that_the_paper_draws() -> None:
    ends = [(skip.source, skip.target) for skip in bundled("sd15").skips]
    assert ends == [
        ("down_blocks.3.resnets.1", "up_blocks.0.resnets.0"),
        ("down_blocks.3.resnets.0", "up_blocks.0.resnets.1"),
        ("down_blocks.2.downsamplers.0", "up_blocks.0.resnets.2"),
        ("down_blocks.2.attentions.1", "up_blocks.1.resnets.0"),
        ("down_blocks.2.attentions.0", "up_blocks.1.resnets.1"),
        ("down_blocks.1.downsamplers.0", "up_blocks.1.resnets.2"),
        ("down_blocks.1.attentions.1", "up_blocks.2.resnets.0"),
        ("down_blocks.1.attentions.0", "up_blocks.2.resnets.1"),
        ("down_blocks.0.downsamplers.0", "up_blocks.2.resnets.2"),
        ("down_blocks.0.attentions.1", "up_blocks.3.resnets.0"),
        ("down_blocks.0.attentions.0", "up_blocks.3.resnets.1"),
        ("conv_in", "up_blocks.3.resnets.2"),
    ]


def test_bk_sdm_tiny_skips_from_the_tensor_that_is_also_the_running_path() -> None:
    ends = [(skip.source, skip.target) for skip in bundled("bk-sdm-tiny").skips]
    assert ends == [
        ("down_blocks.2.attentions.0", "up_blocks.0.resnets.0"),
        ("down_blocks.1.downsamplers.0", "up_blocks.0.resnets.1"),
        ("down_blocks.1.attentions.0", "up_blocks.1.resnets.0"),
        ("down_blocks.0.downsamplers.0", "up_blocks.1.resnets.1"),
        ("down_blocks.0.attentions.0", "up_blocks.2.resnets.0"),
        ("conv_in", "up_blocks.2.resnets.1"),
    ]


@pytest.mark.parametrize("name", reference_names())
def test_every_reference_unet_equals_an_independent_count(name: str) -> None:
    found = fresh(name)
    assert found.uncounted == ()
    assert (found.cost.params, found.cost.macs) == independent_count(reference_config(name))


@pytest.mark.parametrize(
    "size", [Size.of(latent=(33, 40)), Size.of(batch=3, tokens=5), Size.of(latent=(16, 24), dtype="float16")]
)
def test_other_sizes_equal_an_independent_count_too(size: Size) -> None:
    found = trace(spec_of(reference_config("bk-sdm-tiny")), size)
    assert (found.cost.params, found.cost.macs) == independent_count(reference_config("bk-sdm-tiny"), size)


def test_a_network_costs_the_sum_of_its_operations() -> None:
    found = bundled("sdxl")
    by_class = dict.fromkeys(("conv", "linear", "attention", "other"), 0)
    for call in found.calls:
        operation = found.operations[call.operation]
        if operation.op_class != "none":
            by_class[operation.op_class] += operation.macs
    assert found.cost == Cost(found.cost.params, **by_class)
