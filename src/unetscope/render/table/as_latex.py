"""A table as LaTeX with booktabs, to be \\input into a paper; any LaTeX engine sets it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from unetscope.analysis.cost.columns import CellValue, Column
from unetscope.analysis.cost.table import Table
from unetscope.files import slug
from unetscope.render.latex import escape, label_name
from unetscope.render.table import cells

_DIGIT, _GAP = 4.6, 8
"""Points of a character in \\footnotesize, and between two columns."""
_ROOM = {"column": 236, "full": 480}
"""Points of a column of a paper (3.3 in), and of both."""
_LEAST = 60.0
"""Points for names at least; longer ones go on in the next line."""
_SCALES = {"count": ("M", 10**6), "work": ("G", 10**9), "bytes": ("MiB", 2**20)}
"""Unit and size of the figures in a column, by what they count."""
_WORD = re.compile(
    r"(?<=\w\w\w)(?=[A-Z][a-z][a-z])"  # before a capital, three letters from either end: never MA-Cs, Vi-T
    r"|(?<=\D[./_+,:])(?=\w)|(?<=\d[./_+,:])(?=[A-Za-z])|(?<=×)"  # behind signs, but for those in numbers
)


def table(table: Table, *, width: str = "column", label: str | None = None) -> str:
    """A table float: rules by booktabs, the total below the last but one, the basis in the caption.

    In a column figures stand in M and G; over the full width (table*) they are exact as far as they fit.
    """
    names = ["part", *(cells.name(table, row) for row in table.rows), "total"]
    figures = _figures(table, scaled=width == "column")
    if _left(width, figures) < _LEAST:
        figures = _figures(table, scaled=True)
    left = max(_LEAST, _left(width, figures))
    long = left < _DIGIT * max(map(len, names))
    safe = broken if long else escape
    head, *lines = [_line(safe(name), row) for name, row in zip(names, figures, strict=True)]
    first = rf">{{\raggedright\arraybackslash}}p{{{left:.0f}pt}}" if long else "l"
    return float_(
        [head, r"    \midrule", *lines[:-1], r"    \midrule", lines[-1]],
        columns=first + "r" * len(table.columns),
        caption=f"{broken(cells.headline(table))}. {escape(sentence(cells.statement(table)))}",
        label=label or f"tab:{slug(table.architecture.id)}",
        width=width,
    )


def float_(rows: Sequence[str], *, columns: str, caption: str, label: str, width: str) -> str:
    """The float around rows: small type, which fits a column, or both columns of a page for width "full"."""
    kind = "table*" if width == "full" else "table"
    lines = [
        r"% needs \usepackage{booktabs}" + r" and \usepackage{array}" * ("raggedright" in columns),
        rf"\begin{{{kind}}}",
        r"  \centering\footnotesize\setlength{\tabcolsep}{4pt}\emergencystretch=4em",
        r"  \setlength{\abovetopsep}{4pt}",  # else the caption stands on the rule in LaTeX's own classes
        rf"  \caption{{{caption}}}",
        rf"  \label{{{label_name(label)}}}",
        rf"  \begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"    \toprule",
        *rows,
        r"    \bottomrule",
        r"  \end{tabular}",
        rf"\end{{{kind}}}",
    ]
    return "\n".join(lines) + "\n"


def broken(text: str) -> str:
    """The same as `escape`, with places to break long words: behind dots and signs, before capitals."""
    return r"\allowbreak{}".join(escape(part) for part in _WORD.split(text))


def _left(width: str, figures: Sequence[Sequence[str]]) -> float:
    """Points for the names beside the figures."""
    return _ROOM[width] - sum(_DIGIT * max(map(len, column)) + _GAP for column in zip(*figures, strict=True))


def _figures(table: Table, *, scaled: bool) -> list[list[str]]:
    """Headings and cells beside the names, exact or in the unit of their column."""
    rows = (*table.rows, table.total)
    values = [
        [_value(column, column.value(row, table.total), scaled=scaled) for column in table.columns]
        for row in rows
    ]
    return [[_heading(column, scaled=scaled) for column in table.columns], *values]


def _heading(column: Column, *, scaled: bool) -> str:
    scale = _SCALES.get(column.quantity)
    return f"{column.heading} ({scale[0]})" if scale and scaled else column.heading


def _value(column: Column, value: CellValue, *, scaled: bool) -> str:
    """A figure: exact, or in the unit of its column with two decimals."""
    scale = _SCALES.get(column.quantity)
    if not scaled or scale is None or not isinstance(value, int):
        return cells.cell(column, value)
    if not value:
        return "0"
    return f"{value / scale[1]:,.2f}" if value * 200 >= scale[1] else "<0.01"


def sentence(text: str) -> str:
    """A note as a sentence of a caption."""
    return f"{text[:1].upper()}{text[1:]}."


def _line(first: str, others: Sequence[str]) -> str:
    return f"    {' & '.join([first, *map(escape, others)])} \\\\"
