"""Config fields of a class without a table of keys: read from its own signature, bounded by type and size.

A signature says less than a table: the kinds that a field takes, and its default. What passes here,
diffusers may still refuse while it builds; the bounds keep that from taking long.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unetscope.errors import ConfigError
from unetscope.limits import MAX_FIELD, MAX_FIELD_ENTRIES, MAX_FIELD_NESTING, MAX_FIELD_TEXT
from unetscope.words.messages import shown

FieldKind: TypeAlias = Literal["a number", "true or false", "text"]


@dataclass(frozen=True, slots=True)
class Field:
    """What a signature says of one field. Without `kinds` it takes anything within the bounds.

    `lists` allows a list of entries; a single entry is always allowed.
    """

    default: Any
    kinds: frozenset[FieldKind] = frozenset()
    lists: bool = True


_BEYOND = "no field of any config that diffusers ships comes near"


def check_fields(fields: Mapping[str, Field], config: Mapping[str, Any]) -> None:
    """Raise ConfigError, in one line, for a value of a kind or size that the field cannot have.

    Ignores keys that are no fields, and leaves null to diffusers.
    """
    for name, field in fields.items():
        if name in config:
            _check(name, field, config[name])


def _check(name: str, field: Field, value: Any) -> None:
    hint = f"diffusers' default is {shown(_plain(field.default))}"
    if isinstance(value, list | tuple) and not field.lists:
        raise ConfigError(f"{name} must be {_words(field)}, not a list", hint=hint)
    for number, entry in enumerate(_entries(name, value, 0), 1):
        if number > MAX_FIELD_ENTRIES:
            raise ConfigError(f"{name} has more than {MAX_FIELD_ENTRIES} entries", hint=hint)
        kind = _kind(name, entry)
        if kind is not None and field.kinds and kind not in field.kinds:
            raise ConfigError(f"{name} must be {_words(field)}, not {shown(entry)}", hint=hint)


def _entries(name: str, value: Any, depth: int) -> Iterator[Any]:
    """Single values inside lists and objects, at any depth."""
    if depth > MAX_FIELD_NESTING:
        raise ConfigError(f"{name} holds lists more than {MAX_FIELD_NESTING} deep", hint=_BEYOND)
    if isinstance(value, Mapping):
        yield from _entries(name, [*value, *value.values()], depth)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _entries(name, entry, depth + 1)
    else:
        yield value


def _kind(name: str, entry: Any) -> FieldKind | None:
    """The kind of a single value within bounds; None of null."""
    if isinstance(entry, bool):
        return "true or false"
    if isinstance(entry, int | float):
        if not math.isfinite(entry) or abs(entry) > MAX_FIELD:
            raise ConfigError(f"{name} must be within ±{MAX_FIELD:,}, not {shown(entry)}", hint=_BEYOND)
        return "a number"
    if isinstance(entry, str):
        if len(entry) > MAX_FIELD_TEXT:
            words = f"{name} has {len(entry)} characters, more than {MAX_FIELD_TEXT}"
            raise ConfigError(words, hint=_BEYOND)
        return "text"
    if entry is None:
        return None
    raise ConfigError(f"{name} must not be {shown(entry)}", hint="a config holds what JSON can")


def _words(field: Field) -> str:
    """What a field takes, in words."""
    kinds = " or ".join(sorted(field.kinds))
    return f"{kinds}, or a list of such" if field.lists else kinds


def _plain(value: Any) -> Any:
    """A default as JSON would hold it."""
    return list(value) if isinstance(value, tuple) else value
