"""Weights in narrow formats and offloaded: blocks are exact, what a format leaves out stays 16-bit."""

from __future__ import annotations

import json
from math import prod
from typing import Any

import pytest
from click.testing import CliRunner

from support.traces import bundled
from unetscope.analysis.memory.placement import Offload, on_device
from unetscope.analysis.memory.weights import FORMATS, QUANTS, weights
from unetscope.cli.commands import unetscope

BLOCKS = {"q8_0": (32, 34), "q6_k": (256, 210), "q5_k": (256, 176), "q4_k": (256, 144)}
BLOCKS |= {"q3_k": (256, 110), "q2_k": (256, 84)}
"""Weights and bytes of a block in ggml-common.h (block_q8_0, block_q6_K …)."""


def told(*args: str) -> dict[str, Any]:
    done = CliRunner().invoke(unetscope, ["memory", *args, "--json"], env={"COLUMNS": "80"})
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.mark.parametrize("format", BLOCKS)
@pytest.mark.parametrize("id", ["flux1-dev", "sd15", "sana-600m-512"])
def test_gguf_takes_linear_weights_of_whole_blocks_and_leaves_the_rest_in_16_bits(
    id: str, format: str
) -> None:
    network, (block, size) = bundled(id), BLOCKS[format]
    expected = 0
    for one in network.tensors:
        linear = network.by_path[one.owner].kind == "linear" and one.name.endswith("weight")
        whole = linear and len(one.shape) > 1 and one.shape[-1] % block == 0
        expected += prod(one.shape) // block * size if whole else 2 * prod(one.shape)
    [found] = weights(network, [format])
    assert found.bytes == expected


def test_a_row_that_is_no_whole_block_is_left_out() -> None:
    narrow, wide = (weights(bundled("sana-600m-512"), [format])[0].cast for format in ("q4_k", "q8_0"))
    assert narrow < wide  # rows of 1152 are 36 blocks of 32, and no whole number of 256


@pytest.mark.parametrize("quant", QUANTS)
def test_a_quantized_forward_holds_the_weights_of_its_format(quant: str) -> None:
    found = told("sd15", "--quant", quant)
    assert found["held_bytes"] == weights(bundled("sd15"), [quant])[0].bytes
    assert found["activation_peak_bytes"] == told("sd15")["activation_peak_bytes"]


@pytest.mark.slow
def test_what_fits_is_answered_for_every_format_in_order() -> None:
    found = told("flux1-dev", "--fits", "12GB")["fits"]
    sizes = [one["needed"] for one in found["formats"]]
    assert sizes == sorted(sizes, reverse=True)
    assert {one["format"] for one in found["formats"]} == {"float16", *QUANTS}
    fitting = [one["format"] for one in found["formats"] if one["needed"] <= 12 * 10**9]
    assert fitting[0] == "q6_k"
    for one in found["formats"][1:]:
        alone = told("flux1-dev", "--fits", "12GB", "--quant", one["format"])["fits"]
        assert alone["needed"] == one["needed"]


def test_sequential_offload_holds_the_largest_modules_own_weights() -> None:
    network = bundled("sdxl")
    own: dict[str, int] = {}
    for one in network.tensors:
        own[one.owner] = own.get(one.owner, 0) + 2 * prod(one.shape)
    assert on_device(network, dtype="float16", offload=Offload("sequential")) == max(own.values())


def test_offloading_all_blocks_at_a_time_holds_as_much_as_the_longest_list_of_them() -> None:
    network = bundled("flux1-dev")
    both = {
        path: 2 * network.costs[path].params for path in ("transformer_blocks", "single_transformer_blocks")
    }
    rest = 2 * network.cost.params - sum(both.values())
    sizes = [
        on_device(network, dtype="float16", offload=Offload("blocks", count)) for count in (1, 2, 4, 1000)
    ]
    assert sizes == sorted(sizes)
    assert sizes[-1] == rest + max(both.values())
    assert sizes[0] == rest + max(2 * network.costs[f"{path}.{0}"].params for path in both)


def test_every_format_is_smaller_than_sixteen_bits() -> None:
    for id in ("sd15", "flux1-dev"):
        by_format = {one.format: one.bytes for one in weights(bundled(id), FORMATS)}
        assert all(by_format[quant] < by_format["fp16"] for quant in QUANTS)
