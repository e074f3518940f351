"""Attributions as bytes, each named by the content of the networks it explains. Knows no files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from unetscope import codec
from unetscope.analysis.diff.changes import Attribution, Change, Diff
from unetscope.model import Architecture, Facts

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class _Kept:
    """An attribution, and the content it is of; causes only of the changes that can have any."""

    schema_version: int
    content: str
    attribution: Attribution


def content(diff: Diff) -> str:
    """A hash of both networks as traced and of their differences; of no name or fact beside them."""
    changes = [replace(change, cause=()) for change in diff.changes if _has_cause(change)]
    return hashlib.sha256(codec.dumps([_network(diff.a), _network(diff.b), changes])).hexdigest()


def pack(diff: Diff, why: Attribution) -> bytes:
    """An attribution of a diff, compressed; the same gives the same bytes."""
    pairs = zip(diff.changes, why.causes, strict=True)
    kept = Attribution(tuple(cause for change, cause in pairs if _has_cause(change)), why.reasons)
    return codec.pack(_Kept(SCHEMA_VERSION, content(diff), kept))


def unpack(diff: Diff, data: bytes) -> Attribution | None:
    """The attribution of this diff from `pack`; None for that of another. Raises SourceError for neither."""
    kept = codec.unpack(data, _Kept)
    open_ = sum(1 for change in diff.changes if _has_cause(change))
    if (kept.schema_version, kept.content) != (SCHEMA_VERSION, content(diff)):
        return None
    if len(kept.attribution.causes) != open_:
        return None
    causes = iter(kept.attribution.causes)
    found = tuple(next(causes) if _has_cause(change) else () for change in diff.changes)
    return replace(kept.attribution, causes=found)


def _has_cause(change: Change) -> bool:
    """Whether config fields can cause a change: not what is known of a model beside its network."""
    return change.kind != "scheduler"


def _network(traced: Architecture) -> Architecture:
    """A network without what names it and what its attribution does not depend on."""
    return replace(
        traced,
        id="",
        title="",
        source="",
        facts=Facts(),
        ignored_keys=(),
        defaulted_keys=(),
        scaling=None,
    )
