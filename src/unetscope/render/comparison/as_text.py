"""A comparison for a terminal: a column for each network where that fits, else a line for each value."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Column, Table
from rich.text import Text

from unetscope.analysis.comparison import Comparison
from unetscope.render.comparison.cells import cell, groups, notes, title
from unetscope.render.text import NARROW, lines, plain

_LEAST = 18
"""Columns that a network has at least where it has one of its own: room for exact MACs."""


def table(comparison: Comparison, *, width: int = NARROW, colour: bool = False) -> str:
    """Facts with their values, then what was folded away and what the counts hold for."""
    heads = max([len("fact"), *(len(fact.heading) for fact in comparison.facts)])
    sizes = _sizes(comparison, width - heads - 2)
    body = _grid(comparison, heads, sizes) if sizes else _list(comparison, heads, width)
    footer = [Text(plain(note), "dim") for note in notes(comparison)]
    return lines(Text(title(comparison), "bold"), body, *footer, width=width, colour=colour)


def _sizes(comparison: Comparison, room: int) -> list[int]:
    """Widths of a column for each network, alike as far as they need it; [] where a word would break."""
    columns = [
        [model.label, *(plain(cell(fact, fact.values[index])) for fact in comparison.facts)]
        for index, model in enumerate(comparison.models)
    ]
    whole = [max(map(cell_len, texts)) for texts in columns]
    least = [max(cell_len(word) for text in texts for word in text.split() or [""]) for texts in columns]
    room -= 3 * len(columns)  # Blanks before each column.
    for most in range(max(whole), _LEAST - 1, -1):
        sizes = [max(low, min(high, most)) for low, high in zip(least, whole, strict=True)]
        if sum(sizes) <= room:
            return sizes
    return []


def _grid(comparison: Comparison, heads: int, sizes: list[int]) -> Table:
    """A line for each fact, a column for each network."""
    labels = [_text(model.label) for model in comparison.models]
    table = _ruled(
        Column("fact", width=heads, style="dim"),
        *(Column(label, width=size) for label, size in zip(labels, sizes, strict=True)),
    )
    for fact in comparison.facts:
        table.add_row(fact.heading, *(_text(cell(fact, value)) for value in fact.values))
    return table


def _list(comparison: Comparison, heads: int, width: int) -> Table:
    """A line for each value of a fact, with the networks that have it."""
    grouped = [(fact, groups(comparison, fact)) for fact in comparison.facts]
    named = [", ".join(labels) for _, values in grouped for _, labels in values]
    words = [word for _, values in grouped for value, _ in values for word in plain(value).split()]
    # Labels take a third of the width, less where a word of a value would break.
    beside = width - heads - 8
    left = beside - max(map(cell_len, words), default=0)
    room = min(max(map(cell_len, ["networks", *named])), max(width // 4, min(width * 35 // 100, left)))
    table = _ruled(
        Column("fact", width=heads, style="dim"),
        Column("networks", width=room),
        Column("value", max_width=max(1, beside - room)),
    )
    for fact, values in grouped:
        for index, (value, labels) in enumerate(values):
            names = "all" if len(values) == 1 else ", ".join(labels)
            table.add_row("" if index else fact.heading, _text(names), _text(value))
    return table


def _ruled(*columns: Column) -> Table:
    return Table(*columns, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), header_style="dim")


def _text(text: str) -> Text:
    """Text as it is: neither markup nor an emoji's name in it means anything."""
    return Text(plain(text), overflow="fold")
