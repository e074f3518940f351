"""Config keys: which values each takes, and the check. Knows no class; needs no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unetscope.errors import ConfigError
from unetscope.words.messages import did_you_mean, listed, shown

KeyKind: TypeAlias = Literal["whole", "number", "flag", "word", "size", "depths"]
ConfigKeys: TypeAlias = "Mapping[str, ConfigKey]"

MAX_COUNT = 2**20
"""More classes, text widths or time steps than any network has; keeps sizes far from overflow."""


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """What one key takes.

    `low` and `high` bound numbers; `choices` are the words allowed. `lists` says whether the value is one
    entry, a list with one entry per level, or either. `null` allows JSON null, and `gaps` allows null as an
    entry of a list; `surplus` allows more entries than levels, which diffusers ignores. The kind "size" is
    a side or a pair of sides; "depths" is a number of transformer blocks, or a list with one number a layer.
    """

    kind: KeyKind
    default: Any
    low: float = 0
    high: float = MAX_COUNT
    choices: tuple[str, ...] = ()
    lists: Literal["never", "either", "always"] = "never"
    null: bool = False
    gaps: bool = False
    any_case: bool = False
    surplus: bool = False


def complete(keys: ConfigKeys, config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with diffusers' defaults where keys are missing, in the order of the table."""
    return {name: deepcopy(config.get(name, key.default)) for name, key in keys.items()}


def check_values(keys: ConfigKeys, config: Mapping[str, Any]) -> None:
    """Raise ConfigError, in one line, for the first value that its key does not take."""
    for name in (key for key in keys if key in config):
        _check_value(name, keys[name], config[name])


def _check_value(name: str, key: ConfigKey, value: object) -> None:
    """Check the type and range of one value, or of each entry of a list."""
    if value is None and key.null:
        return
    many = isinstance(value, list | tuple)
    entries = list(value) if isinstance(value, list | tuple) and key.lists != "never" else [value]
    unfit = [entry for entry in entries if not (_fits(key, entry) or (many and key.gaps and entry is None))]
    if not unfit and (many or key.lists != "always"):
        return
    wrong = unfit[0] if unfit else value
    hint = f"diffusers' default is {shown(key.default)}"
    if key.choices and isinstance(wrong, str):
        hint = did_you_mean(wrong, key.choices, otherwise=hint)
    where = f" (found {shown(wrong, limit=40)})" if wrong is not value and len(entries) > 1 else ""
    raise ConfigError(f"{name} must be {_describe(key)}, not {shown(value)}{where}", hint=hint)


def _fits(key: ConfigKey, entry: object) -> bool:
    """Whether one entry has the kind and range that the key takes."""
    match key.kind:
        case "flag":
            return isinstance(entry, bool)
        case "word":
            return isinstance(entry, str) and _known(key, entry)
        case "whole":
            return _whole(entry, key)
        case "number":
            return _whole(entry, key) or (
                isinstance(entry, float) and math.isfinite(entry) and key.low <= entry <= key.high
            )
        case "size":
            sides = entry if isinstance(entry, list | tuple) and len(entry) == 2 else [entry]
            return all(_whole(side, key) for side in sides)
        case "depths":
            depths = entry if isinstance(entry, list | tuple) else [entry]
            return all(_whole(depth, key) for depth in depths)


def _known(key: ConfigKey, word: str) -> bool:
    return word in key.choices or (key.any_case and word.lower() in key.choices)


def _whole(value: object, key: ConfigKey) -> bool:
    """An integer within the key's bounds; Python's bool is an int, JSON's is not."""
    return isinstance(value, int) and not isinstance(value, bool) and key.low <= value <= key.high


def _describe(key: ConfigKey) -> str:
    """What a key takes, in words."""
    numbers = f"from {key.low:.10g} to {key.high:.10g}"
    match key.kind:
        case "flag":
            form = "true or false"
        case "word":
            form = f"one of {listed(key.choices, limit=5)}"
        case "whole" | "depths":
            form = f"a whole number {numbers}"
        case "number":
            form = f"a number {numbers}"
        case "size":
            form = f"a whole number {numbers} or a pair of them"
    forms = {"never": form, "either": f"{form}, or a list of such", "always": f"a list, each entry {form}"}
    return forms[key.lists] + (", or null" if key.null else "")
