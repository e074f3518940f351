"""Frozen data ⇄ JSON bytes, every field checked against its type on the way in; architectures above all."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from unetscope import upgrades
from unetscope.errors import SourceError
from unetscope.model import SCHEMA_VERSION, Architecture, Scaling, Term, parent
from unetscope.words import safe

T = TypeVar("T")
_MAGIC_GZIP = b"\x1f\x8b"
MAX_BYTES = 256 * 2**20
MAX_POWER = 8
"""No cost grows with a higher power of one size; keeps what a file makes us compute small."""


def dumps(value: Any) -> bytes:
    """Compact JSON of an architecture or other frozen data; the same value gives the same bytes."""
    return safe.json(msgspec.json.encode(value).decode()).encode() + b"\n"


def pack(value: Any) -> bytes:
    """Compressed JSON without a time stamp, for the zoo and the cache."""
    return gzip.compress(dumps(value), compresslevel=9, mtime=0)


def loads(data: bytes) -> Architecture:
    """An architecture from `dumps` or `pack`.

    Raises SourceError where the bytes are truncated, malformed, of another schema, or where
    indices and paths in them do not fit together.
    """
    found = _decoded(data, _architecture)
    _check(found)
    return found


def unpack(data: bytes, type: type[T]) -> T:
    """A value of a type from `dumps` or `pack`. Raises SourceError where the bytes hold none."""
    return _decoded(data, lambda plain: msgspec.json.decode(plain, type=type))


def _decoded(data: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(_plain(data))
    except (msgspec.MsgspecError, EOFError, OSError, zlib.error, RecursionError, UnicodeError) as error:
        raise SourceError(
            f"not an architecture saved by unetscope: {safe.told(error)}",
            hint="save one with: unetscope trace SOURCE -o saved.json",
        ) from error


class _Saved(msgspec.Struct):
    """The one field that tells how to read the others."""

    schema_version: int = SCHEMA_VERSION


def _architecture(plain: bytes) -> Architecture:
    """An architecture of any schema we ever wrote."""
    if msgspec.json.decode(plain, type=_Saved).schema_version != 1:
        return msgspec.json.decode(plain, type=Architecture)
    try:
        upgraded = upgrades.from_1(msgspec.json.decode(plain))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise msgspec.ValidationError(f"not of schema 1: {error}") from error
    return msgspec.convert(upgraded, Architecture)


def rename(architecture: Architecture, *, source: str) -> Architecture:
    """The same architecture under the name the user gave for it."""
    return replace(architecture, source=source)


def _plain(data: bytes) -> bytes:
    """The JSON behind an optional gzip wrapper, never unpacking more than MAX_BYTES."""
    if not data.startswith(_MAGIC_GZIP):
        return data
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(data, MAX_BYTES)
    if not unpacker.eof:
        raise EOFError("compressed data is truncated or too large")
    return plain


def _check(found: Architecture) -> None:
    """Refuse an architecture whose parts do not fit together."""
    paths = {node.path for node in found.nodes}
    last_node, last_operation, last_input = len(found.nodes), len(found.operations), len(found.inputs)
    named = [s.path for s in found.stages] + [t.owner for t in found.tensors]
    named += [end for skip in found.skips for end in (skip.source, skip.target)]
    storages = sum(len(call.allocates) for call in found.calls)
    checks = (
        found.schema_version == SCHEMA_VERSION,
        bool(found.nodes) and found.nodes[0].path == "",
        len(paths) == last_node,
        all(parent(node.path) in paths for node in found.nodes),
        paths.issuperset(named),
        all(0 <= call.node < last_node and 0 <= call.operation < last_operation for call in found.calls),
        all(0 <= number < storages for call in found.calls for number in call.frees),
        found.scaling is None or _is_whole(found.scaling),
        all(-last_input <= read < index for index, call in enumerate(found.calls) for read in call.reads),
    )
    if not all(checks):
        raise SourceError(
            f"a saved architecture of schema {found.schema_version} that does not hold together",
            hint="trace it anew with: unetscope trace SOURCE -o saved.json",
        )


def _is_whole(scaling: Scaling) -> bool:
    """Whether every index in a scaling points at something, and nothing is divided by zero."""
    axes = len(scaling.axes)
    return (
        all(grid.step > 0 and grid.least > 0 for grid in scaling.grids)
        and all(_is_term(term, axes) for rule in scaling.rules for term in rule)
        and all(0 <= number < len(scaling.rules) for row in scaling.rows for number in row)
        and all(0 <= number < len(scaling.rows) for number in scaling.sites)
    )


def _is_term(term: Term, axes: int) -> bool:
    return (
        term.denominator > 0
        and len(term.powers) == axes
        and all(0 <= one <= MAX_POWER for one in term.powers)
    )
