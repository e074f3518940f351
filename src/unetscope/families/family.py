"""What unetscope must know of one diffusers class before it can run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from unetscope.spec import ExampleInput, Size

Config = Mapping[str, Any]
DEFAULT_SIDE = 64
"""Latent side where a config names no sample_size: that of a 512-pixel Stable Diffusion."""


@dataclass(frozen=True, slots=True)
class Family:
    """A diffusers class and its forward.

    `module` is where diffusers defines the class. `inputs` makes the arguments of a forward from a
    complete config, the latent's height and width, and the size asked for; `native` the latent's
    own height and width. `advice` gives, where a height and width were refused, another size to try
    and the words before it, or words alone.
    """

    class_name: str
    module: str
    inputs: Callable[[Config, tuple[int, int], Size], tuple[ExampleInput, ...]]
    native: Callable[[Config], tuple[int, int]]
    advice: Callable[[Config, tuple[int, int]], tuple[str, tuple[int, int] | None]]


def square_or_pair(config: Config) -> tuple[int, int]:
    """Height and width from `sample_size`: an integer, a pair, or missing."""
    sample_size = config.get("sample_size")
    if sample_size is None:
        return DEFAULT_SIDE, DEFAULT_SIDE
    if isinstance(sample_size, int):
        return sample_size, sample_size
    height, width = sample_size
    return height, width
