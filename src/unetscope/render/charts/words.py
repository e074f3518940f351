"""The words of charts: title lines, units, shares and the footnote."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from unetscope.analysis.remarks import remarks
from unetscope.layout.measure import width, wrapped
from unetscope.layout.parts.frame import command_lines
from unetscope.model import Architecture
from unetscope.render.charts.page import Canvas, text
from unetscope.render.charts.sheets import Sheet
from unetscope.words import basis as bases
from unetscope.words import units
from unetscope.words.safe import clean

_LINE = 14.0

OUTSIDE = "outside: stem, head and conditioning, which stand outside the stages"


def heading(page: Canvas, titles: Sequence[str], summary: str, basis: str = "") -> None:
    """All titles as one, the summary under them, and the basis: at the right, or below if there is no
    room."""
    sheet = page.look.sheet
    if sheet.narrow:
        for y, line, size, bold in _narrow_head(titles, summary, basis, sheet):
            text(page, sheet.margin, y, line, size=size, bold=bold, colour=None if bold else page.look.dim)
        return
    room, left = sheet.content, sheet.margin
    size = next((size for size in (22, 18) if width(joined(titles), size, bold=True) <= room), 15)
    text(page, left, 40, joined(titles, most=room, size=size), size=size, bold=True, limit=room)
    text(page, left, 61, summary, size=12, colour=page.look.dim, limit=room)
    last = head_room(titles, summary, basis, sheet)
    if basis and last == 61:
        text(page, sheet.right, 61, basis, size=12, colour=page.look.dim, anchor="end")
    elif basis:
        text(page, left, last, basis, size=12, colour=page.look.dim, limit=room)


def head_room(titles: Sequence[str], summary: str, basis: str, sheet: Sheet) -> float:
    """The y of the last baseline of `heading`."""
    if sheet.narrow:
        return _narrow_head(titles, summary, basis, sheet)[-1][0]
    fits = not basis or width(summary, 12) + width(basis, 12) + 16 <= sheet.content
    return 61 if fits else 79


def _narrow_head(
    titles: Sequence[str], summary: str, basis: str, sheet: Sheet
) -> list[tuple[float, str, float, bool]]:
    """The lines of a heading in one column of a paper: baseline, words, size, and whether it is bold."""
    name, room = clean(joined(titles)), sheet.content
    named = [(line, 14.0, True) for line in wrapped(name, room, 14, bold=True)]
    named += [(line, 10.0, False) for part in (summary, basis) for line in wrapped(clean(part), room, 10)]
    lines, y = [], 8.0
    for line, size, bold in named:
        y += 18 if bold else 14
        lines.append((y, line, size, bold))
    return lines


def footnote(page: Canvas, y: float, notes: Sequence[str], command: str) -> None:
    """Notes and the command that draws the chart again, whole, from the baseline y on."""
    for index, line in enumerate(_foot(notes, command, page.look.sheet)):
        text(page, page.look.sheet.margin, y + _LINE * index, line, size=10, colour=page.look.dim)


def said(page: Canvas, y: float, sentence: str) -> None:
    """The sentence of a chart from the baseline y on, bold."""
    sheet = page.look.sheet
    for index, line in enumerate(wrapped(sentence, sheet.content, 11.5, bold=True)):
        text(page, sheet.margin, y + 16 * index, line, size=11.5, bold=True)


def said_room(sentence: str, sheet: Sheet) -> float:
    """What `said` takes."""
    return 16.0 * len(wrapped(sentence, sheet.content, 11.5, bold=True))


def foot_room(notes: Sequence[str], command: str, sheet: Sheet) -> float:
    """What `footnote` takes below its first line."""
    return _LINE * (len(_foot(notes, command, sheet)) - 1)


def _foot(notes: Sequence[str], command: str, sheet: Sheet) -> list[str]:
    room = sheet.content
    return [*wrapped(" · ".join(notes), room, 10), *command_lines(command, room, 10)]


def counted(architectures: Sequence[Architecture]) -> list[str]:
    """What a MAC is, and what is not counted."""
    unknown = sorted({name for architecture in architectures for name in architecture.uncounted})
    what_counts, left_out = bases.notes(architectures[0].counting, unknown)
    return [what_counts, *beside(architectures), left_out]


def beside(architectures: Sequence[Architecture]) -> list[str]:
    """What belongs beside each network's figures, under its name if there are several."""
    named = [
        (f"{architecture.title}: " * (len(architectures) > 1), architecture) for architecture in architectures
    ]
    return list(dict.fromkeys(name + words for name, network in named for words in remarks(network, limit=2)))


def basis(architecture: Architecture) -> str:
    """What the numbers of one network hold for."""
    return "basis: " + bases.short(architecture)


def common_basis(architectures: Sequence[Architecture]) -> str:
    """The basis where all share it, else what to look for."""
    statements = list(dict.fromkeys(bases.short(architecture) for architecture in architectures))
    return "basis: " + (statements[0] if len(statements) == 1 else "each at the size under its name")


def joined(titles: Sequence[str], *, most: float = inf, size: float = 22) -> str:
    """Titles as one, "A, B and C"; the last ones only counted where all are wider than `most` px."""
    for count in range(len(titles), 0, -1):
        rest = len(titles) - count
        words = [*titles[:count], *([f"{rest} more"] if rest else [])]
        line = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
        if width(line, size, bold=True) <= most:
            return line
    return titles[0]


def work_name(unit: str) -> str:
    """What work is called."""
    return "FLOPs" if unit == "flops" else "MACs"


def operation(unit: str) -> str:
    """What one of the work is called."""
    return "FLOP" if unit == "flops" else "MAC"


def work(number: int, unit: str) -> str:
    """So many MACs, or FLOPs for unit flops, with the unit's name: "3.38 TMAC"."""
    return units.macs(number, operation(unit))


def amount(number: int, *, billions: str = "G") -> str:
    """A number and its prefix alone: "64.2 G"."""
    return " ".join(units.short(number, billions=billions)).strip()
