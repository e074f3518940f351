"""Which network class a config is for: the allow-list, and whether the keys fit the class named.

A class name found in a file is only ever compared, never imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import ConfigError
from unetscope.families import FAMILIES, reads
from unetscope.families.wording import did_you_mean, listed, shown

PLANNED = ()
"""Classes of diffusers that are no mistake to name, but that no family covers yet."""

_KNOWN = tuple(name for name, family in FAMILIES.items() if family.keys is not None)
"""Classes whose keys are known without torch: by its keys a config can be one of these alone."""
_TELLTALE = frozenset({"down_block_types", "up_block_types", "block_out_channels", "layers_per_block"})


def class_of(config: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The class to build for a config, and warnings about how it was found.

    Raises ConfigError where the class is unknown or not supported, or where none is named and the
    keys are not those of a UNet.
    """
    named = config.get("_class_name")
    if named is None:
        return _guess(config)
    if isinstance(named, str) and named in FAMILIES:
        return named, _misfit(named, config)
    raise _refusal(named)


def _guess(config: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The class whose keys fit a config without `_class_name`."""
    if len(_TELLTALE & config.keys()) < 2 or "latent_channels" in config:
        raise ConfigError(
            "the config names no class (_class_name) and does not have the keys of a UNet",
            hint="a diffusers config.json names its class; by their keys are known " + listed(_KNOWN),
        )
    guess = best_fit(config)
    return guess, [f"no _class_name in the config: taken for a {guess} by its keys"]


def best_fit(config: Mapping[str, Any]) -> str:
    """The supported class that ignores the fewest of the config's keys; the first of equals."""
    return min(_KNOWN, key=lambda name: (len(ignored(name, config)), not _has_its_blocks(name, config)))


def ignored(class_name: str, config: Mapping[str, Any]) -> list[str]:
    """Keys that the class does not read, in the config's order; metadata left out."""
    return [key for key in config if not reads(class_name, key) and not key.startswith("_")]


def _has_its_blocks(class_name: str, config: Mapping[str, Any]) -> bool:
    blocks = config.get("down_block_types")
    text = isinstance(blocks, list) and any("CrossAttn" in str(block) for block in blocks)
    return text == reads(class_name, "cross_attention_dim")


def _misfit(named: str, config: Mapping[str, Any]) -> list[str]:
    """A warning where another class reads more of the keys than the one named."""
    other = best_fit(config)
    unread = [key for key in ignored(named, config) if reads(other, key)]
    if not unread or len(ignored(other, config)) >= len(ignored(named, config)):
        return []
    return [f"the class {named} does not fit the keys: {listed(unread)} belong to {other}"]


def _refusal(named: object) -> ConfigError:
    """Why a class cannot be built, with what could be meant instead."""
    supported = f"supported are {listed(_KNOWN)} and {len(FAMILIES) - len(_KNOWN)} more of diffusers' classes"
    if not isinstance(named, str):
        return ConfigError(f"_class_name must be a string, not {shown(named)}", hint=supported)
    if named.endswith("Pipeline"):
        return ConfigError(
            f"this describes a whole pipeline ({shown(named)}), not a network",
            hint="give the model folder, or the config.json in its unet folder",
        )
    if named.endswith("Scheduler"):
        return ConfigError(
            f"this is the config of a {shown(named)}, not of a denoising network",
            hint="give the model folder, or the config.json in its unet folder",
        )
    hint = did_you_mean(named, FAMILIES, otherwise=supported)
    return ConfigError(f"unknown class {shown(named)}", hint=hint)
