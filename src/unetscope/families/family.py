"""What unetscope must know of one diffusers class: its keys, its inputs, its axes, its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from unetscope.model import Axes, Grid, Role
from unetscope.spec import ExampleInput

Config: TypeAlias = Mapping[str, Any]
DEFAULT_SIDE = 64
"""Latent side where a config names no sample_size: that of a 512-pixel Stable Diffusion."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One size that a forward can vary in.

    `native` is the size the network is used at. The network takes, and costs follow rules at, `offset`
    plus multiples of `step`, from `least` steps on.
    """

    name: str
    native: int
    step: int = 1
    least: int = 2
    offset: int = 0

    @property
    def grid(self) -> Grid:
        """The sizes at which rules are looked for."""
        return Grid(self.name, self.step, self.offset + self.least * self.step, self.offset)


@dataclass(frozen=True, slots=True)
class Family:
    """A diffusers class and its forward.

    `module` is where diffusers defines the class. `axes` are the sizes that a complete config's forward
    can vary in; `inputs` makes its arguments from the config, the size of each axis, and the batch.
    `roles` tells the role of a top-level module; one it does not name conditions the others. `advice`
    gives, where sizes were refused, others to try and the words before them, or words alone.
    """

    class_name: str
    module: str
    axes: Callable[[Config], tuple[Axis, ...]]
    inputs: Callable[[Config, Axes, int], tuple[ExampleInput, ...]]
    roles: Mapping[str, Role]
    advice: Callable[[Config, Axes], tuple[str, Axes | None]]

    def role_of(self, path: str) -> Role:
        """The role of a top-level module, by its path."""
        return self.roles.get(path.partition(".")[0], "conditioning")
