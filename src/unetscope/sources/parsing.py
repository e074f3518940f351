"""Bytes or Python objects to plain JSON values, strictly: refuses what is ambiguous or absurd.

Knows nothing of configs. Every error is one line, and names the place where it can.
"""

from __future__ import annotations

import codecs
import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from unetscope.errors import SourceError
from unetscope.limits import MAX_COMMAS, MAX_CONFIG, MAX_CONFIG_INTEGER, MAX_DEPTH
from unetscope.sources import not_json
from unetscope.words.messages import printable, shown

Json: TypeAlias = Any
"""None, bool, int, float, str, or lists and dicts of such."""

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)

_DEEP = "a config holds lists of lists at most"
_FEWER = "look at what wrote it: such a file is damaged or made to take time"
_DIALECT = "JSON has double quotes, no comments, no comma at the end and no key twice"


def parse(data: bytes, *, name: str) -> Json:
    """The JSON value that UTF-8 text holds; a byte-order mark and any line ends are fine.

    `name` is what messages call the text. Raises SourceError.
    """
    if len(data) > MAX_CONFIG:
        raise SourceError(
            f"{name} is larger than {MAX_CONFIG // 2**20} MiB: not a config",
            hint="a source is a config.json, a model folder or an architecture saved by unetscope trace",
        )
    if data.count(b",") > MAX_COMMAS:
        raise SourceError(
            f"{name} holds more than {MAX_COMMAS:,} values: no config or header of weights does", hint=_FEWER
        )
    text = _text(data, name)
    if not text.strip():
        raise SourceError(f"{name} is empty", hint="download it again: a config holds at least _class_name")
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_first_digits
        )
    except json.JSONDecodeError as error:
        raise SourceError(
            f"{name} is not valid JSON: {error.msg} at line {error.lineno} column {error.colno}",
            hint=not_json.like(text, error) or _DIALECT,
        ) from error
    except RecursionError as error:
        raise SourceError(f"{name} is nested too deeply", hint=_DEEP) from error
    except ValueError as error:
        raise SourceError(
            f"{name} is not valid JSON: {printable(str(error), limit=100)}", hint=_DIALECT
        ) from error
    return plain(value, name=name)


def _first_digits(text: str) -> int:
    """An integer from its first 25 digits: 25 exceed 64 bits in any case, and Python refuses to read
    5,000."""
    return int(text[:25])


def plain(value: object, *, name: str, depth: int = 0) -> Json:
    """A value as JSON knows it: tuples become lists, mappings dicts.

    Raises SourceError for anything that JSON cannot hold, NaN and lone surrogates included, and
    for integers beyond 64 bits.
    """
    if depth > MAX_DEPTH:
        raise SourceError(f"{name} is nested too deeply", hint=_DEEP)
    match value:
        case None | bool():
            return value
        case str():
            return _string(value, name)
        case int():
            return _integer(value, name)
        case float() if math.isfinite(value):
            return float(value)
        case Mapping():
            return {_key(k, name): plain(v, name=name, depth=depth + 1) for k, v in value.items()}
        case list() | tuple():
            return [plain(entry, name=name, depth=depth + 1) for entry in value]
        case _:
            raise SourceError(
                f"{name} holds {shown(value)}, which is not a JSON value",
                hint="a config holds numbers, text, true, false, null, lists and objects",
            )


def _text(data: bytes, name: str) -> str:
    """UTF-8 text without its byte-order mark."""
    if data.startswith(_WIDE_MARKS) or b"\x00" in data[:4]:
        hint = not_json.like_bytes(data) or "a config is JSON in UTF-8; UTF-16 text must be converted first"
        raise SourceError(f"{name} is not UTF-8 text", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = (
            not_json.like_bytes(data)
            or "a config is JSON in UTF-8; text in another encoding must be converted"
        )
        raise SourceError(
            f"{name} is not UTF-8 text: invalid byte at offset {error.start}", hint=hint
        ) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object without double keys: readers disagree on which of two counts."""
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counts.items() if count > 1)
        raise ValueError(f"the key {shown(twice, limit=40)} stands twice in one object")
    return members


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a JSON number")


def _key(key: object, name: str) -> str:
    if not isinstance(key, str):
        raise SourceError(
            f"{name} has a key that is not a string: {shown(key)}", hint="keys are the names of config fields"
        )
    return _string(key, name)


def _string(value: str, name: str) -> str:
    """A plain str that UTF-8 can encode; JSON escapes can write half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise SourceError(
            f"{name} holds text that is not valid Unicode: {shown(value)}",
            hint="half of a surrogate pair was escaped: write the character itself",
        ) from error
    return str(value)


def _integer(value: int, name: str) -> int:
    if not -MAX_CONFIG_INTEGER <= value < MAX_CONFIG_INTEGER:
        raise SourceError(
            f"{name} holds an integer beyond 64 bits", hint="no field of a config is that large"
        )
    return int(value)
