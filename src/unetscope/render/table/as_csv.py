"""A table as CSV: one header line, exact integers, the basis in columns of its own."""

from __future__ import annotations

import csv
from io import StringIO

from unetscope.analysis.cost.columns import CellValue
from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.analysis.remarks import data
from unetscope.words import basis, safe

# Spreadsheets run a cell that begins so as a formula, some after blanks or where the sign is a wide one.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def table(table: Table) -> str:
    """Rows and, last, their total; the column `row` tells part, others and total apart.

    Shapes read 1x320x64x64, batch first; a share is a fraction of one.
    """
    names = [column.name for column in table.columns]
    about = _basis(table)
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["row", "name", "path", "type", "kind", "role", "repeats", *names, *about])
    for row in (*table.rows, table.total):
        values = (column.value(row, table.total) for column in table.columns)
        writer.writerow([*_identity(table, row), *map(_value, values), *map(plain, about.values())])
    return out.getvalue()


def _identity(table: Table, row: Row) -> list[str | int]:
    name = row.name or table.architecture.class_name
    sort = "total" if row is table.total else "part"
    if table.cut and row is table.rows[-1]:
        sort = "others"
    label = f"{name} (own)" if row.rest else name
    texts = (plain(text) for text in (sort, label, row.path, row.type, row.kind, row.role or ""))
    return [*texts, row.repeats]


def _basis(table: Table) -> dict[str, object]:
    """What the counts hold for, the same on every line."""
    architecture = table.architecture
    notes = {name: "; ".join(sentences) for name, sentences in data(architecture).items() if sentences}
    names = {"model": architecture.title, "class_name": architecture.class_name}
    return {**names, **basis.columns(architecture), **notes}


def _value(value: CellValue) -> str | int:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return plain(value) if isinstance(value, str) else "" if value is None else value


def plain(value: object) -> str | int:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, int):
        return value
    text = safe.line(str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
