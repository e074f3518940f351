"""The words of charts: title lines, units, shares and the footnote."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from unetscope import units
from unetscope.analysis.remarks import remarks
from unetscope.layout.measure import width, wrapped
from unetscope.layout.parts.frame import command_lines
from unetscope.model import Architecture
from unetscope.render.charts.page import MARGIN, RIGHT, Canvas, text
from unetscope.words import basis as bases

CONTENT = RIGHT - MARGIN
_LINE = 14.0

OUTSIDE = "outside: stem, head and conditioning, which stand outside the stages"


def heading(page: Canvas, titles: Sequence[str], told: str, basis: str = "") -> float:
    """All titles as one, what is told under them, and the basis: at the right, or below if there is no room.

    Returns the y of the last baseline.
    """
    size = next((size for size in (22, 18) if width(joined(titles), size, bold=True) <= CONTENT), 15)
    text(page, MARGIN, 40, joined(titles, most=CONTENT, size=size), size=size, bold=True, limit=CONTENT)
    text(page, MARGIN, 61, told, size=12, colour=page.look.dim, limit=CONTENT)
    last = head_room(told, basis)
    if basis and last == 61:
        text(page, RIGHT, 61, basis, size=12, colour=page.look.dim, anchor="end")
    elif basis:
        text(page, MARGIN, last, basis, size=12, colour=page.look.dim, limit=CONTENT)
    return last


def head_room(told: str, basis: str = "") -> float:
    """Where `heading` will end."""
    fits = not basis or width(told, 12) + width(basis, 12) + 16 <= CONTENT
    return 61 if fits else 79


def footnote(page: Canvas, y: float, notes: Sequence[str], command: str) -> None:
    """Notes and the command that draws the chart again, whole, from the baseline y on."""
    for index, line in enumerate(_foot(notes, command)):
        text(page, MARGIN, y + _LINE * index, line, size=10, colour=page.look.dim)


def said(page: Canvas, y: float, sentence: str) -> None:
    """The sentence of a chart from the baseline y on, bold."""
    for index, line in enumerate(wrapped(sentence, CONTENT, 11.5, bold=True)):
        text(page, MARGIN, y + 16 * index, line, size=11.5, bold=True)


def said_room(sentence: str) -> float:
    """What `said` takes."""
    return 16.0 * len(wrapped(sentence, CONTENT, 11.5, bold=True))


def foot_room(notes: Sequence[str], command: str) -> float:
    """What `footnote` takes below its first line."""
    return _LINE * (len(_foot(notes, command)) - 1)


def _foot(notes: Sequence[str], command: str) -> list[str]:
    return [*wrapped(" · ".join(notes), CONTENT, 10), *command_lines(command, CONTENT, 10)]


def counted(architectures: Sequence[Architecture]) -> list[str]:
    """What a MAC is, and what is not counted."""
    unknown = sorted({name for one in architectures for name in one.uncounted})
    one, left_out = bases.notes(architectures[0].counting, unknown)
    return [one, *beside(architectures), left_out]


def beside(architectures: Sequence[Architecture]) -> list[str]:
    """What is to be said of each network beside its figures, under its name where there are several."""
    named = [(f"{one.title}: " * (len(architectures) > 1), one) for one in architectures]
    return list(dict.fromkeys(name + words for name, one in named for words in remarks(one, limit=2)))


def basis(architecture: Architecture) -> str:
    """What the numbers of one network hold for."""
    return "basis: " + bases.short(architecture)


def common_basis(architectures: Sequence[Architecture]) -> str:
    """The basis where all share it, else what to look for."""
    found = list(dict.fromkeys(bases.short(one) for one in architectures))
    return "basis: " + (found[0] if len(found) == 1 else "each at the size under its name")


def joined(titles: Sequence[str], *, most: float = inf, size: float = 22) -> str:
    """Titles as one, "A, B and C"; the last ones only counted where all are wider than `most` px."""
    for shown in range(len(titles), 0, -1):
        rest = len(titles) - shown
        words = [*titles[:shown], *([f"{rest} more"] if rest else [])]
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
