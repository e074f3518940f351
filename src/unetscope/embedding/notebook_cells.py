"""Markdown cells of a notebook, found in its JSON and put back with no other byte changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from unetscope.embedding.markers import lines_of
from unetscope.errors import DocumentError

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class MarkdownCell:
    """A Markdown cell: its text, its place among all from 1, and the span of its `source` in the JSON."""

    number: int
    text: str
    start: int
    end: int


def markdown_cells(document: str, name: str) -> list[MarkdownCell]:
    """The Markdown cells of a notebook. Raises DocumentError where it is none."""
    try:
        cells = dict(_members(document, _skip(document, 0))).get("cells")
        if cells is None:
            return []
        return [
            cell
            for number, at in enumerate(_items(document, cells), 1)
            if (cell := _cell(document, at, number))
        ]
    except (ValueError, IndexError, RecursionError, TypeError) as error:
        raise DocumentError(
            f"{name}: not a notebook", hint="a notebook is JSON with a list of cells"
        ) from error


def _cell(document: str, at: int, number: int) -> MarkdownCell | None:
    members = dict(_members(document, at))
    if "source" not in members or _value(document, members["cell_type"])[0] != "markdown":
        return None
    source, end = _value(document, members["source"])
    text = source if isinstance(source, str) else "".join(source)
    return MarkdownCell(number, text, members["source"], end)


def with_cell(document: str, cell: MarkdownCell, text: str) -> str:
    """The JSON of a cell's `source` with other text; lines that stay are written as they were."""
    old = document[cell.start : cell.end]
    ascii_ = document.isascii() and "\\u" in document
    if old.startswith('"'):
        return json.dumps(text, ensure_ascii=ascii_)
    written = dict(_strings(old))
    texts = [written.get(line) or json.dumps(line, ensure_ascii=ascii_) for line in lines_of(text)]
    opening, between, closing = _around(old)
    return opening + between.join(texts) + closing


def _around(array: str) -> tuple[str, str, str]:
    """What stands before, between and after the strings of an array."""
    first = _value(array, array.index('"'))[1]
    opening = array[: array.index('"')]
    second = array.find('"', first)
    between = array[first:second] if second >= 0 else "," + opening[1:]
    last = array.rindex('"') + 1
    return opening, between, array[last:]


def _strings(array: str) -> Iterator[tuple[str, str]]:
    """The strings of an array, as values and as they are written."""
    at = array.find('"')
    while at >= 0:
        value, end = _value(array, at)
        yield value, array[at:end]
        at = array.find('"', end)


def _members(document: str, at: int) -> Iterator[tuple[str, int]]:
    """Keys of an object and where their values start."""
    if document[at] != "{":
        raise ValueError(document[at])
    at = _skip(document, at + 1)
    while document[at] != "}":
        key, end = _value(document, at)
        start = _skip(document, _skip(document, end) + 1)
        yield key, start
        at = _next(document, _value(document, start)[1])


def _items(document: str, at: int) -> Iterator[int]:
    """Where the elements of an array start."""
    if document[at] != "[":
        raise ValueError(document[at])
    at = _skip(document, at + 1)
    while document[at] != "]":
        yield at
        at = _next(document, _value(document, at)[1])


def _next(document: str, at: int) -> int:
    at = _skip(document, at)
    return _skip(document, at + 1) if document[at] == "," else at


def _value(document: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(document, at)


def _skip(document: str, at: int) -> int:
    match = _BLANK.match(document, at)
    return match.end() if match else at


def put_back(document: str, changed: Sequence[tuple[MarkdownCell, str]]) -> str:
    """The notebook with other text in some of its cells, given in their order."""
    parts, at = [], 0
    for cell, text in changed:
        parts += [document[at : cell.start], with_cell(document, cell, text)]
        at = cell.end
    return "".join([*parts, document[at:]])
