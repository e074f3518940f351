"""A plan as plain JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.analysis.plan.report import PlanReport, losses
from unetscope.plans import Plan
from unetscope.render.plan import tables
from unetscope.render.plan.code import edit_lines
from unetscope.words import basis

SCHEMA_VERSION = 1


def document(report: PlanReport) -> dict[str, Any]:
    """The whole plan: what goes, config, edits, cost, memory, pairs, rows."""
    plan, both = report.plan, report.distilling
    return {
        "schema_version": SCHEMA_VERSION,
        "teacher": plan.teacher.source,
        "student": plan.student.title,
        "class_name": plan.student.class_name,
        "recipe": plan.recipe.id if plan.recipe else None,
        "asked": list(plan.asked),
        "settings": dict(plan.settings),
        "dropped": [asdict(dropped) for dropped in plan.dropped],
        "lost": [asdict(loss) for loss in losses(plan)],
        "config": None if plan.config is None else config(plan),
        "hole": plan.hole or None,
        "edits": list(edit_lines(plan.edits)),
        "params": {"teacher": plan.teacher.cost.params, "student": plan.student.cost.params},
        "macs": {"teacher": plan.teacher.cost.macs, "student": plan.student.cost.macs},
        "memory": {
            "dtype": report.running.use.dtype,
            "weights_bytes": report.running.held,
            "activations_bytes": report.running.peak.bytes,
            "distillation": None if both is None else asdict(both) | {"total": both.total},
        },
        "weights": {"taken": len(plan.keys), "own": [tensor.name for tensor in plan.changed]},
        "distillation": pairs(report),
        "latency_floor": [
            {
                "gpu": floor.gpu.name,
                "dtype": floor.dtype,
                "source": floor.gpu.source,
                "read": floor.gpu.read,
                "nanoseconds": round(floor.nanoseconds),
                "stages": {stage.path: round(stage.nanoseconds) for stage in floor.stages},
            }
            for floor in report.floors
        ],
        "rows": [
            {"title": row.title, "id": row.id, "params": row.cost.params, "macs": row.cost.macs}
            for row in report.rows
        ],
        "sentence": tables.sentence(report),
        "basis": basis.data(plan.student),
    }


def config(plan: Plan) -> dict[str, Any]:
    """The student's config.json. Raises ValueError where no config says it."""
    if plan.config is None:
        raise ValueError("no config says this student")
    return {"_class_name": plan.student.class_name, **plan.config}


def weight_map(plan: Plan) -> dict[str, Any]:
    """For each tensor of the student's that it takes whole, its key in the teacher's state dict."""
    return {
        "schema_version": SCHEMA_VERSION,
        "source": plan.teacher.source,
        "target": plan.student.title,
        "map": dict(plan.keys),
        "own": [tensor.name for tensor in plan.changed],
    }


def pairs(report: PlanReport) -> list[dict[str, Any]]:
    """Modules whose outputs compare, with the shape of these."""
    return [
        {"teacher": feature_pair.teacher, "student": feature_pair.student, "shape": list(feature_pair.shape)}
        for feature_pair in feature_pairs(report.diff)
    ]
