"""Tables as fragments of HTML without styles or scripts: a notebook gives them its own look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from unetscope.analysis.comparison import Comparison
from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.analysis.scaling.sweep import Sweep
from unetscope.render import sweep as sweeps
from unetscope.render.comparison import cells as comparison_words
from unetscope.render.table import cells
from unetscope.render.templates import fill


def table(given: Table) -> str:
    """Rows, their total, the basis."""

    def row(name: str, one: Row) -> list[str]:
        return [name, *(cells.cell(column, column.value(one, given.total)) for column in given.columns)]

    return _fragment(
        cells.headline(given),
        ["part", *(column.heading for column in given.columns)],
        [row(cells.name(given, one), one) for one in given.rows],
        total=row("total", given.total),
        notes=[*cells.totals(given), cells.statement(given)],
    )


def comparison(given: Comparison) -> str:
    """A row for each fact, a column for each network, what they hold for below."""
    return _fragment(
        comparison_words.title(given),
        ["fact", *(model.label for model in given.models)],
        [
            [fact.heading, *(comparison_words.cell(fact, value) for value in fact.values)]
            for fact in given.facts
        ],
        notes=comparison_words.notes(given),
        align="left",
    )


def sweep(given: Sweep) -> str:
    """A row for each size or, without any, the formula of each stage."""
    title, notes = sweeps.title(given), sweeps.notes(given)
    if given.rows:
        return _fragment(title, *sweeps.grid_of(given), notes=notes)
    return _fragment(title, *sweeps.formulas_of(given), notes=[sweeps.legend(given), *notes], align="left")


def _fragment(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    total: Sequence[str] = (),
    notes: Iterable[str] = (),
    align: str = "right",
) -> str:
    return fill(
        "fragment.html.j2",
        title=title,
        headings=headings,
        rows=rows,
        total=total,
        notes=list(notes),
        align=align,
    )
