"""The formats a table is written in: name → what makes its text, and the suffixes that name them."""

from __future__ import annotations

from collections.abc import Callable

from unetscope.analysis.table import Table
from unetscope.errors import OutputError
from unetscope.render import csv, html, json, latex, markdown, text_table

TABLES: dict[str, Callable[[Table], str]] = {
    "text": text_table.table,
    "json": json.counted_table,
    "csv": csv.table,
    "markdown": markdown.table,
    "html": html.table,
    "latex": latex.table,
}

SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".html": "html",
    ".tex": "latex",
}


def table(given: Table, *, format: str) -> str:
    """A table in one of TABLES. Raises OutputError for another format."""
    if format not in TABLES:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(TABLES))
    return TABLES[format](given)
