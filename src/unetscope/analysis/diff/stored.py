"""Attributions as bytes, each named by the content of the networks it explains; changes as plain JSON."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace
from typing import Any

from unetscope import codec
from unetscope.analysis.operation_details import without_casts
from unetscope.difference import Attribution, Diff
from unetscope.difference.changes import BlockSide, Change, FactChange, InputSide
from unetscope.model import Architecture, Skip, Tensor

SCHEMA_VERSION = 2

_OF_NO_ACCOUNT = {"id", "title", "source", "facts", "ignored_keys", "defaulted_keys", "scaling", "counting"}
"""Fields of an architecture that its content leaves out, so that a new fact leaves it as it is."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An attribution, and the content it belongs to; it holds causes only for changes that can have one."""

    schema_version: int
    content: str
    attribution: Attribution


def content(diff: Diff) -> str:
    """A hash of both networks as traced and of their differences; of no name or fact beside them."""
    changes = [plain(change) | {"cause": ()} for change in diff.changes if _has_cause(change)]
    return hashlib.sha256(codec.dumps([_network(diff.a), _network(diff.b), changes])).hexdigest()


def pack(diff: Diff, why: Attribution) -> bytes:
    """An attribution of a diff, compressed; the same gives the same bytes."""
    return codec.packed(dumps(diff, why))


def dumps(diff: Diff, why: Attribution) -> bytes:
    """An attribution of a diff as JSON."""
    pairs = zip(diff.changes, why.causes, strict=True)
    stored_causes = Attribution(tuple(cause for change, cause in pairs if _has_cause(change)), why.reasons)
    return codec.dumps(_Kept(SCHEMA_VERSION, content(diff), stored_causes))


def unpack(diff: Diff, data: bytes) -> Attribution | None:
    """The attribution of this diff, None for that of another. Raises SourceError where there is none."""
    stored = codec.unpack(data, _Kept)
    open_ = sum(1 for change in diff.changes if _has_cause(change))
    if (stored.schema_version, stored.content) != (SCHEMA_VERSION, content(diff)):
        return None
    if len(stored.attribution.causes) != open_:
        return None
    causes = iter(stored.attribution.causes)
    per_change = tuple(next(causes) if _has_cause(change) else () for change in diff.changes)
    return replace(stored.attribution, causes=per_change)


def _has_cause(change: Change) -> bool:
    """Whether config fields can cause a change; they cannot cause a fact beside the network."""
    return not isinstance(change, FactChange)


def _network(traced: Architecture) -> dict[str, Any]:
    """A network's fields without what names it and what its attribution does not depend on, as casts.

    A whole network leaves `part` out, so that its content is the same as before halves existed.
    """
    traced = without_casts(traced)
    names = (field.name for field in fields(traced))
    values = {name: getattr(traced, name) for name in names if name not in _OF_NO_ACCOUNT}
    return values if traced.part else {name: value for name, value in values.items() if name != "part"}


def plain(change: Change) -> dict[str, Any]:
    """A change as a dict: kind, change, path, before, after, cause."""
    return {
        "kind": change.kind,
        "change": change.change,
        "path": change.path,
        "before": _side(change.before),
        "after": _side(change.after),
        "cause": change.cause,
    }


def _side(side: object) -> object:
    """One side of a change as plain data; a config value or a fact already is."""
    match side:
        case Tensor():
            return {"name": side.name, "shape": list(side.shape), "dtype": side.dtype}
        case Skip():
            return {"source": side.source, "target": side.target, "channels": side.channels}
        case BlockSide():
            record = {"path": side.path, "type": side.type, "labels": list(side.labels)}
            return record | ({"could_be": list(side.could_be)} if side.could_be else {})
        case InputSide():
            groups = [{"name": group.name, "count": group.count} for group in side.holds or ()]
            return {"shape": list(side.shape)} | ({} if side.holds is None else {"holds": groups})
    return side
