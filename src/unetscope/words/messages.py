"""Puts names and values from outside into one-line messages: escaped, shortened, with the nearest known name.

Text from files is data: none of its control characters may reach a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from unetscope.words import safe

LIMIT = 60
_COMPARED = 100
"""Characters of a name that are compared: the time for it grows with their square."""


def printable(text: str, *, limit: int = LIMIT) -> str:
    """Text on one line, what is harmful as escapes, cut to `limit` characters."""
    return safe.escaped(text, limit=limit)


def shown(value: object, *, limit: int = LIMIT) -> str:
    """A JSON value as JSON, on one line and shortened; the type's name for anything else."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return f"a {printable(type(value).__name__)}"
    return printable(text, limit=limit)


def nearest(name: str, known: Iterable[str], *, limit: int = 1) -> list[str]:
    """The known names that resemble `name`, the closest first; a very long one is compared by its start."""
    import difflib  # only a name that is unknown has near ones

    return difflib.get_close_matches(name[:_COMPARED], list(known), n=limit, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A hint that suggests the nearest known name, or `otherwise`."""
    close = nearest(name, known)
    return f"did you mean {close[0]}?" if close else otherwise


def listed(names: Iterable[str], *, limit: int = 6) -> str:
    """Names in a row, escaped; after `limit` of them the rest are only counted."""
    known = list(names)
    some = ", ".join(printable(name, limit=40) for name in known[:limit])
    return some if len(known) <= limit else f"{some} and {len(known) - limit} more"


def joined(parts: Sequence[object], word: str = "and") -> str:
    """Several things in a sentence: "Down 4, Mid and Up 1", "40, 80 or 160"."""
    *first, last = [str(part) for part in parts] or [""]
    return f"{', '.join(first)} {word} {last}" if first else last


def as_input(name: str, shape: Sequence[int]) -> str:
    """How an input is given: "--input x=1x3x64x64, in Python inputs={'x': (1, 3, 64, 64)}"."""
    shown = printable(name)
    return f"--input {shown}={'x'.join(map(str, shape))}, in Python inputs={{{shown!r}: {tuple(shape)}}}"
