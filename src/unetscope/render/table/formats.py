"""The formats a table is written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from unetscope.analysis.cost.table import Table
from unetscope.errors import OutputError
from unetscope.render import json
from unetscope.render.table import as_csv, as_fragment, as_html, as_latex, as_markdown, as_rst, as_text

TABLES: dict[str, tuple[str, Callable[..., str]]] = {
    "text": ("txt", as_text.table),
    "json": ("json", json.counted_table),
    "csv": ("csv", as_csv.table),
    "markdown": ("md", as_markdown.table),
    "rst": ("rst", as_rst.table),
    "fragment": ("fragment.html", as_fragment.table),
    "html": ("html", as_html.table),
    "latex": ("tex", as_latex.table),
}
"""Format → the suffix of its files and what makes their text, the default first."""

SUFFIXES = {suffix: name for name, (suffix, _) in TABLES.items()}


def table(table: Table, *, format: str, **style: Any) -> str:
    """A table in one of TABLES, in a style that its format knows. Raises OutputError for another format."""
    if format not in TABLES:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(TABLES))
    return TABLES[format][1](table, **style)
