"""A table as a page of its own: the template holds the markup, autoescape guards the names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells
from unetscope.render.templates import fill
from unetscope.words.safe import clean

_CHARACTER, _PADDING, _MARGINS = 9, 24, 64
"""Px of a character of a bold number, of a cell's padding, and beside the table, in the widest font."""
_NAME = 32
"""Characters of a name; longer ones are broken."""


def table(table: Table) -> str:
    """A complete HTML document without scripts or outside files."""
    rows = [(clean(cells.name(table, row)), _cells(table, row)) for row in table.rows]
    total = _cells(table, table.total)
    headings = [(column.heading, column.name) for column in table.columns]
    texts = [["part", *(heading for heading, _ in headings)], ["total", *total], *([n, *c] for n, c in rows)]
    return fill(
        "table.html.j2",
        narrow=fits_from(texts),
        title=clean(cells.headline(table)),
        totals=cells.totals(table),
        basis=clean(cells.statement(table)),
        headings=headings,
        labels=[f"% of {last}" if heading == "%" else heading for last, heading in pairwise(texts[0])],
        rows=rows,
        total=total,
    )


def fits_from(rows: Iterable[Sequence[str]]) -> int:
    """The width of a window, in px, from which the columns of a table fit beside each other."""
    names, *columns = (max(map(len, column)) for column in zip(*rows, strict=True))
    return sum(_CHARACTER * wide + _PADDING for wide in (min(names, _NAME), *columns)) + _MARGINS


def _cells(table: Table, row: Row) -> list[str]:
    return [cells.cell(column, column.value(row, table.total)) for column in table.columns]
