"""A table as Markdown in GitHub's flavour, its basis in a line below."""

from __future__ import annotations

import re

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.render.table import cells
from unetscope.words import safe

_MARKS = re.compile(r"[\\`*\[\]<>|~$&#!]|(?<![^\W_])_|_(?![^\W_])")


def table(given: Table) -> str:
    """Title, table with the total in bold, basis. Names come from files: every mark is escaped."""
    lines = [
        f"**{escape(cells.headline(given))}**",
        "",
        _line(["part", *(column.heading for column in given.columns)]),
        "| --- |" + " ---: |" * len(given.columns),
        *(_row(given, row, cells.name(given, row)) for row in given.rows),
        _row(given, given.total, "total", bold=True),
        "",
        escape(cells.statement(given)),
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line; an underscore inside a word needs no escape."""
    return _MARKS.sub(lambda mark: "\\" + mark[0], safe.line(text))


def _row(given: Table, row: Row, name: str, *, bold: bool = False) -> str:
    texts = [escape(name)]
    texts += [escape(cells.cell(column, column.value(row, given.total))) for column in given.columns]
    return _line([f"**{text}**" if bold and text else text for text in texts])


def _line(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"
