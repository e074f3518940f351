"""What diffusers and torch do to a live module: hooks and casts are left out and said, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import unetscope
from support.networks.live_networks import MACS, PARAMS, counts, live_unet, loaded
from unetscope.errors import TraceError

MOVED = "offloading left out: it moves weights and computes nothing"


def by_group(network: Any, **options: Any) -> Any:
    import torch

    device = torch.device("cpu")
    network.enable_group_offload(onload_device=device, offload_device=device, **options)
    return network


def by_leaf(network: Any) -> Any:
    return by_group(network, offload_type="leaf_level")


def by_block_group(network: Any) -> Any:
    return by_group(network, offload_type="block_level", num_blocks_per_group=1)


@pytest.mark.parametrize("offload", [by_leaf, by_block_group])
def test_offloading_by_groups_is_left_out_and_stays(offload: Callable[[Any], Any]) -> None:
    found = loaded(offload(live_unet()))
    assert found.nodes == unetscope.load(live_unet()).nodes
    assert (found.notes, found.described) == ((MOVED,), True)


def test_layerwise_casting_counts_in_its_computing_type_and_keeps_that_of_storage() -> None:
    import torch

    network = live_unet().to(torch.bfloat16)
    network.enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16)
    found = loaded(network)
    assert (counts(found), found.basis.dtype) == ((PARAMS, MACS), "bfloat16")
    assert found.notes == (
        "computed in bfloat16; conv_in, conv_out, down_blocks and 3 more in float8_e4m3fn",
    )
    assert {tensor.dtype for tensor in found.tensors} == {"bfloat16", "float8_e4m3fn"}


def test_hooks_that_keep_results_are_left_out_and_a_whole_step_is_counted() -> None:
    from diffusers import PyramidAttentionBroadcastConfig, apply_pyramid_attention_broadcast

    network = live_unet()
    config = PyramidAttentionBroadcastConfig(
        spatial_attention_block_skip_range=2, current_timestep_callback=lambda: 500
    )
    apply_pyramid_attention_broadcast(network, config)
    found = loaded(network)
    assert counts(found) == (PARAMS, MACS)
    assert found.notes == (
        "hooks of diffusers left out (pyramid_attention_broadcast): a step without them is counted",
    )


@pytest.mark.filterwarnings("ignore")
def test_layers_quantized_by_torch_itself_are_refused() -> None:
    import torch

    network = torch.ao.quantization.quantize_dynamic(live_unet(), {torch.nn.Linear}, dtype=torch.qint8)
    with pytest.raises(TraceError, match="linear_1 is a Linear of torch"):
        unetscope.load(network)
