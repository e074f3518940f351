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


def answer(answer: Answer) -> dict[str, Any]:
    """All that is known of a file."""
    listing = answer.listing
    return {
        "file": listing.name,
        "kind": answer.kind,
        "title": answer.title,
        "why": list(answer.why),
        "container": listing.container,
        "bytes": listing.bytes,
        "absent_bytes": listing.absent,
        "tensors": len(listing.tensors),
        "dtypes": listing.dtypes,
        "quantised": answer.quantised or None,
        "components": [_component(component) for component in answer.components],
        "adapter": _adapter(answer.adapter),
        "nearest": [_near(near) for near in answer.near],
        "against_nearest": _comparison(answer.against),
        "runners_up": [{"title": up.title, "why_not": up.why_not} for up in answer.runners_up],
        "not_known": list(answer.unknowable),
        "hints": list(answer.hints),
        "notes": list(listing.notes),
        "warnings": list(answer.warnings),
        "foreign": list(listing.foreign),
        "seen": dict(answer.seen),
        "other_tensors": answer.extras,
        "folder": FOLDERS.get(answer.kind),
        "metadata": dict(listing.metadata),
    }


def error(message: str, hint: str) -> dict[str, Any]:
    """A file that could not be read."""
    return {"error": message, "hint": hint}


def _component(component: Component) -> dict[str, Any]:
    return {
        "title": component.title,
        "kind": component.kind,
        "naming": component.naming,
        "prefix": component.prefix,
        "tensors": len(component.names),
        "stored_tensors": component.stored,
        "params": component.params,
        "class_name": component.class_name or None,
        "config": dict(component.config),
        "why": list(component.why),
        "needs": component.beside or None,
    }


def _adapter(adapter: Adapter | None) -> dict[str, Any] | None:
    if adapter is None:
        return None
    return {
        "method": adapter.method,
        "naming": adapter.naming,
        "base": adapter.base or None,
        "why": adapter.why,
        "modules": len(adapter.modules),
        "text_modules": adapter.text_modules,
        "ranks": [{"rank": rank, "modules": count} for rank, count in adapter.ranks],
        "other_tensors": adapter.kept,
    }


def _near(near: Near) -> dict[str, Any]:
    return {
        "id": near.id,
        "alike": list(near.alike),
        "differences": [{"field": d.field, "here": d.here, "there": d.there} for d in near.differences],
    }


def _comparison(agreement: Agreement | None) -> dict[str, Any] | None:
    if agreement is None:
        return None
    return {
        "fits": agreement.fits,
        "equal": agreement.equal,
        "shape_not_known": agreement.unknown,
        "missing": list(agreement.missing),
        "unexpected": list(agreement.unexpected),
        "reshaped": [
            {"name": name, "here": here, "there": there} for name, here, there in agreement.reshaped
        ],
    }


def comparison(agreement: Agreement) -> dict[str, Any]:
    """Tensors of a file against those of a network."""
    return _comparison(agreement) or {}


def fit(fit: FileFit) -> dict[str, Any]:
    """Whether a file loads into a network."""
    return {
        "file": fit.answer.listing.name,
        "network": fit.network,
        "fits": fit.fits,
        "why": fit.why,
        "causes": list(fit.causes),
        "remedies": list(fit.remedies),
        "tensors": _comparison(fit.found),
        "file_is": {"kind": fit.answer.kind, "title": fit.answer.title},
    }


def overlay(reach: Overlay | ControlJoints) -> dict[str, Any]:
    """What adapters change: the network, each stage, each block of it; or where a ControlNet adds what."""
    if isinstance(reach, ControlJoints):
        return {"joins": reach.what, "network": reach.network, "joints": reach.records()}
    return {
        "changes": reach.what,
        "network": reach.network,
        "text_modules": reach.elsewhere,
        "all": asdict(reach.whole),
        "stages": [
            asdict(stage) | {"blocks": [asdict(b) for b in reach.blocks.get(stage.path, ())]}
            for stage in reach.stages
        ],
    }


def explained(explaineds: Sequence[Explained]) -> list[dict[str, Any]]:
    """What the lines of a log mean."""
    return [
        {
            "line": explained.quoted,
            "count": explained.count,
            "means": explained.means,
            "cause": explained.cause or None,
            "remedy": explained.remedy,
        }
        for explained in explaineds
    ]
