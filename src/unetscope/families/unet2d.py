"""UNet2DModel: the unconditional UNet of DDPM."""

from __future__ import annotations

from unetscope.families import grid
from unetscope.families.family import Axis, Config, Family
from unetscope.families.roles import UNET
from unetscope.model import Axes
from unetscope.spec import ExampleInput


def _inputs(config: Config, axes: Axes, batch: int) -> tuple[ExampleInput, ...]:
    """Arguments of `UNet2DModel.forward`; class labels where the config has a class embedding."""
    made = [
        ExampleInput("sample", (batch, config["in_channels"], axes["height"], axes["width"]), role="sample"),
        ExampleInput("timestep", (), "long", "time"),
    ]
    match config.get("class_embed_type"), config.get("num_class_embeds"):
        case "timestep", _:
            made.append(ExampleInput("class_labels", (batch,), "long", "class"))
        case "identity", _:
            width = config.get("time_embedding_dim") or config["block_out_channels"][0] * 4
            made.append(ExampleInput("class_labels", (batch, width), role="class"))
        case None, int():
            made.append(ExampleInput("class_labels", (batch,), "long", "class"))
        case _:
            pass
    return tuple(made)


def _axes(config: Config) -> tuple[Axis, ...]:
    return grid.sides(config)


FAMILY = Family("UNet2DModel", "diffusers.models.unets.unet_2d", _axes, _inputs, UNET, grid.advice)
