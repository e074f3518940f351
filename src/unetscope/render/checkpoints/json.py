"""What a file of weights is, and whether it fits, as JSON: a stable set of keys, exact integers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from unetscope.checkpoint import ControlJoints, Overlay
from unetscope.checkpoints.adapters import Adapter
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.answer import Answer, Component
from unetscope.checkpoints.explain import Explained
from unetscope.checkpoints.fit import FileFit
from unetscope.checkpoints.places import FOLDERS
from unetscope.checkpoints.presets import Near


def answer(given: Answer) -> dict[str, Any]:
    """All that is known of a file."""
    listing = given.listing
    return {
        "file": listing.name,
        "kind": given.kind,
        "title": given.title,
        "why": list(given.why),
        "container": listing.container,
        "bytes": listing.bytes,
        "absent_bytes": listing.absent,
        "tensors": len(listing.tensors),
        "dtypes": listing.dtypes,
        "quantised": given.quantised or None,
        "components": [_component(component) for component in given.components],
        "adapter": _adapter(given.adapter),
        "nearest": [_near(one) for one in given.near],
        "against_nearest": _comparison(given.against),
        "runners_up": [{"title": one.title, "why_not": one.why_not} for one in given.runners_up],
        "not_known": list(given.unknowable),
        "hints": list(given.hints),
        "notes": list(listing.notes),
        "warnings": list(given.warnings),
        "foreign": list(listing.foreign),
        "seen": dict(given.seen),
        "other_tensors": given.extras,
        "folder": FOLDERS.get(given.kind),
        "metadata": dict(listing.metadata),
    }


def error(message: str, hint: str) -> dict[str, Any]:
    """A file that could not be read."""
    return {"error": message, "hint": hint}


def _component(one: Component) -> dict[str, Any]:
    return {
        "title": one.title,
        "kind": one.kind,
        "naming": one.naming,
        "prefix": one.prefix,
        "tensors": len(one.names),
        "stored_tensors": one.stored,
        "params": one.params,
        "class_name": one.class_name or None,
        "config": dict(one.config),
        "why": list(one.why),
        "needs": one.beside or None,
    }


def _adapter(one: Adapter | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "method": one.method,
        "naming": one.naming,
        "base": one.base or None,
        "why": one.why,
        "modules": len(one.modules),
        "text_modules": one.text_modules,
        "ranks": [{"rank": rank, "modules": count} for rank, count in one.ranks],
        "other_tensors": one.kept,
    }


def _near(one: Near) -> dict[str, Any]:
    return {
        "id": one.id,
        "alike": list(one.alike),
        "differences": [{"field": d.field, "here": d.here, "there": d.there} for d in one.differences],
    }


def _comparison(found: Agreement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "fits": found.fits,
        "equal": found.equal,
        "shape_not_known": found.unknown,
        "missing": list(found.missing),
        "unexpected": list(found.unexpected),
        "reshaped": [{"name": name, "here": here, "there": there} for name, here, there in found.reshaped],
    }


def comparison(found: Agreement) -> dict[str, Any]:
    """Tensors of a file against those of a network."""
    return _comparison(found) or {}


def fit(given: FileFit) -> dict[str, Any]:
    """Whether a file loads into a network."""
    return {
        "file": given.answer.listing.name,
        "network": given.network,
        "fits": given.fits,
        "why": given.why,
        "causes": list(given.causes),
        "remedies": list(given.remedies),
        "tensors": _comparison(given.found),
        "file_is": {"kind": given.answer.kind, "title": given.answer.title},
    }


def overlay(given: Overlay | ControlJoints) -> dict[str, Any]:
    """What adapters change: the network, each stage, each block of it; or where a ControlNet adds what."""
    if isinstance(given, ControlJoints):
        return {"joins": given.what, "network": given.network, "joints": given.records()}
    return {
        "changes": given.what,
        "network": given.network,
        "text_modules": given.elsewhere,
        "all": asdict(given.whole),
        "stages": [
            asdict(stage) | {"blocks": [asdict(b) for b in given.blocks.get(stage.path, ())]}
            for stage in given.stages
        ],
    }


def explained(given: Sequence[Explained]) -> list[dict[str, Any]]:
    """What the lines of a log mean."""
    return [
        {
            "line": one.quoted,
            "count": one.count,
            "means": one.means,
            "cause": one.cause or None,
            "remedy": one.remedy,
        }
        for one in given
    ]
