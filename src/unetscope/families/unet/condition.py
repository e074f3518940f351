"""UNet2DConditionModel: the UNet of Stable Diffusion, SDXL, Kandinsky 2 and their kin.

Shapes follow the forward of diffusers 0.42 (`get_aug_embed`, `get_class_embed`,
`process_encoder_hidden_states`).
"""

from __future__ import annotations

from functools import partial

from unetscope.calls import InputRole
from unetscope.families.family import Axis, Config, Family
from unetscope.families.image_prompts import ImagePrompts
from unetscope.families.roles import UNET
from unetscope.families.unet import grid
from unetscope.families.unet.checks import check
from unetscope.families.unet.combinations import HINT_CHANNELS
from unetscope.families.unet.context import context_width, takes_text
from unetscope.families.unet.keys import CONDITION, ENDS
from unetscope.families.unet.level import time_width
from unetscope.sizes import Axes
from unetscope.spec import ExampleInput

CLIP_TOKENS = 77
"""Length of a CLIP text context, the number every Stable Diffusion pipeline pads to."""
DUAL_TOKENS = CLIP_TOKENS + 257
"""Tokens of the two contexts that a dual transformer reads, concatenated: of a text, then of an image."""


def _axes(config: Config) -> tuple[Axis, ...]:
    """Height and width, and the tokens of the text context if the network takes one."""
    usual = DUAL_TOKENS if config.get("dual_cross_attention") else CLIP_TOKENS
    text = (Axis("tokens", usual),) if takes_text(config) else ()
    return (*grid.sides(config), *text)


def _inputs(config: Config, axes: Axes, batch: int) -> tuple[ExampleInput, ...]:
    """Arguments of `UNet2DConditionModel.forward`, conditioning included."""
    hinted = config.get("addition_embed_type") == "image_hint"
    channels = config["in_channels"] - (HINT_CHANNELS if hinted else 0)
    arguments = [
        ExampleInput("sample", (batch, channels, axes["height"], axes["width"]), role="sample"),
        ExampleInput("timestep", (), "long", "time"),
        _context(config, axes, batch),
        *_class_labels(config, batch),
        *_added(config, axes, batch),
    ]
    if config.get("time_cond_proj_dim"):
        arguments.append(
            ExampleInput("timestep_cond", (batch, config["time_cond_proj_dim"]), role="guidance")
        )
    return tuple(arguments)


def _context(config: Config, axes: Axes, batch: int) -> ExampleInput:
    """The text context; None if the network takes none."""
    if not takes_text(config):
        return ExampleInput("encoder_hidden_states", None, role="text context")
    width = config.get("encoder_hid_dim") or context_width(config)
    return ExampleInput("encoder_hidden_states", (batch, axes["tokens"], width), role="text context")


def _class_labels(config: Config, batch: int) -> list[ExampleInput]:
    """Class labels, in the form that the class embedding takes."""
    match config.get("class_embed_type"), config.get("num_class_embeds"):
        case "timestep", _:
            return [ExampleInput("class_labels", (batch,), "long", "class")]
        case "identity", _:
            return [ExampleInput("class_labels", (batch, time_width(config)), role="class")]
        case "projection" | "simple_projection", _:
            width = config["projection_class_embeddings_input_dim"]
            return [ExampleInput("class_labels", (batch, width), role="class")]
        case None, int():
            return [ExampleInput("class_labels", (batch,), "long", "class")]
        case _:
            return []


_ADDED_ROLES: dict[str, InputRole] = {
    "text_embeds": "pooled text",
    "time_ids": "size",
    "image_embeds": "image context",
    "hint": "control",
}


def _added(config: Config, axes: Axes, batch: int) -> list[ExampleInput]:
    """Entries of `added_cond_kwargs`, for the added embedding and for a projected image context."""
    shapes: dict[str, tuple[int, ...]] = {}
    cross, hidden = context_width(config), int(config.get("encoder_hid_dim") or 0)
    if config.get("encoder_hid_dim_type") == "image_proj":
        shapes["image_embeds"] = (batch, hidden)
    elif config.get("encoder_hid_dim_type") == "text_image_proj":
        shapes["image_embeds"] = (batch, cross)
    match config.get("addition_embed_type"):
        case "text_time":
            pooled, ids = _pooled_and_ids(config)
            shapes |= {"text_embeds": (batch, pooled), "time_ids": (batch, ids)}
        case "text_image":
            shapes |= {"text_embeds": (batch, cross), "image_embeds": (batch, cross)}
        case "image":
            shapes["image_embeds"] = (batch, hidden)
        case "image_hint":
            hint = (batch, 3, axes["height"] * 8, axes["width"] * 8)
            shapes |= {"image_embeds": (batch, hidden), "hint": hint}
    return [
        ExampleInput(f"added_cond_kwargs.{name}", shape, role=_ADDED_ROLES[name])
        for name, shape in shapes.items()
    ]


def _pooled_and_ids(config: Config) -> tuple[int, int]:
    """Width of the pooled text and the number of size ids that together fill the text_time input.

    SDXL passes six ids (original size, crop, target size). The refiner passes five (an aesthetic score in
    place of the target size); we know it by its pooled width, which then equals the context's.
    """
    width, each = config["projection_class_embeddings_input_dim"], config["addition_time_embed_dim"]
    if width - 5 * each == context_width(config):
        return width - 5 * each, 5
    ids = min(6, max(1, (width - 1) // each))
    return width - ids * each, ids


FAMILY = Family(
    "UNet2DConditionModel",
    "diffusers.models.unets.unet_2d_condition",
    keys=CONDITION,
    check=partial(check, CONDITION),
    axes=_axes,
    inputs=_inputs,
    roles=UNET,
    advice=grid.advice,
    reads_values=False,
    measures={
        **ENDS,
        "time_cond_proj_dim": ("time_embedding.cond_proj", 1),
        "projection_class_embeddings_input_dim": ("add_embedding.linear_1", 1),
        "cross_attention_dim": ("*.attn2.to_k", 1),
    },
    image_prompts=ImagePrompts("encoder_hid_proj", "added_cond_kwargs.image_embeds"),
    preset="sd15",
)
