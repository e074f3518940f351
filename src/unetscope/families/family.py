"""What unetscope must know of one diffusers class: its keys, its inputs, its axes, its stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from unetscope.families.image_prompts import ImagePrompts
from unetscope.families.keys import ConfigKey
from unetscope.families.roles import Roles
from unetscope.sizes import Axes, AxisGrid
from unetscope.spec import ExampleInput

Config: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """One size in which a forward can vary.

    `native` is the size at which people use the network. The network takes `offset` plus a multiple of
    `step`, up to `most` (0: without end), and from `least` steps on its costs follow rules. An axis `tied` to
    another always has its size.
    """

    name: str
    native: int
    step: int = 1
    least: int = 2
    offset: int = 0
    tied: str = ""
    most: int = 0

    @property
    def grid(self) -> AxisGrid:
        """The sizes at which we look for rules."""
        return AxisGrid(self.name, self.step, self.offset + self.least * self.step, self.offset, self.tied)


@dataclass(frozen=True, slots=True)
class Family:
    """All that we know of a diffusers class before we build it; whoever asks, asks here.

    `module` is where diffusers defines the class. `keys` are its config keys, None where only its own
    signature lists them; `check` raises ConfigError for a config that cannot describe a network of the
    class. `axes` are the sizes in which the forward of a complete config can vary; `inputs` makes its
    arguments from the config, the size of each axis, and the batch. `roles` maps its modules to their
    roles. `advice` answers refused sizes with other sizes and the words before them, or with words alone.
    `reads_values` says whether the forward may ask a tensor for values. `measures` maps config keys to the
    layers whose weights show the value, a pattern of paths with an axis. `image_prompts` says how to call
    the class with IP-Adapters, if it takes any. `preset` is a bundled model of the class, "" if none is.
    `cell` gives height and width, in pixels, of a cell of the latent that an autoencoder makes of an image.
    """

    class_name: str
    module: str
    keys: Mapping[str, ConfigKey] | None
    check: Callable[[Config], None]
    axes: Callable[[Config], tuple[Axis, ...]]
    inputs: Callable[[Config, Axes, int], tuple[ExampleInput, ...]]
    roles: Roles
    advice: Callable[[Config, Axes], tuple[str, Axes | None]]
    reads_values: bool = True
    measures: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    image_prompts: ImagePrompts | None = None
    preset: str = ""
    cell: Callable[[Config], tuple[int, int]] | None = None
