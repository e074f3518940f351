"""Which network class a config is for: the allow-list, and whether the keys fit the class named.

A class name found in a file is only ever compared, never imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unetscope.errors import ConfigError
from unetscope.families import FAMILIES, catalogue, reads, unsupported
from unetscope.families.unet.recognition import has_blocks_of, is_unet
from unetscope.words.messages import did_you_mean, listed, shown

_MOST = 0.8
"""The share of a config's keys that a class must read before we call the config one of its own."""
_FEW = 4
"""With fewer keys than this, we conclude nothing from them."""

_KNOWN = tuple(name for name, family in FAMILIES.items() if family.keys is not None)
"""Classes whose keys we know without torch: a config without a class name can only be one of these."""


def class_of(config: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The class to build for a config, and warnings about how we chose it.

    Raises ConfigError for a class that is unknown or not supported, and for a config that names none and
    does not have the keys of a UNet.
    """
    named = config.get("_class_name")
    if named is None:
        return _guess(config)
    if not isinstance(named, str):
        raise ConfigError(f"_class_name must be a string, not {shown(named)}", hint=_supported())
    if what := unsupported.foreign(named, config):
        raise ConfigError(f"this is {what}", hint="its code is not in diffusers, so it cannot be built")
    named = catalogue.built_as(named, config)
    if named not in FAMILIES:
        raise _refusal(named, _own(config))
    if (own := _own(config)) and len(ignored(named, config)) == len(own):
        raise ConfigError(
            f"{named} reads none of the {len(own)} config keys: {listed(own)}", hint=_nearest(own)
        )
    return named, _misfit(named, config)


def _guess(config: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The class whose keys fit a config without `_class_name`."""
    if not is_unet(config):
        raise ConfigError(
            "the config names no class (_class_name) and does not have the keys of a UNet",
            hint=_unnamed(config),
        )
    guess = best_fit(config)
    return guess, [f"no _class_name in the config: taken for a {guess} by its keys"]


def _unnamed(config: Mapping[str, Any]) -> str:
    """What a config without `_class_name` and without the keys of a UNet may be."""
    if "model_type" in config or "architectures" in config:
        return "it looks like the config of a transformers model: give the one in the unet folder"
    return _kind(_own(config)) or "a diffusers config.json names its class; " + _supported()


def best_fit(config: Mapping[str, Any]) -> str:
    """The supported class that ignores the fewest of the config's keys; among equals, the first."""
    return min(_KNOWN, key=lambda name: (len(ignored(name, config)), not has_blocks_of(name, config)))


def ignored(class_name: str, config: Mapping[str, Any]) -> list[str]:
    """Keys that the class does not read, in the config's order, without metadata."""
    return [key for key in config if not reads(class_name, key) and not key.startswith("_")]


def _misfit(named: str, config: Mapping[str, Any]) -> list[str]:
    """A warning where another class reads more of the keys than the one named."""
    other = best_fit(config)
    unread = [key for key in ignored(named, config) if reads(other, key)]
    if not unread or len(ignored(other, config)) >= len(ignored(named, config)):
        return []
    return [f"the class {named} does not fit the keys: {listed(unread)} belong to {other}"]


def _own(config: Mapping[str, Any]) -> list[str]:
    """A config's keys without metadata."""
    return [key for key in config if not key.startswith("_")]


def _supported() -> str:
    return f"supported are {listed(_KNOWN)} and {len(FAMILIES) - len(_KNOWN)} more classes of diffusers"


def _refusal(named: str, keys: list[str]) -> ConfigError:
    """Why we cannot build a class, and what the user may have meant."""
    known = catalogue.known().get(named)
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
    if named in unsupported.REASONS:
        return ConfigError(f"{named} cannot be run by itself", hint=unsupported.REASONS[named])
    if known:
        return ConfigError(
            f"{named} is not supported yet",
            hint=f"diffusers has it (diffusers.{known.module}); {_supported()}",
        )
    if now := catalogue.now_called(named):
        kind = "a Flax class, the same network as" if named.startswith(catalogue.FLAX) else "the old name of"
        return ConfigError(f"{named} is {kind} {now}", hint=_renamed(now, keys))
    hint = _kind(keys) or did_you_mean(named, [*FAMILIES, *catalogue.known()])
    return ConfigError(
        f"unknown class {shown(named)}", hint=hint or f"diffusers has no such class; {_supported()}"
    )


def _renamed(now: str, keys: list[str]) -> str:
    """What to change in a config of an old class."""
    pairs = [f"{old} → {new}" for old, new in catalogue.renamed(keys)]
    old_keys = f", and rename its keys: {', '.join(pairs)}" if pairs else ""
    return f'write "{now}" as its _class_name{old_keys}'


def _kind(keys: list[str]) -> str:
    """The class that reads the most of a config's keys, if it reads nearly all; else nothing."""
    readers = catalogue.nearest(keys, limit=None)
    most = max((len(read) for _, read in readers), default=0)
    if most < max(_FEW, _MOST * len(keys)):
        return ""
    alike = [name for name, read in readers if len(read) == most]
    name = next((name for name in alike if name in FAMILIES), alike[0])
    what = f"{most} of its {len(keys)} keys are those of {name}"
    if name not in FAMILIES:
        return f"{what}, which is not supported yet; {_supported()}"
    return f"{what}: if it derives from that, write it as _class_name to see it without what it adds"


def _nearest(keys: list[str]) -> str:
    """The classes that read the most of some keys, each with how many or which."""
    readers = [(name, read) for name, read in catalogue.nearest(keys) if read]
    if not readers:
        return "no class of diffusers reads any of them"
    descriptions = (f"{name} reads {len(read)} ({listed(read, limit=4)})" for name, read in readers)
    return "the nearest classes: " + "; ".join(descriptions)
