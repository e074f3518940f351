"""A table as Markdown in GitHub's flavour, its basis in a line below."""

from __future__ import annotations

import re

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells
from unetscope.words import safe

_MARKS = re.compile(r"[\\`*\[\]<>|~$&#!]|(?<![^\W_])_|_(?![^\W_])")
_NAMED = frozenset("\\`*_[]#!")
"""Marks that every Markdown takes after a backslash; the others stand as numbers of their character, as
Python-Markdown shows a backslash before them."""


def table(table: Table, *, heading: int | None = None) -> str:
    """Title, table with the total in bold, basis. Names come from files: every mark is escaped.

    The title is a line in bold, or a heading of a level.
    """
    lines = [
        title(cells.headline(table), heading),
        "",
        _line(["part", *(column.heading for column in table.columns)]),
        "| --- |" + " ---: |" * len(table.columns),
        *(_row(table, row, cells.name(table, row)) for row in table.rows),
        _row(table, table.total, "total", bold=True),
        "",
        escape(cells.statement(table)),
    ]
    return "\n".join(lines) + "\n"


def title(text: str, heading: int | None) -> str:
    """A title as a heading of a level, or in bold."""
    return f"{'#' * heading} {escape(text)}" if heading else f"**{escape(text)}**"


def escape(text: str) -> str:
    """Text that any Markdown shows as it is, on one line; an underscore inside a word needs no escape."""
    return _MARKS.sub(_escaped, safe.line(text))


def _escaped(mark: re.Match[str]) -> str:
    return "\\" + mark[0] if mark[0] in _NAMED else f"&#{ord(mark[0])};"


def _row(table: Table, row: Row, name: str, *, bold: bool = False) -> str:
    texts = [escape(name)]
    texts += [escape(cells.cell(column, column.value(row, table.total))) for column in table.columns]
    return _line([f"**{text}**" if bold and text else text for text in texts])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"
