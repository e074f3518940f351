"""A table as a page of its own: the template holds the markup, autoescape guards the names."""

from __future__ import annotations

from unetscope.analysis.rows import Row
from unetscope.analysis.table import Table
from unetscope.render import cells
from unetscope.render.svg import clean
from unetscope.render.templates import fill


def table(given: Table) -> str:
    """A complete HTML document without scripts or outside files."""
    return fill(
        "table.html.j2",
        title=clean(cells.headline(given)),
        totals=cells.totals(given),
        basis=clean(cells.statement(given)),
        headings=[(column.heading, column.name) for column in given.columns],
        rows=[(clean(cells.name(given, row)), _cells(given, row)) for row in given.rows],
        total=_cells(given, given.total),
    )


def _cells(given: Table, row: Row) -> list[str]:
    return [cells.cell(column, column.value(row, given.total)) for column in given.columns]
