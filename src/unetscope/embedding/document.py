"""A document with its regions filled again, and what that changes in it, as a diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from unetscope.embedding.hosts import Host, host_of
from unetscope.embedding.markers import Region, lines_of, regions, spliced
from unetscope.embedding.notebook_cells import MarkdownCell, markdown_cells, put_back

Filler = Callable[[Region, Host, str], str]
"""What a region shows, without its prefix, lines ended by \\n; the last argument says where it stands."""
_RANGES = re.compile(r"@@ -(\d+)(.*) \+(\d+)(.*) @@")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A document as it should be, and a unified diff from what it is: no lines where nothing is stale."""

    text: str
    diff: tuple[str, ...]


def refreshed(name: str, text: str, fill: Filler) -> Refreshed:
    """A document with every marked region filled. Raises DocumentError for a marker that cannot be read, and
    whatever `fill` does."""
    host = host_of(name)
    if PurePath(name).suffix.lower() == ".ipynb":
        return _notebook(name, text, host, fill)
    return _marked(name, text, host, fill)


def _notebook(name: str, text: str, host: Host, fill: Filler) -> Refreshed:
    changed: list[tuple[MarkdownCell, str]] = []
    diff: list[str] = []
    for cell in markdown_cells(text, name):
        if "unetscope" in cell.text:
            cell_result = _marked(f"{name}, cell {cell.number}", cell.text, host, fill)
            changed += [(cell, cell_result.text)] * (cell_result.text != cell.text)
            diff += cell_result.diff
    return Refreshed(put_back(text, changed), tuple(diff))


def _marked(name: str, text: str, host: Host, fill: Filler) -> Refreshed:
    lines = lines_of(text)
    marked = regions(lines, host.syntax, name)
    filled = [
        (region, _body(region, fill(region, host, f"{name}:{region.first}"), airy=host.airy))
        for region in marked
    ]
    return Refreshed("".join(spliced(lines, filled)), tuple(_diff(name, lines, filled)))


def _body(region: Region, text: str, *, airy: bool) -> list[str]:
    """The lines of a region: each behind its prefix, with the document's line ends."""
    lines = text.rstrip("\n").split("\n")
    lines = ["", *lines, ""] if airy else lines
    return [f"{region.prefix}{line}".rstrip(" \t" if not line else "") + region.ending for line in lines]


def _diff(name: str, lines: Sequence[str], filled: Sequence[tuple[Region, Sequence[str]]]) -> Iterator[str]:
    """A unified diff, region by region: its length follows that of what is stale.

    Each hunk shows the markers around a region, as far as three lines of context reach.
    """
    shift, headed = 0, False
    for region, body in filled:
        old = lines[region.first : region.last]
        if old != body:
            above, below = [lines[region.first - 1]], [lines[region.last]]
            hunk = difflib.unified_diff([*above, *old, *below], [*above, *body, *below])
            yield from [f"--- a/{name}", f"+++ b/{name}"] * (not headed)
            for line in list(hunk)[2:]:
                yield _moved(line.rstrip("\r\n"), region.first - 1, shift)
            headed = True
        shift += len(body) - len(old)


def _moved(line: str, offset: int, shift: int) -> str:
    """A line of a diff; in the head of a hunk, the line numbers are moved to where the hunk stands."""
    match = _RANGES.fullmatch(line)
    if not match:
        return line
    old, new = int(match[1]) + offset, int(match[3]) + offset + shift
    return f"@@ -{old}{match[2]} +{new}{match[4]} @@"
