"""What the top-level modules of diffusers' networks are to them, by name."""

from __future__ import annotations

from unetscope.model import Role

UNET: dict[str, Role] = {
    "conv_in": "stem",
    "down_blocks": "down",
    "mid_block": "mid",
    "up_blocks": "up",
    "conv_norm_out": "head",
    "conv_act": "head",
    "conv_out": "head",
}
"""The modules of a UNet."""
