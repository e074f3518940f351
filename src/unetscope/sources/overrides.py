"""Overrides: parses `key=value`, and puts such pairs into a config whose class must know the keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from unetscope.errors import ConfigError, SourceError
from unetscope.families import keys_of, reads
from unetscope.sizes import Axes
from unetscope.sources.parsing import plain
from unetscope.spec import Spec
from unetscope.words.messages import did_you_mean, printable, shown

_SHOWN_IN_TITLE = 2


def parse_setting(setting: str) -> tuple[str, Any]:
    """A `key=value` pair: the value as JSON if it parses as JSON, else as a string.

    Raises ConfigError where there is no key or the value is nested too deeply.
    """
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise ConfigError(
            f"a setting is key=value, not {shown(setting)}", hint="for example: --set layers_per_block=3"
        )
    try:
        return key.strip(), plain(json.loads(text), name="the value")
    except RecursionError as error:
        raise ConfigError(
            f"the value of {printable(key)} is nested too deeply",
            hint="a config holds lists of lists at most",
        ) from error
    except (ValueError, SourceError):
        return key.strip(), text


def override(spec: Spec, overrides: Mapping[str, Any]) -> Spec:
    """The spec with settings in its config, and in its title.

    Facts on the input channels are dropped when their number changes, facts on the size when the settings
    give one; weights beside the config are dropped, since they belong to another network. Raises
    ConfigError for a key that the class does not know.
    """
    for key in overrides:
        if not reads(spec.class_name, str(key)):
            known = keys_of(spec.class_name)
            raise ConfigError(
                f"{spec.class_name} has no config key {shown(key)}",
                hint=did_you_mean(str(key), known, otherwise="its keys are those of diffusers"),
            )
    try:
        config = spec.config | plain(overrides, name="the settings")
    except SourceError as error:
        raise ConfigError(error.message, hint=error.hint) from error
    if config == spec.config:
        return spec
    same_inputs = config.get("in_channels") == spec.config.get("in_channels")
    facts = spec.facts if same_inputs else replace(spec.facts, input_channels=())
    size = spec.size
    if "sample_size" in overrides:
        facts, size = replace(facts, latent=None), size and size.with_axes(_without_sides(size.named))
    title = _title(spec.title, overrides)
    return replace(spec, config=config, facts=facts, size=size, title=title, weights=None)


def _without_sides(axes: Axes) -> Axes:
    return {axis: size for axis, size in axes.items() if axis not in ("height", "width")}


def _title(title: str, overrides: Mapping[str, Any]) -> str:
    if len(overrides) > _SHOWN_IN_TITLE:
        return f"{title} ({len(overrides)} settings changed)"
    changes = (f"{key}={shown(value, limit=24)}" for key, value in overrides.items())
    return f"{title} ({', '.join(changes)})"
