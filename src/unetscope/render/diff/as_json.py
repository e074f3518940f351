"""A diff as plain JSON values: all of it, and the map by which a checkpoint of A is loaded into B."""

from __future__ import annotations

from typing import Any

from unetscope.analysis import remarks
from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.analysis.diff.stored import plain
from unetscope.analysis.diff.transfer import counts, overlap
from unetscope.difference import Diff, FieldGroup, StageCost
from unetscope.difference.changes import Change
from unetscope.render import origins
from unetscope.words import basis
from unetscope.words.diff import verdict

SCHEMA_VERSION = 1


def document(diff: Diff) -> dict[str, Any]:
    """The whole diff; a cause is a field, a list of fields that act together, or null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "a": diff.a.source,
        "b": diff.b.source,
        "lineage": origins.related(diff.a, diff.b) or None,
        "beside": {"a": remarks.data(diff.a), "b": remarks.data(diff.b)},
        "identical": diff.identical,
        "verdict": verdict(diff.verdict),
        "changes": [_change(change) for change in (*diff.written, *diff.changes)],
        "causes": _causes(diff),
        "causes_unknown": diff.unknown or None,
        "totals": _totals(diff),
        "weights": _weights(diff),
        "distillation": [
            {
                "teacher": feature_pair.teacher,
                "student": feature_pair.student,
                "shape": list(feature_pair.shape),
            }
            for feature_pair in feature_pairs(diff)
        ],
    }


def weight_map(diff: Diff) -> dict[str, Any]:
    """`map` gives, for each tensor of B that loads whole, the key it has in a checkpoint of A."""
    plan = diff.transfer
    return {
        "schema_version": SCHEMA_VERSION,
        "source": diff.a.source,
        "target": diff.b.source,
        "map": plan.loads,
        "partial": [
            {
                "target": other.name,
                "source": tensor.name,
                "from": list(tensor.shape),
                "to": list(other.shape),
                "copied": overlap(tensor.shape, other.shape),
            }
            for tensor, other in plan.partial
        ],
        "missing": [tensor.name for tensor in plan.missing],
        "unused": [tensor.name for tensor in plan.unused],
    }


def _change(change: Change) -> dict[str, Any]:
    cause = list(change.cause) if len(change.cause) > 1 else next(iter(change.cause), None)
    return plain(change) | {"cause": cause}


def _causes(diff: Diff) -> list[dict[str, Any]] | None:
    """What each field or group of fields does; null where it is not known."""
    if diff.groups is None:
        return None
    return [
        {
            "fields": list(group.fields),
            "joint": group.joint,
            "effect": group.impact.effect,
            "shown_in": list(group.impact.shown_in),
            "tensors": list(group.tensors),
            "params": group.params,
            "removed": list(group.removed),
            "added": list(group.added),
            "skips_removed": group.skips_removed,
            "skips_added": group.skips_added,
            "alone": _alone(group),
        }
        for group in diff.groups
    ]


def _alone(group: FieldGroup) -> dict[str, Any] | None:
    """What the fields do by themselves, set into A or, where it cannot take them, taken out of B."""
    if group.alone is None:
        return None
    return {"start": group.alone.start, "params": group.alone.params, "macs": group.alone.macs}


def _totals(diff: Diff) -> dict[str, Any]:
    a, b = diff.a.cost, diff.b.cost
    return {
        "params": _sides(a.params, b.params),
        "macs": _sides(a.macs, b.macs),
        "tensors": _sides(len(diff.a.tensors), len(diff.b.tensors)),
        "common_basis": diff.common,
        "basis": {"a": basis.data(diff.a), "b": basis.data(diff.b)},
        "stages": [_stage(stage) for stage in diff.stages],
    }


def _sides(before: int, after: int) -> dict[str, int]:
    return {"before": before, "after": after, "difference": after - before}


def _stage(stage: StageCost) -> dict[str, Any]:
    before, after = stage.before, stage.after
    return {
        "before": stage.pair.before,
        "after": stage.pair.after,
        "params": _sides(before.params if before else 0, after.params if after else 0),
        "macs": _sides(before.macs if before else 0, after.macs if after else 0),
        "tensors": stage.tensors,
    }


def _weights(diff: Diff) -> dict[str, Any]:
    """Tensors and their elements in each part of the plan; of partial ones the elements that are copied."""
    tensors, elements = counts(diff.transfer), diff.transfer.elements
    parts = {name: {"tensors": tensors[name], "elements": elements[name]} for name in tensors}
    return parts | {"partial": parts["partial"] | {"new_elements": elements["new"]}}
