"""Architectures as the JSON that the README documents: exact integers, stable key order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unetscope.analysis.rows import Row
from unetscope.model import Architecture, Facts

SCHEMA_VERSION = 1


def table(architecture: Architecture, rows: Sequence[Row]) -> dict[str, Any]:
    """A table: basis, totals, skips and rows. Shapes include the batch; FLOPs = 2 × MACs."""
    return {
        **_head(architecture),
        "macs_by_op": architecture.cost.macs_by_op,
        "uncounted": list(architecture.uncounted),
        "skips": _skips(architecture),
        "rows": [_row(row) for row in rows],
    }


def description(architecture: Architecture) -> dict[str, Any]:
    """What `show` tells, with the complete config and which of its keys were filled in or ignored."""
    return {
        **_head(architecture),
        "facts": _facts(architecture.facts),
        "config": architecture.config,
        "defaulted_keys": list(architecture.defaulted_keys),
        "ignored_keys": list(architecture.ignored_keys),
        "inputs": [{"name": i.name, "shape": list(i.shape), "dtype": i.dtype} for i in architecture.inputs],
        "stages": [
            {"path": s.path, "name": s.name, "role": s.role, "level": s.level} for s in architecture.stages
        ],
        "skips": _skips(architecture),
    }


def _head(architecture: Architecture) -> dict[str, Any]:
    cost, basis = architecture.cost, architecture.basis
    return {
        "schema_version": SCHEMA_VERSION,
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "basis": {
            "batch": basis.batch,
            "input": list(basis.input),
            "tokens": basis.tokens,
            "dtype": basis.dtype,
        },
        "totals": {"params": cost.params, "macs": cost.macs, "flops": cost.flops},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "path": row.path,
        "type": row.type,
        "kind": row.kind,
        "role": row.role,
        "params": row.cost.params,
        "macs": row.cost.macs,
        "macs_by_op": row.cost.macs_by_op,
        "input": None if row.input is None else list(row.input),
        "output": None if row.output is None else list(row.output),
    }


def _skips(architecture: Architecture) -> list[dict[str, Any]]:
    return [{"source": s.source, "target": s.target, "shape": list(s.shape)} for s in architecture.skips]


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "input_channels": [{"name": g.name, "count": g.count} for g in facts.input_channels],
        "prediction_type": facts.prediction_type,
        "vae_factor": facts.vae_factor,
        "text_encoders": list(facts.text_encoders),
        "scheduler": facts.scheduler,
        "licence": facts.licence,
        "training": facts.training,
        "aliases": list(facts.aliases),
        "provenance": facts.provenance,
    }
