"""The tables of a page: stages, blocks and kinds, each of which adds up to the network."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from unetscope.analysis.cost.columns import with_unit
from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table, table
from unetscope.model import Architecture
from unetscope.render.table import cells
from unetscope.render.table.as_html import fits_from
from unetscope.words.safe import clean

_BY = {"stage": "Stages", "block": "Blocks", "kind": "Kinds"}
_COLUMNS = ("params", "share", "macs", "share", "output", "activation")


def values(architecture: Architecture, *, unit: str) -> list[dict[str, Any]]:
    """Tables for part_tables.html.j2: headings, and rows with the text of each cell and what it sorts by."""
    return [_values(by, parts) for by, parts in _made(architecture, unit)]


def narrow(architecture: Architecture, *, unit: str) -> int:
    """The width of a window, in px, from which all these tables fit."""
    rows = []
    for _, part in _made(architecture, unit):
        body = [[clean(cells.name(part, row)), *_texts(part, row)] for row in (*part.rows, part.total)]
        rows.append(fits_from([["part", *(column.heading for column in part.columns)], *body]))
    return max(rows)


def _made(architecture: Architecture, unit: str) -> Iterator[tuple[str, Table]]:
    names = with_unit(_COLUMNS, unit)
    for by in _BY:
        columns = tuple(name for name in names if by != "kind" or name not in ("output", "activation"))
        part = table(architecture, by=by, names=columns)
        if part.rows:
            yield by, part


def _values(by: str, table: Table) -> dict[str, Any]:
    return {
        "by": by,
        "title": _BY[by],
        "headings": [column.heading for column in table.columns],
        "labels": [cells.heading(table, column) for column in table.columns],
        "rows": [_row(table, row) for row in table.rows],
        "total": _texts(table, table.total),
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    return {
        "name": clean(cells.name(table, row)),
        "path": clean(row.path),
        "type": clean(row.type),
        "cells": list(zip(_texts(table, row), _keys(table, row), strict=True)),
    }


def _texts(table: Table, row: Row) -> list[str]:
    return [cells.cell(column, column.value(row, table.total)) for column in table.columns]


def _keys(table: Table, row: Row) -> list[str]:
    """What each cell sorts by: a number, the elements of a shape, nothing for what is not known."""
    keys = []
    for column in table.columns:
        value = column.value(row, table.total)
        if isinstance(value, tuple):
            keys.append(str(prod(value[1:])))
        else:
            keys.append("" if value is None else repr(value))
    return keys
