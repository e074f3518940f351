"""What each stage of two networks costs, as a table of a diff's page that sorts and filters."""

from __future__ import annotations

from typing import Any

from unetscope.cost import Cost
from unetscope.difference import Diff, StageCost
from unetscope.render.table.as_html import fits_from
from unetscope.words import diff as words
from unetscope.words import units
from unetscope.words.safe import clean


def values(diff: Diff) -> list[dict[str, Any]]:
    """The table for part_tables.html.j2; none where no stage differs."""
    if diff.identical:
        return []
    headings = _headings(diff)
    rows = [_row(diff, stage) for stage in diff.stages]
    changed = sum(stage.tensors for stage in diff.stages)
    total = [text for text, _ in _cells(diff.a.cost, diff.b.cost, changed)]
    return [
        {"by": "stage", "title": "Stages", "headings": headings, "labels": headings, "rows": rows,
         "total": total},
    ]  # fmt: skip


def narrow(diff: Diff) -> int:
    """The width of a window, in px, from which the table fits."""
    table = values(diff)
    if not table:
        return 0
    rows = [[row["name"], *(text for text, _ in row["cells"])] for row in table[0]["rows"]]
    return fits_from([["part", *table[0]["headings"]], *rows, ["total", *table[0]["total"]]])


def _headings(diff: Diff) -> list[str]:
    macs = words.macs(diff)
    return ["parameters", "difference", macs, f"difference of {macs}", "tensors that differ"]


def _row(diff: Diff, cost: StageCost) -> dict[str, Any]:
    paths = [path for path in (cost.pair.before, cost.pair.after) if path is not None]
    names = [{stage.path: stage.name for stage in side.stages} for side in (diff.a, diff.b)]
    titles = [
        name.get(path, path)
        for name, path in zip(names, (cost.pair.before, cost.pair.after), strict=True)
        if path
    ]
    return {
        "name": clean(" → ".join(dict.fromkeys(titles))),
        "path": clean(paths[-1]),
        "type": clean(" → ".join(dict.fromkeys(paths))),
        "cells": _cells(cost.before, cost.after, cost.tensors),
    }


def _cells(before: Cost | None, after: Cost | None, tensors: int) -> list[tuple[str, str]]:
    """Each text, and the exact number it sorts by: both sides in short, what sets them apart in full."""
    cells = []
    for name, short in (("params", units.params), ("macs", units.macs)):
        numbers = [getattr(side, name) if side else 0 for side in (before, after)]
        texts = [
            short(number) if side else "–" for side, number in zip((before, after), numbers, strict=True)
        ]
        cells.append((" → ".join(dict.fromkeys(texts)), str(numbers[1])))
        cells.append((words.delta(*numbers), str(numbers[1] - numbers[0])))
    return [*cells, (str(tensors), str(tensors))]
