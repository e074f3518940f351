"""What one would write without unetscope: build SDXL on meta, count with torch's own counter."""

from __future__ import annotations

import sys

import torch
from diffusers import UNet2DConditionModel
from torch.utils.flop_counter import FlopCounterMode

from unetscope import zoo

name = sys.argv[1] if len(sys.argv) > 1 else "sdxl"
with torch.device("meta"):
    network = UNet2DConditionModel.from_config(zoo.spec(name).config).eval()
    inputs = {
        "sample": torch.empty(1, 4, 128, 128),
        "timestep": torch.empty((), dtype=torch.int64),
        "encoder_hidden_states": torch.empty(1, 77, 2048),
        "added_cond_kwargs": {"text_embeds": torch.empty(1, 1280), "time_ids": torch.empty(1, 6)},
    }
counter = FlopCounterMode(display=False)
with torch.no_grad(), counter:
    network(**inputs)
print(sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2)
