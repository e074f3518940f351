"""The count that unetscope's is compared with: diffusers builds and runs the network, torch counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from support.traces import spec_of
from unetscope.families import examples
from unetscope.sizes import Size
from unetscope.tracing import build
from unetscope.tracing.forward import arguments


def independent_count(config: Mapping[str, Any], size: Size | None = None) -> tuple[int, int]:
    """Parameters by numel and MACs by torch's own counter of one forward on the meta device.

    `config` names its class. Lets through what diffusers raises where it refuses config or size.
    """
    import torch
    from diffusers import UNet2DConditionModel, UNet2DModel
    from torch.utils.flop_counter import FlopCounterMode

    class_ = {c.__name__: c for c in (UNet2DConditionModel, UNet2DModel)}[config["_class_name"]]
    with build.quiet(), torch.device("meta"):
        network = class_.from_config(dict(config)).eval()
    network.to("meta")
    _without_mask(network)
    spec, size = spec_of(dict(config)), size or Size()
    complete = dict(network.config)
    counter = FlopCounterMode(display=False)
    with build.quiet(), torch.no_grad(), counter:
        network(**arguments.made(examples(spec, complete, size), "float32"))
    assert counter.get_total_flops() % 2 == 0
    return sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2


def _without_mask(network: Any) -> None:
    """Keep from dual transformers the mask that the blocks of diffusers 0.42 hand them in vain."""
    for module in network.modules():
        if type(module).__name__ == "DualTransformer2DModel":
            forward = module.forward
            module.forward = lambda *args, encoder_attention_mask=None, forward=forward, **named: forward(
                *args, **named
            )
