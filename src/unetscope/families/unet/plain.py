"""UNet2DModel: the unconditional UNet of DDPM."""

from __future__ import annotations

from functools import partial

from unetscope.families.family import Config, Family
from unetscope.families.roles import UNET
from unetscope.families.unet import grid
from unetscope.families.unet.checks import check
from unetscope.families.unet.keys import ENDS, PLAIN
from unetscope.families.unet.level import time_width
from unetscope.sizes import Axes
from unetscope.spec import ExampleInput


def _inputs(config: Config, axes: Axes, batch: int) -> tuple[ExampleInput, ...]:
    """Arguments of `UNet2DModel.forward`; class labels where the config has a class embedding."""
    arguments = [
        ExampleInput("sample", (batch, config["in_channels"], axes["height"], axes["width"]), role="sample"),
        ExampleInput("timestep", (), "long", "time"),
    ]
    match config.get("class_embed_type"), config.get("num_class_embeds"):
        case "timestep", _:
            arguments.append(ExampleInput("class_labels", (batch,), "long", "class"))
        case "identity", _:
            arguments.append(ExampleInput("class_labels", (batch, time_width(config)), role="class"))
        case None, int():
            arguments.append(ExampleInput("class_labels", (batch,), "long", "class"))
        case _:
            pass
    return tuple(arguments)


FAMILY = Family(
    "UNet2DModel",
    "diffusers.models.unets.unet_2d",
    keys=PLAIN,
    check=partial(check, PLAIN),
    axes=grid.sides,
    inputs=_inputs,
    roles=UNET,
    advice=grid.advice,
    reads_values=False,
    measures=ENDS,
    preset="ddpm-cifar10",
)
