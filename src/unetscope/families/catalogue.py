"""Every network class of diffusers: its module, the keys of its config, its former names.

The list ships with the program, so that we can name a class without diffusers; nothing in it is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple


class KnownClass(NamedTuple):
    """A class of diffusers: the module below `diffusers`, and the keys of its config."""

    module: str
    keys: tuple[str, ...]


RENAMED = {
    "NCSNpp": "UNet2DModel",
    "UNetModel": "UNet2DModel",
    "UNetUnconditionalModel": "UNet2DModel",
    "UNetConditionalModel": "UNet2DConditionModel",
    "UNetLDMModel": "UNet2DConditionModel",
}
"""Classes of diffusers before 0.2 (August 2022), and the classes that replaced them."""

SAME = {"HunyuanVideoTransformer3DModelPacked": "HunyuanVideoFramepackTransformer3DModel"}
"""What other code calls a class of diffusers, its keys alike: FramePack's own."""

BY_NORM = {
    "Transformer2DModel": {
        "ada_norm_zero": "DiTTransformer2DModel",
        "ada_norm_single": "PixArtTransformer2DModel",
    }
}
"""Old classes that diffusers loads as others, by the config's `norm_type` (its _CLASS_REMAPPING_DICT)."""

FLAX = "Flax"
"""Before a class name: the same network for JAX, whose config has the same keys (until diffusers 0.35)."""

_ATTENTION_WEIGHT = re.compile(r"(\.attentions\.\d+\.)(query|key|value|proj_attn)(\.(?:weight|bias))$")
_ATTENTION_LAYERS = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""Layers of attention before diffusers 0.17, which diffusers renames as it loads weights."""

RENAMED_KEYS = {
    "image_size": "sample_size",
    "num_res_blocks": "layers_per_block",
    "block_channels": "block_out_channels",
    "down_blocks": "down_block_types",
    "up_blocks": "up_block_types",
    "downscale_freq_shift": "freq_shift",
    "resnet_num_groups": "norm_num_groups",
    "resnet_act_fn": "act_fn",
    "resnet_eps": "norm_eps",
    "num_head_channels": "attention_head_dim",
}
"""Keys of those classes and their present names: diffusers' change_naming_configs_and_checkpoints.py."""


@cache
def known() -> Mapping[str, KnownClass]:
    """All classes whose config.json diffusers can write."""
    text = (resources.files(__package__) / "diffusers_classes.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {name: KnownClass(module, tuple(keys.split())) for name, module, keys in rows}


def now_called(name: str) -> str | None:
    """The present name of an old or Flax class; None for any other name."""
    plain = name.removeprefix(FLAX)
    return RENAMED.get(plain) or (plain if plain != name and plain in known() else None)


def built_as(name: str, config: Mapping[str, object]) -> str:
    """The class of diffusers that a config so named is of; the name itself for nearly all."""
    norm = config.get("norm_type")
    return BY_NORM.get(name, {}).get(norm if isinstance(norm, str) else "", SAME.get(name, name))


def nearest(keys: Iterable[str], *, limit: int | None = 3) -> list[tuple[str, list[str]]]:
    """The classes that read the most of some keys, each with the keys it reads.

    Among equals, denoising networks come first, then classes with fewer keys of their own.
    """
    read_by_any = {key for listed in known().values() for key in listed.keys}
    known_keys = [key for key in dict.fromkeys(keys) if key in read_by_any]
    shared = {name: [key for key in known_keys if key in listed.keys] for name, listed in known().items()}
    readers = [(name, read) for name, read in shared.items() if read]
    return sorted(readers, key=lambda pair: (-len(pair[1]), *_order(pair[0])))[:limit]


def _order(name: str) -> tuple[bool, int, str]:
    module, keys = known()[name]
    return not module.startswith(("models.unets", "models.transformers")), len(keys), name


def renamed(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The old keys among some keys, each with its present name."""
    return ((key, RENAMED_KEYS[key]) for key in keys if key in RENAMED_KEYS)


def weight_now_called(name: str) -> str:
    """The present name of a tensor in a checkpoint; most have kept theirs."""
    return _ATTENTION_WEIGHT.sub(lambda old: f"{old[1]}{_ATTENTION_LAYERS[old[2]]}{old[3]}", name)
