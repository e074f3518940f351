"""Small networks that really run, what to call them with, and what torch holds while they do."""

from __future__ import annotations

from typing import Any

from support.networks import SMALL
from unetscope.model import Architecture

ATTENTIVE: dict[str, Any] = {
    "_class_name": "UNet2DModel",
    "sample_size": 16,
    "block_out_channels": [32, 64],
    "down_block_types": ["AttnDownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "AttnUpBlock2D"],
    "layers_per_block": 1,
    "attention_head_dim": 8,
    "norm_num_groups": 8,
}
"""Attention at every level and no text."""

ADDED = SMALL | {
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 64,
    "use_linear_projection": True,
    "transformer_layers_per_block": 2,
}
"""Conditioned and laid out as SDXL."""

SIMPLE_ATTENTION = SMALL | {
    "down_block_types": ["SimpleCrossAttnDownBlock2D", "ResnetDownsampleBlock2D"],
    "up_block_types": ["ResnetUpsampleBlock2D", "SimpleCrossAttnUpBlock2D"],
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "resnet_time_scale_shift": "scale_shift",
}


def with_weights(config: dict[str, Any]) -> Any:
    """A real network with random weights."""
    import diffusers

    return getattr(diffusers, config["_class_name"]).from_config(config)


def tensors_for(config: dict[str, Any], *, side: int = 16, dtype: str = "float32") -> dict[str, Any]:
    """What to call a network with: a batch of two."""
    import torch

    kind = getattr(torch, dtype)
    found: dict[str, Any] = {
        "sample": torch.randn(
            2, config.get("in_channels", 4 if "Cond" in config["_class_name"] else 3), side, side, dtype=kind
        ),
        "timestep": torch.tensor(1),
    }
    if "Condition" in config["_class_name"]:
        found["encoder_hidden_states"] = torch.randn(2, 77, config["cross_attention_dim"], dtype=kind)
    if config.get("addition_embed_type"):
        text = config["projection_class_embeddings_input_dim"] - 6 * config["addition_time_embed_dim"]
        found["added_cond_kwargs"] = {
            "text_embeds": torch.randn(2, text, dtype=kind),
            "time_ids": torch.randn(2, 6, dtype=kind),
        }
    return found


def unfused(network: Any) -> Any:
    """A network whose attention is diffusers' eager one."""
    from diffusers.models.attention_processor import Attention, AttnProcessor

    for module in network.modules():
        if isinstance(module, Attention):
            module.set_processor(AttnProcessor())
    return network


def profiled(call: Any) -> int:
    """The most bytes allocated at once while something runs, as torch's profiler sees it."""
    from torch.profiler import profile

    with profile(profile_memory=True) as profiler:
        kept = call()
    live = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    del kept
    return peak


def inferred(network: Any, config: dict[str, Any], *, side: int = 16) -> int:
    """The profiler's peak of one inference forward, inputs left out."""
    import torch

    given = tensors_for(config, side=side)
    with torch.no_grad():
        return profiled(lambda: network.eval()(**given))


def inputs_of(architecture: Architecture) -> int:
    return sum(one.bytes for one in architecture.inputs)


def saved_by(network: Any, config: dict[str, Any], *, autocast: bool = False) -> dict[int, Any]:
    """Storages autograd keeps of one training forward, by identity; weights and single numbers left out."""
    given = tensors_for(config, dtype="bfloat16" if autocast else "float32")
    return saved_by_call(network, given, autocast=autocast)


def saved_by_call(network: Any, given: dict[str, Any], *, autocast: bool = False) -> dict[int, Any]:
    """The same of a forward with these arguments."""
    import torch

    own = {parameter.untyped_storage()._cdata for parameter in network.parameters()}
    seen: dict[int, Any] = {}

    def pack(tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in own and tensor.dim():
            seen[storage._cdata] = storage
        return tensor

    hooks = torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
    with hooks, torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        network(**given)
    return seen
