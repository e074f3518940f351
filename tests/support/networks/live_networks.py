"""A small live UNet, and everything of a module that a trace must leave as it was."""

from __future__ import annotations

from typing import Any

import unetscope
from unetscope.model import Architecture

LIVE_UNET: dict[str, Any] = {
    "sample_size": 16,
    "block_out_channels": (32, 64),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
    "layers_per_block": 1,
    "cross_attention_dim": 32,
    "attention_head_dim": 8,
}
PARAMS, MACS = 792_964, 99_518_464
"""Of TINY at its native size: sum of numel, and torch's FlopCounterMode / 2."""
ATTENTION_LAYERS = ["to_q", "to_k", "to_v", "to_out.0"]


def live_unet(**changes: Any) -> Any:
    """A UNet2DConditionModel with weights, on the CPU."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(**{**LIVE_UNET, **changes})


def state_of(network: Any) -> list[Any]:
    """Every attribute of every module by identity and in order, and every tensor with its bytes."""
    found: list[Any] = []
    for path, module in network.named_modules():
        found.append((path, type(module), module.training, [(k, id(v)) for k, v in vars(module).items()]))
        for name, tensor in (*module._parameters.items(), *module._buffers.items()):
            found.append((name, id(tensor), tensor is not None and _content(tensor)))
    return found


def _content(tensor: Any) -> tuple[Any, ...]:
    import torch

    kind = (tensor.dtype, tensor.device.type, tensor.requires_grad)
    if tensor.is_meta or type(tensor.data) is not torch.Tensor:  # offloaded, or of a library's own type
        return (*kind, str(tensor.data) if not tensor.is_meta else "")
    plain = tensor.detach().contiguous().view(-1)
    return (*kind, tensor.data_ptr(), plain.view(torch.uint8).numpy().tobytes())


def loaded(network: Any) -> Architecture:
    """The trace of a live module, which is checked to be as it was before."""
    before = state_of(network)
    found = unetscope.load(network)
    assert state_of(network) == before
    return found


def counts(found: Architecture) -> tuple[int, int]:
    return found.cost.params, found.cost.macs
