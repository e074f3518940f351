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
    """One size that a forward can vary in.

    `native` is the size the network is used at. The network takes, and costs follow rules at, `offset`
    plus multiples of `step`, from `least` steps on; where `tied` names another axis, it has that one's size.
    """

    name: str
    native: int
    step: int = 1
    least: int = 2
    offset: int = 0
    tied: str = ""

    @property
    def grid(self) -> AxisGrid:
        """The sizes at which rules are looked for."""
        return AxisGrid(self.name, self.step, self.offset + self.least * self.step, self.offset, self.tied)


@dataclass(frozen=True, slots=True)
class Family:
    """All that is known of a diffusers class before it is built; whoever asks, asks here.

    `module` is where diffusers defines the class. `keys` are its config keys, None where only its own
    signature tells; `check` raises ConfigError for a config that cannot describe a network of it. `axes`
    are the sizes that a complete config's forward can vary in; `inputs` makes its arguments from the
    config, the size of each axis, and the batch. `roles` tells what its modules are. `advice` gives, where
    sizes were refused, others to try and the words before them, or words alone. `reads_values` says
    whether its forward may ask a tensor for values. `measures` tells config keys whose value weights show:
    the layers, as a pattern of paths, and the axis of their weights. `image_prompts` tells how it is called
    with IP-Adapters, where it takes any.
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
