"""The tensors of a network under the names of its own code, of LoRA trainers and of merge tools."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from math import prod

from unetscope.checkpoints.keys.key import Key
from unetscope.checkpoints.names import crosswalks, labels
from unetscope.checkpoints.rules import networks
from unetscope.model import Architecture
from unetscope.paths import parent
from unetscope.sizes import Shape

LORA_PREFIX = "lora_unet_"
PEFT_PREFIX = "base_model.model."
FILE_PREFIX = "model.diffusion_model."
"""Under which a full checkpoint keeps its denoiser; files of the denoiser alone mostly have none."""
_MOST_UNNAMED = 0.02
"""Share of tensors without a name in a scheme, beyond which the network does not follow that scheme."""
_OWN = ("QwenImageTransformer2DModel",)
"""Classes whose authors publish them under diffusers' names and no others."""
_BY_DIFFUSERS = ("ZImageTransformer2DModel",)
"""Classes whose LoRA trainers go by diffusers' names, whatever single files have (kohya-ss/musubi-tuner
`convert_z_image_lora_to_comfy.py`)."""


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Class → the scheme of its own code's names and what they are called."""
    schemes = {rule.class_name: (rule.crosswalk, rule.naming) for rule in networks() if rule.crosswalk}
    del schemes[""]
    return schemes | {"ControlNetModel": ("ldm", "LDM")}


def tensors(network: Architecture) -> tuple[str, tuple[Key, ...]]:
    """The naming of a network's own code, and its tensors under all their names."""
    there = {tensor.name: tensor.shape for tensor in network.tensors}
    scheme, naming = _known().get(network.class_name, ("", ""))
    if network.class_name in _OWN:
        naming, native = "diffusers", there
    else:
        native = crosswalks.native(scheme, there) if scheme else {}
    names = crosswalks.taken(scheme, native, "", there)
    if len(there) - len(names) > _MOST_UNNAMED * len(there):
        naming, native, names = "", {}, {}
    keys = (_key(network, name, shape, names.get(name), native) for name, shape in there.items())
    return naming, tuple(_labelled(network, naming, keys))


def _key(
    network: Architecture,
    name: str,
    shape: Shape,
    taken: crosswalks.Taken | None,
    native: Mapping[str, Shape],
) -> Key:
    key = Key(name, shape=shape, params=prod(shape))
    if taken:
        key = replace(
            key,
            original=taken.origin,
            first=taken.first,
            end=taken.end,
            swapped=taken.swapped,
            file_shape=native[taken.origin],
        )
    if not name.endswith(".weight") or len(shape) < 2:
        return key
    return replace(key, kohya=kohya_module(network, name, key.original), peft=PEFT_PREFIX + parent(name))


def kohya_module(network: Architecture, name: str, original: str) -> str:
    """A layer as kohya's trainers and those that follow them name it; "" for classes that they do not train.

    Stable Diffusion 1 and 2 go by diffusers' names, SDXL and all others by their own code's.
    """
    if network.class_name.startswith(("Autoencoder", "ControlNet")) or not original:
        return ""
    by_diffusers = network.class_name in _BY_DIFFUSERS or (
        network.class_name == "UNet2DConditionModel" and network.config.get("addition_embed_type") is None
    )
    return LORA_PREFIX + parent(name if by_diffusers else original).replace(".", "_")


def _labelled(network: Architecture, naming: str, keys: Iterable[Key]) -> Iterable[Key]:
    """The keys with what merge tools and BK-SDM call their blocks."""
    listed = list(keys)
    outputs = (re.match(r"output_blocks\.(\d+)\.", key.original) for key in listed)
    last = max((int(output[1]) for output in outputs if output), default=-1)
    for key in listed:
        bk_sdm = (
            labels.bk_sdm(key.diffusers, network.config)
            if network.class_name == "UNet2DConditionModel"
            else ""
        )
        if network.class_name == "FluxTransformer2DModel":
            yield replace(key, merge=labels.flux(key.original))
        elif naming == "LDM" and last >= 0:
            merge, mecha = labels.merge(key.original, last), labels.sd_mecha(key.original, last)
            yield replace(key, merge=merge, sd_mecha=mecha, bk_sdm=bk_sdm)
        else:
            yield replace(key, bk_sdm=bk_sdm)
