"""Turns frozen data, above all architectures, into JSON bytes and back; checks every field against its
type."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from unetscope import invariants
from unetscope.codec import upgrades
from unetscope.errors import SourceError
from unetscope.limits import MAX_SAVED
from unetscope.model import SCHEMA_VERSION, Architecture
from unetscope.words import safe

T = TypeVar("T")
_NOT_OURS = "not an architecture saved by unetscope"
_AGAIN = "save an architecture with: unetscope trace SOURCE -o saved.json"
_MAGIC_GZIP = b"\x1f\x8b"


def dumps(value: Any) -> bytes:
    """Compact JSON of an architecture or other frozen data; the same value gives the same bytes."""
    return safe.json(msgspec.json.encode(value).decode()).encode() + b"\n"


def pack(value: Any) -> bytes:
    """Compressed JSON without a time stamp."""
    return packed(dumps(value))


def packed(data: bytes) -> bytes:
    """Gzip without a time stamp, so that the same bytes give the same file."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def loads(data: bytes) -> Architecture:
    """An architecture from `dumps` or `pack`.

    Raises SourceError if the bytes are truncated, malformed or too large, or if the architecture breaks one
    of `invariants.INVARIANTS`.
    """
    architecture = _decoded(data, _architecture)
    broken = invariants.broken(architecture)
    if broken is not None:
        raise SourceError(
            f"a saved architecture in which this does not hold: {broken}",
            hint=_AGAIN,
        )
    return architecture


def unpack(data: bytes, type: type[T]) -> T:
    """A value of a type from `dumps` or `pack`. Raises SourceError if the bytes hold none."""
    return _decoded(data, lambda plain: msgspec.json.decode(plain, type=type))


def _decoded(data: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(unpacked(data))
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise SourceError(
            f"{_NOT_OURS}: {safe.told(error)}",
            hint=_AGAIN,
        ) from error


class _Saved(msgspec.Struct):
    """The one field that says how to read the others."""

    schema_version: int = SCHEMA_VERSION


def _architecture(plain: bytes) -> Architecture:
    """An architecture of any schema that we ever wrote."""
    if msgspec.json.decode(plain, type=_Saved).schema_version != 1:
        return msgspec.json.decode(plain, type=Architecture)
    try:
        upgraded = upgrades.from_1(msgspec.json.decode(plain))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise msgspec.ValidationError(f"not of schema 1: {error}") from error
    return msgspec.convert(upgraded, Architecture)


def unpacked(data: bytes) -> bytes:
    """The bytes inside an optional gzip wrapper.

    Raises SourceError for a broken wrapper, and, without unpacking them, for more than MAX_SAVED bytes.
    """
    if not data.startswith(_MAGIC_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, MAX_SAVED)
    except zlib.error as error:
        raise SourceError(f"{_NOT_OURS}: broken gzip data, {error}", hint=_AGAIN) from error
    if unpacker.unconsumed_tail:
        raise SourceError(
            f"{_NOT_OURS}: gzip data that unpacks to more than {MAX_SAVED // 2**20} MiB", hint=_AGAIN
        )
    if not unpacker.eof or unpacker.unused_data:
        raise SourceError(f"{_NOT_OURS}: gzip data that is cut off or goes on after its end", hint=_AGAIN)
    return plain


def rename(architecture: Architecture, *, source: str) -> Architecture:
    """The same architecture under the name the user gave for it."""
    return replace(architecture, source=source)
