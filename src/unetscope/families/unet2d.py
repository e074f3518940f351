"""UNet2DModel: the unconditional UNet of DDPM."""

from __future__ import annotations

from unetscope.families import grid
from unetscope.families.family import Config, Family, square_or_pair
from unetscope.spec import ExampleInput, Size


def _inputs(config: Config, latent: tuple[int, int], size: Size) -> tuple[ExampleInput, ...]:
    """Arguments of `UNet2DModel.forward`; class labels where the config has a class embedding."""
    made = [
        ExampleInput("sample", (size.batch, config["in_channels"], *latent)),
        ExampleInput("timestep", (), "long"),
    ]
    match config.get("class_embed_type"), config.get("num_class_embeds"):
        case "timestep", _:
            made.append(ExampleInput("class_labels", (size.batch,), "long"))
        case "identity", _:
            width = config.get("time_embedding_dim") or config["block_out_channels"][0] * 4
            made.append(ExampleInput("class_labels", (size.batch, width)))
        case None, int():
            made.append(ExampleInput("class_labels", (size.batch,), "long"))
        case _:
            pass
    return tuple(made)


FAMILY = Family("UNet2DModel", "diffusers.models.unets.unet_2d", _inputs, square_or_pair, grid.advice)
