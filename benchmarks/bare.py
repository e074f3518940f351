"""What one would write without unetscope: build a network on meta, count with torch's own counter.

    python benchmarks/bare.py [sdxl | flux1-dev | wan2.1-t2v-14b]

The config comes from a file in $CONFIG, so that nothing of unetscope is loaded.
"""

from __future__ import annotations

import json
import os
import sys

import diffusers
import torch
from torch.utils.flop_counter import FlopCounterMode

E = torch.empty
INPUTS = {
    "sdxl": lambda: {
        "sample": E(1, 4, 128, 128),
        "timestep": E((), dtype=torch.int64),
        "encoder_hidden_states": E(1, 77, 2048),
        "added_cond_kwargs": {"text_embeds": E(1, 1280), "time_ids": E(1, 6)},
    },
    "flux1-dev": lambda: {
        "hidden_states": E(1, 4096, 64),
        "encoder_hidden_states": E(1, 512, 4096),
        "pooled_projections": E(1, 768),
        "timestep": E(1),
        "guidance": E(1),
        "img_ids": E(4096, 3),
        "txt_ids": E(512, 3),
    },
    # 81 frames are 21 of the latent
    "wan2.1-t2v-14b": lambda: {
        "hidden_states": E(1, 16, 21, 60, 104),
        "timestep": E(1),
        "encoder_hidden_states": E(1, 512, 4096),
    },
}

with open(os.environ["CONFIG"]) as file:
    config = json.load(file)
with torch.device("meta"):
    network = getattr(diffusers, config["_class_name"]).from_config(config).eval()
    inputs = INPUTS[sys.argv[1]]()
counter = FlopCounterMode(display=False)
with torch.no_grad(), counter:
    network(**inputs)
print(sum(p.numel() for p in network.parameters()), counter.get_total_flops() // 2)
