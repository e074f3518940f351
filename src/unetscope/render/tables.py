"""The formats a table is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unetscope.analysis.table import Table
from unetscope.errors import OutputError
from unetscope.render import csv, html, json, latex, markdown, text_table

TABLES: dict[str, tuple[str, Callable[..., str]]] = {
    "text": ("txt", text_table.table),
    "json": ("json", json.counted_table),
    "csv": ("csv", csv.table),
    "markdown": ("md", markdown.table),
    "html": ("html", html.table),
    "latex": ("tex", latex.table),
}
"""Format → the suffix of its files and what makes their text, the default first."""

SUFFIXES = {suffix: name for name, (suffix, _) in TABLES.items()}


def table(given: Table, *, format: str, **style: Any) -> str:
    """A table in one of TABLES, in a style that its format knows. Raises OutputError for another format."""
    if format not in TABLES:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(TABLES))
    return TABLES[format][1](given, **style)
