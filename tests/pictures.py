"""The pictures that the tests of layout and rendering look at: every preset, and awkward networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from unetscope import zoo
from unetscope.layout import LAYOUTS, lay_out
from unetscope.layout.scene import Box, Frame, Group, Item, Scene, Text, flat
from unetscope.model import Architecture
from unetscope.spec import Size

from conftest import SMALL, bundled, spec_of
from tiny import tiny

PRESETS = tuple(id for id in zoo.ids() if zoo.bundled(id) is not None)
ODD: dict[str, dict[str, Any]] = {
    "two-levels": {},
    "one-level": {
        "block_out_channels": [32],
        "down_block_types": ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"],
    },
    "no-mid": {"mid_block_type": None},
    "eight-levels": {
        "block_out_channels": [32] * 8,
        "down_block_types": ["DownBlock2D"] * 8,
        "up_block_types": ["UpBlock2D"] * 8,
        "sample_size": 256,
    },
    "deep-levels": {"layers_per_block": 6},
    "deep-stacks": {
        "transformer_layers_per_block": [1, 100],
        "use_linear_projection": True,
        "class_embed_type": "timestep",
        "sample_size": 1024,
    },
    "resampling-residuals": {
        "down_block_types": ["ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"],
        "up_block_types": ["SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"],
        "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
        "resnet_time_scale_shift": "scale_shift",
    },
}
"""Legal networks that no preset resembles, as changes to a small one. They need torch."""

NAMES = (*PRESETS, *ODD, "long-names", "hostile-names", "no-stages")
CASES = [(name, layout) for name in NAMES for layout in LAYOUTS]

HOSTILE = "</text><script>alert(1)</script> & \"q\" '\x00\x1b[31m\u202e ]]>"


@cache
def architecture(name: str) -> Architecture:
    """A bundled trace, or one made awkward."""
    if name in ODD:
        pytest.importorskip("torch", reason="torch is not installed: no trace can be made")
        from unetscope.tracing import trace

        return trace(spec_of(SMALL | ODD[name], name=name), size=Size())
    if name == "long-names":
        words = "A very long title that somebody gave to a checkpoint " * 4
        return replace(bundled("sd15"), title=words, class_name="UNet2DConditionModel" * 9)
    if name == "hostile-names":
        return replace(bundled("bk-sdm-tiny"), title=HOSTILE, class_name=HOSTILE)
    return tiny() if name == "no-stages" else bundled(name)


@cache
def scene(name: str, layout: str, unit: str = "macs") -> Scene:
    """The picture of one of NAMES in a layout."""
    return lay_out(architecture(name), layout=layout, unit=unit, command=f"unetscope diagram {name}")


def texts(drawn: Scene) -> list[Text]:
    """All texts in the order of drawing."""
    return [item for item in flat(drawn.items) if isinstance(item, Text)]


def framed(items: tuple[Item, ...]) -> Iterator[tuple[str, Frame]]:
    """Every module drawn as a group: its path and the frame of its first box."""
    for item in items:
        if isinstance(item, Group):
            boxes = [part for part in item.items if isinstance(part, Box)]
            if item.path and boxes:
                yield item.path, boxes[0].frame
