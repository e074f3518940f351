"""A comparison as Markdown, reStructuredText, HTML and CSV; names from files are escaped in each."""

from __future__ import annotations

import csv
from io import StringIO

from unetscope.analysis.comparison import Comparison, Fact
from unetscope.analysis.facts import FactValue
from unetscope.render.comparison.cells import cell, notes, title
from unetscope.render.table import as_fragment, as_rst
from unetscope.render.table.as_csv import plain
from unetscope.render.table.as_markdown import escape
from unetscope.render.table.as_markdown import title as heading_of
from unetscope.render.templates import fill
from unetscope.words import basis
from unetscope.words.safe import clean

_NAMES, _COLUMN, _MOST = 240, 176, 900
"""Px of the names of facts with the margins, and of a network's column, whose words are broken; above the
last many columns are moved sideways, beside the names."""


def markdown(comparison: Comparison, *, heading: int | None = None) -> str:
    """A row for each fact, a column for each network, what they hold for below; `heading` as for a table."""
    rows = [[fact.heading, *(cell(fact, value) for value in fact.values)] for fact in comparison.facts]
    return "\n".join(
        (
            heading_of(title(comparison), heading),
            "",
            _line(["fact", *(model.label for model in comparison.models)]),
            _line(["---"] * (len(comparison.models) + 1), escaped=True),
            *map(_line, rows),
            "",
            *(f"- {escape(note)}" for note in notes(comparison)),
            "",
        )
    )


def rst(comparison: Comparison) -> str:
    """The same as reStructuredText."""
    return as_rst.listed(
        title(comparison),
        ["fact", *(model.label for model in comparison.models)],
        [
            map(as_rst.escape, [fact.heading, *(cell(fact, value) for value in fact.values)])
            for fact in comparison.facts
        ],
        notes=notes(comparison),
    )


def fragment(comparison: Comparison) -> str:
    """The same as a part of a page, without styles."""
    return as_fragment.fragment(
        title(comparison),
        ["fact", *(model.label for model in comparison.models)],
        [[fact.heading, *(cell(fact, value) for value in fact.values)] for fact in comparison.facts],
        notes=notes(comparison),
        align="left",
    )


def html(comparison: Comparison) -> str:
    """A complete HTML document without scripts or outside files; facts that are equal stand back."""
    return fill(
        "comparison.html.j2",
        narrow=min(_MOST, _NAMES + _COLUMN * len(comparison.models)),
        title=title(comparison),
        labels=[clean(model.label) for model in comparison.models],
        facts=[_row(fact) for fact in comparison.facts],
        notes=[clean(note) for note in notes(comparison)],
    )


def csv_(comparison: Comparison) -> str:
    """A line for each network, a column for each fact; empty where it is not known.

    Counts are exact integers, everything else is as in the other formats; the basis comes last.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    about = [basis.columns(model.architecture) for model in comparison.models]
    writer.writerow(["network", *(fact.name for fact in comparison.facts), *about[0]])
    for index, model in enumerate(comparison.models):
        values = (_field(fact, fact.values[index]) for fact in comparison.facts)
        writer.writerow([plain(model.label), *values, *map(plain, about[index].values())])
    return out.getvalue()


def _field(fact: Fact, value: FactValue) -> str | int:
    if value is None or isinstance(value, int):
        return "" if value is None else value
    return plain(cell(fact, value))


def _row(fact: Fact) -> dict[str, object]:
    cells = [clean(cell(fact, value)) for value in fact.values]
    return {"name": fact.name, "heading": fact.heading, "equal": fact.equal is True, "cells": cells}


def _line(texts: list[str], *, escaped: bool = False) -> str:
    return f"| {' | '.join(text if escaped else escape(text) for text in texts)} |"
