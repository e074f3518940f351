"""The pictures that the tests of layout and rendering look at: every preset, and awkward networks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, product
from typing import Any

from support.hostile import MARKUP
from support.networks import SMALL
from support.traces import bundled, spec_of, tiny
from unetscope import zoo
from unetscope.choices import CHOICES
from unetscope.layout import lay_out
from unetscope.layout.scene import Box, Frame, Group, Item, Scene, Text, flat
from unetscope.model import Architecture
from unetscope.sizes import Size


def _distinct() -> tuple[str, ...]:
    """Bundled UNets, one of each network: those with equal configs draw the same picture."""
    first: dict[str, str] = {}
    for id in zoo.ids():
        spec = zoo.spec(id)
        if spec.class_name.startswith("UNet2D"):
            first.setdefault(f"{spec.class_name} {json.dumps(spec.config, sort_keys=True)}", id)
    return tuple(first.values())


PRESETS = _distinct()
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
UNET_LAYOUTS = ("strip", "u")
"""The layouts of networks with down and up stages."""
CASES = [(name, layout) for name in NAMES for layout in UNET_LAYOUTS if (name, layout) != ("no-stages", "u")]
"""What each layout can draw: a U needs stages that go down and up."""

LOOKS: list[dict[str, Any]] = [
    {"detail": detail, "width": width, "paper": paper, "color_by": color_by}
    for detail, width, paper, color_by in product(
        CHOICES["detail"], CHOICES["width"], (False, True), ("kind", "params")
    )
    # Fills that mean costs change nothing but a line of the legend: once per detail will do.
    if color_by == "kind" or (width == "readme" and not paper)
]
"""Every look whose geometry is its own; light and dark share theirs."""
SAMPLE = ("sdxl", "ddpm-church", "kandinsky-2.2", "bk-sdm-tiny", "no-stages")
"""Networks that differ most: wide stacks, many levels, resampling R, no mid, none of it."""

MARGIN = 24
"""px that a picture as wide as a page keeps free at either side."""


@cache
def architecture(name: str) -> Architecture:
    """A bundled trace, or one made awkward."""
    if name in ODD:
        from unetscope.tracing import trace

        return trace(spec_of(SMALL | ODD[name], name=name), size=Size())
    if name == "long-names":
        words = "A very long title that somebody gave to a checkpoint " * 4
        return replace(bundled("sd15"), title=words, class_name="UNet2DConditionModel" * 9)
    if name == "hostile-names":
        return replace(bundled("bk-sdm-tiny"), title=MARKUP, class_name=MARKUP)
    return tiny() if name == "no-stages" else bundled(name)


@cache
def scene(name: str, layout: str, unit: str = "macs") -> Scene:
    """The picture of one of NAMES in a layout."""
    return looked(name, layout, {"unit": unit})


def looked(name: str, layout: str, look: dict[str, Any]) -> Scene:
    """The picture of one of NAMES in a layout and a look."""
    return lay_out(architecture(name), layout=layout, command=f"unetscope diagram {name}", **look)


def spelled(look: dict[str, Any]) -> str:
    """A look as the id of a test."""
    return "-".join(str(word) for word in look.values() if word not in (False, "kind")).replace(
        "True", "paper"
    )


def apart(a: Frame, b: Frame) -> bool:
    """Whether two frames share no more than an edge."""
    return a.right <= b.x + 0.01 or b.right <= a.x + 0.01 or a.bottom <= b.y + 0.01 or b.bottom <= a.y + 0.01


def near(words: Sequence[tuple[str, Frame]]) -> Iterator[tuple[tuple[str, Frame], tuple[str, Frame]]]:
    """Every pair of texts that share a height, found without looking at all pairs."""
    ordered = sorted(words, key=lambda word: word[1].y)
    for index, first in enumerate(ordered):
        for second in islice(ordered, index + 1, None):
            if second[1].y >= first[1].bottom:
                break
            yield first, second


def inside(inner: Frame, outer: Frame, *, slack: float = 0.01) -> bool:
    """Whether a frame keeps within another."""
    return (
        inner.x >= outer.x - slack
        and inner.y >= outer.y - slack
        and inner.right <= outer.right + slack
        and inner.bottom <= outer.bottom + slack
    )


def ink(text: Text) -> Frame:
    """Where letters of a text can be, at the width it measures at most."""
    if text.upright:
        return Frame(text.x - 0.76 * text.size, text.y - text.width / 2, 0.98 * text.size, text.width)
    return Frame(text.left, text.y - 0.76 * text.size, text.width, 0.98 * text.size)


def texts(drawn: Scene) -> list[Text]:
    """All texts in the order of drawing."""
    return [item for item in flat(drawn.items) if isinstance(item, Text)]


def shown(drawn: Scene) -> str:
    """All words of a picture, a line each."""
    return "\n".join(text.content for text in texts(drawn))


def framed(items: tuple[Item, ...]) -> Iterator[tuple[str, Frame]]:
    """Every module drawn as a group: its path and the frame of its first box."""
    for item in items:
        if isinstance(item, Group):
            boxes = [part for part in item.items if isinstance(part, Box)]
            if item.path and boxes:
                yield item.path, boxes[0].frame
