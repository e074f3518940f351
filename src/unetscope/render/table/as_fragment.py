"""Tables as HTML without styles or scripts: a notebook, or a page of one's own, gives them its look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells
from unetscope.render.templates import fill


def table(table: Table) -> str:
    """Rows, their total, the basis."""

    def row(name: str, row: Row) -> list[str]:
        return [name, *(cells.cell(column, column.value(row, table.total)) for column in table.columns)]

    return fragment(
        cells.headline(table),
        ["part", *(column.heading for column in table.columns)],
        [row(cells.name(table, line), line) for line in table.rows],
        total=row("total", table.total),
        notes=[*cells.totals(table), cells.statement(table)],
    )


def fragment(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    total: Sequence[str] = (),
    notes: Iterable[str] = (),
    align: str = "right",
) -> str:
    """A title, a table and notes below it; names from files are escaped."""
    return fill(
        "fragment.html.j2",
        title=title,
        headings=headings,
        rows=rows,
        total=total,
        notes=list(notes),
        align=align,
    )
