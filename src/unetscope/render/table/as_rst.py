"""A table as reStructuredText: a list-table, which docutils, Sphinx and GitHub show alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells
from unetscope.words import safe

_MARKS = re.compile(r"[\\*`|_]|:(?=:)")
_BEGINS = re.compile(r"[^\w<]|\w+[.)](?:\s|$)")
"""What docutils may take for a list, a field, a comment or a rule where a paragraph begins with it."""


def table(table: Table) -> str:
    """Title, table with the total in bold, basis."""
    rows = [[cells.name(table, row), *_cells(table, row)] for row in table.rows]
    total = [f"**{escape(text)}**" if text else "" for text in ("total", *_cells(table, table.total))]
    return listed(
        cells.headline(table),
        ["part", *(column.heading for column in table.columns)],
        [*(map(escape, row) for row in rows), total],
        notes=[cells.statement(table)],
    )


def listed(
    title: str, headings: Sequence[str], rows: Iterable[Iterable[str]], *, notes: Sequence[str]
) -> str:
    """A list-table of rows whose cells are escaped, its title in bold above, its notes below."""
    lines = [f"**{escape(title)}**", "", ".. list-table::", "   :header-rows: 1", ""]
    for row in (map(escape, headings), *rows):
        lines += _row(row)
    for note in notes:
        lines += ["", escape(note)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text that docutils shows as it is, on one line, wherever a paragraph may begin."""
    escaped = _MARKS.sub(lambda mark: "\\" + mark[0], safe.line(text))
    return f"\\ {escaped}" if _BEGINS.match(escaped) and not escaped.startswith("\\") else escaped


def _row(row: Iterable[str]) -> Iterator[str]:
    for at, cell in enumerate(row):
        yield f"   {' ' if at else '*'} - {cell}".rstrip()


def _cells(table: Table, row: Row) -> list[str]:
    return [cells.cell(column, column.value(row, table.total)) for column in table.columns]
