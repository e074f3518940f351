"""Architectures as the JSON that the README documents: exact integers, stable key order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from unetscope.analysis import facts, heads
from unetscope.analysis.channels import usual
from unetscope.analysis.cost.columns import CellValue
from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.analysis.remarks import idle, unread
from unetscope.checkpoint import Facts
from unetscope.model import Architecture
from unetscope.paths import OtherNames
from unetscope.words import basis, safe
from unetscope.zoo.licences import licence_text

SCHEMA_VERSION = 1


def table(architecture: Architecture, rows: Sequence[Row]) -> dict[str, Any]:
    """A table: basis, totals, skips and rows. Shapes include the batch; FLOPs = 2 × MACs."""
    return {
        **_head(architecture),
        "macs_by_op": architecture.cost.macs_by_op,
        "uncounted": list(architecture.uncounted),
        "idle": asdict(idle(architecture)),
        "unread_keys": list(unread(architecture)),
        "skips": _skips(architecture),
        "rows": [_row(row) for row in rows],
    }


def counted_data(table: Table) -> dict[str, Any]:
    """A table by any partition, columns and convention; a share is a fraction of one."""
    return {
        **_head(table.architecture),
        "basis": basis.data(table.architecture) | basis.counting_data(table.architecture.counting),
        "macs_by_op": table.total.cost.macs_by_op,
        "uncounted": list(table.architecture.uncounted),
        "idle": asdict(idle(table.architecture)),
        "unread_keys": list(unread(table.architecture)),
        "by": table.by,
        **({"inside": table.inside} if table.inside else {}),
        "columns": [column.name for column in table.columns],
        "rows": [_counted_row(table, row) for row in table.rows],
        "total": _values(table, table.total),
    }


def counted_table(table: Table) -> str:
    """The same as the text of a file."""
    return dumps(counted_data(table))


def dumps(value: Any) -> str:
    """A value as indented JSON, a line break at its end."""
    return safe.json(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def _counted_row(table: Table, row: Row) -> dict[str, Any]:
    """Which part a row is, the paths it stands for, and its columns."""
    return {
        "path": row.path,
        "name": row.name or table.architecture.class_name,
        "type": row.type,
        "kind": row.kind,
        "role": row.role,
        "own": row.rest,
        "repeats": row.repeats,
        "members": list(row.members),
        **_values(table, row),
    }


def _values(table: Table, row: Row) -> dict[str, Any]:
    return {column.name: _value(column.value(row, table.total)) for column in table.columns}


def _value(value: CellValue) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return round(value, 6) if isinstance(value, float) else value


def description(architecture: Architecture, *, names: OtherNames | None = None) -> dict[str, Any]:
    """What `show` tells, with the complete config and which of its keys were filled in or ignored."""
    return {
        **_head(architecture),
        "facts": _facts(architecture.facts),
        "usual_input_channels": _usual(architecture),
        "heads": facts.heads(architecture),
        "hint": heads.hint(architecture) or None,
        "config": architecture.config,
        "defaulted_keys": list(architecture.defaulted_keys),
        "ignored_keys": list(architecture.ignored_keys),
        "unread_keys": list(unread(architecture)),
        "inputs": [{"name": i.name, "shape": list(i.shape), "dtype": i.dtype} for i in architecture.inputs],
        "stages": [
            {"path": s.path, "name": s.name, "role": s.role, "level": s.level, **_called(s.path, names)}
            for s in architecture.stages
        ],
        "skips": _skips(architecture),
    }


def _called(path: str, names: OtherNames | None) -> dict[str, str | None]:
    """A module's name in another naming, under the word for that."""
    return {names.naming: names.by_path.get(path)} if names else {}


def _head(architecture: Architecture) -> dict[str, Any]:
    cost = architecture.cost
    return {
        "schema_version": SCHEMA_VERSION,
        "source": architecture.source,
        "name": architecture.title,
        "class_name": architecture.class_name,
        "basis": basis.data(architecture),
        "totals": {"params": cost.params, "macs": cost.macs, "flops": cost.flops},
        "notes": list(architecture.notes),
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


def _usual(architecture: Architecture) -> dict[str, Any] | None:
    """What input channels of which nothing is known usually hold, and in which networks."""
    channels = usual(architecture)
    return channels and {
        "in": channels[1],
        "groups": [{"name": g.name, "count": g.count} for g in channels[0]],
    }


def _facts(facts: Facts) -> dict[str, Any]:
    text = licence_text(facts.licence)
    return {
        "input_channels": [{"name": g.name, "count": g.count} for g in facts.input_channels],
        "prediction_type": facts.prediction_type,
        "vae": facts.vae,
        "vae_factor": facts.vae_factor,
        "latent": None if facts.latent is None else list(facts.latent),
        "tokens": facts.tokens,
        "text_encoders": list(facts.text_encoders),
        "encoder_tokens": list(facts.encoder_tokens),
        "scheduler": facts.scheduler,
        "steps": facts.steps,
        "guidance": facts.guidance,
        "experts": facts.experts,
        "licence": facts.licence,
        "licence_text": None if text is None else text.text,
        "training": facts.training,
        "from_scratch": facts.from_scratch,
        "parents": [asdict(parent) for parent in facts.parents],
        "phases": [asdict(phase) for phase in facts.phases],
        "text_dropout": facts.text_dropout,
        "hub": facts.hub,
        "year": facts.year,
        "aliases": list(facts.aliases),
        "provenance": facts.provenance,
    }
