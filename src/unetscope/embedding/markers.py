"""Markers in documents: comments that name a command above a region and end it below.

A marker stands alone on its line, after blanks and signs of a quotation at most. What a document shows as
code is left alone, so that a page may show markers. One pass over the lines; nothing is run.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from unetscope.errors import DocumentError

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)*(`{3,}|~{3,})(.*)")
"""A line that opens or closes fenced code in Markdown: its signs, and what stands behind them."""
_LITERAL = re.compile(
    r"([ \t]*)(?:\.\. +(?:code|code-block|sourcecode|parsed-literal|raw)::.*|(?!\.\. |[ \t]).*::)\s*$"
)
_VERBATIM = re.compile(r"\\begin\{(verbatim\*?|[BL]?Verbatim|lstlisting|minted|comment)\}")

Numbered = Iterator[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Region:
    """What stands between two markers: the lines `first` to before `last` of a text, counted from 0.

    `words` are the command's; `typed` says that it is shown as on a terminal, with what it prints. `prefix`
    stands before each line of the region, `ending` after it.
    """

    words: tuple[str, ...]
    typed: bool
    first: int
    last: int
    prefix: str
    ending: str


@dataclass(frozen=True, slots=True)
class Syntax:
    """How a kind of document writes comments, and which of its lines it does not show as code."""

    comments: tuple[tuple[str, str], ...]
    shown: Callable[[Sequence[str]], Numbered] = enumerate


@dataclass(frozen=True, slots=True)
class _Marker:
    line: int
    prefix: str
    ends: bool
    told: str


def lines_of(text: str) -> list[str]:
    """The lines of a text, each with the line end that it has."""
    return _LINE.findall(text)


def regions(lines: Sequence[str], syntax: Syntax, name: str) -> list[Region]:
    """The marked regions of a text in their order.

    Raises DocumentError, which names the line, for a marker that is broken, not closed, or closes nothing.
    """
    regions: list[Region] = []
    opened: _Marker | None = None
    for marker in _markers(lines, syntax, name):
        if marker.ends and opened is None:
            raise _wrong(name, marker.line, "this marker ends nothing", "is the one above it written right?")
        if marker.ends and opened is not None:
            regions.append(_region(lines, opened, marker, name))
            opened = None
        elif opened is not None:
            break
        else:
            opened = marker
    if opened is not None:
        raise _wrong(
            name, opened.line, "this marker is not closed", "its region ends with a comment of /unetscope"
        )
    return regions


def _region(lines: Sequence[str], opened: _Marker, closed: _Marker, name: str) -> Region:
    try:
        words, typed = command_of(opened.told)
    except DocumentError as error:
        raise _wrong(name, opened.line, error.message, error.hint) from error
    first = lines[opened.line]
    ending = first[len(first.rstrip("\r\n")) :]
    return Region(words, typed, opened.line + 1, closed.line, opened.prefix, ending)


def command_of(text: str) -> tuple[tuple[str, ...], bool]:
    """The words of a command, read without a shell, and whether it is shown as typed: behind a $.

    Raises DocumentError where there are none, or quotes are not closed.
    """
    try:
        words = shlex.split(text.removeprefix("$ "))
    except ValueError as error:
        raise DocumentError(f"{str(error).lower()} in these words", hint="close the quotes") from error
    words = words[words[:1] == ["unetscope"] :]
    if not words:
        raise DocumentError("no command is named", hint="write unetscope: diagram sdxl")
    return tuple(words), text.startswith("$ ")


def _markers(lines: Sequence[str], syntax: Syntax, name: str) -> Iterator[_Marker]:
    patterns = [
        (re.compile(rf"([ \t>]*){begin}[ \t]*(/?)unetscope([: \t].*|{re.escape(end)}.*|$)"), end)
        for begin, end in syntax.comments
    ]
    for number, line in syntax.shown(lines):
        if "unetscope" not in line:
            continue
        for pattern, end in patterns:
            if (match := pattern.match(line.rstrip())) and (match[2] or match[3].startswith(":")):
                yield _marker(match, end, number, name)


def _marker(match: re.Match[str], end: str, number: int, name: str) -> _Marker:
    content = match[3]
    if not content.endswith(end) or (end and content.index(end) + len(end) < len(content)):
        raise _wrong(
            name, number, "a marker is one comment alone on its line", f"end it with {end} on that line"
        )
    content = content.removesuffix(end).strip()
    if match[2] and content:
        raise _wrong(name, number, "a marker that ends a region has no words", "write /unetscope alone")
    return _Marker(number, match[1], bool(match[2]), content.removeprefix(":").strip())


def _wrong(name: str, number: int, message: str, hint: str) -> DocumentError:
    return DocumentError(f"{name}:{number + 1}: {message}", hint=hint)


def outside_fences(lines: Sequence[str]) -> Numbered:
    """Lines of Markdown, without fenced code."""
    fence = ""
    for number, line in enumerate(lines):
        match = FENCE.match(line.rstrip())
        if fence:
            fence = "" if match and match[1].startswith(fence) and not match[2].strip() else fence
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence = match[1]
        else:
            yield number, line


def outside_literals(lines: Sequence[str]) -> Numbered:
    """Lines of reStructuredText, without literal blocks and code."""
    depth: int | None = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip(" \t"))
        if depth is not None and (not line.strip() or indent > depth):
            continue
        match = _LITERAL.match(line)
        depth = len(match[1]) if match else None
        yield number, line


def outside_verbatim(lines: Sequence[str]) -> Numbered:
    """Lines of LaTeX, without verbatim text."""
    ending = ""
    for number, line in enumerate(lines):
        if ending:
            ending = "" if ending in line else ending
        elif match := _VERBATIM.search(line.partition("%")[0]):
            ending = "" if (end := rf"\end{{{match[1]}}}") in line else end
        else:
            yield number, line


def spliced(lines: Sequence[str], filled: Iterable[tuple[Region, Sequence[str]]]) -> Iterator[str]:
    """The lines of a text with other lines in its regions, all else as it was."""
    at = 0
    for region, body in filled:
        yield from lines[at : region.first]
        yield from body
        at = region.last
    yield from lines[at:]
