"""The foot of a picture: notes on its numbers, and the command that draws it again, whole."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.page import Page
from unetscope.layout.scene import Item

_NOTE, _COMMAND = 10.0, 10.5
_LINE = 13.5
_GAP = 16.0


def foot(notes: Sequence[str], command: str, page: Page, y: float) -> tuple[list[Item], float]:
    """Notes at the left and the command at the right, or below where both do not fit; and the last baseline.

    Nothing of either is cut or left out.
    """
    taken = width(command, _COMMAND, mono=True) + _GAP if command else 0.0
    if not page.narrow and _wide(notes) + taken <= page.content:
        items: list[Item] = [text(page.margin, y, " · ".join(notes), size=_NOTE, role="dim")]
        if command:
            items.append(text(page.right, y, command, size=_COMMAND, role="dim", mono=True, anchor="end"))
        return items, y
    size = _NOTE if page.narrow else _COMMAND
    lines = [(line, False) for line in _lines(notes, page)]
    lines += [(line, True) for line in command_lines(command, page.content, size)]
    placed = [
        text(page.margin, y + _LINE * index, line, size=size if mono else _NOTE, role="dim", mono=mono)
        for index, (line, mono) in enumerate(lines)
    ]
    return [*placed], y + _LINE * max(0, len(lines) - 1)


def command_lines(command: str, room: float, size: float) -> list[str]:
    """A command in lines of at most `room` px, which a shell reads as the one they were."""
    lines: list[str] = []
    for word in shlex.split(command):
        quoted = shlex.quote(word)
        longer = f"{lines[-1]} {quoted}" if lines else quoted
        if width(longer + " \\", size, mono=True) <= room:
            lines[-1:] = [longer]
            continue
        if lines:
            lines[-1] += " \\"
        *first, last = _pieces(word, room, size)
        lines += [piece + "\\" for piece in first] + [last]
    return lines


def _pieces(word: str, room: float, size: float) -> Iterator[str]:
    """A word in quoted pieces that are as long as fits."""
    while word:
        kept = len(word)
        while kept > 1 and width(shlex.quote(word[:kept]) + " \\", size, mono=True) > room:
            kept -= 1
        yield shlex.quote(word[:kept])
        word = word[kept:]


def _lines(notes: Sequence[str], page: Page) -> list[str]:
    """Notes over the whole width, none broken that fits on a line."""
    kept = " · ".join(note.replace(" ", "\u00a0") for note in notes)
    if any(_wide([note]) > page.content for note in notes):
        kept = kept.replace("\u00a0", " ")
    return [line.strip(" ·").replace("\u00a0", " ") for line in wrapped(kept, page.content, _NOTE)]


def _wide(notes: Sequence[str]) -> float:
    return width(" · ".join(notes), _NOTE)
