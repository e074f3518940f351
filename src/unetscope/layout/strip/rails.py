"""The rails of a strip: one line below the glyphs for the time embedding, one for the context, with a mark
under each block that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import rail_mark
from unetscope.layout.scene import ColourRole, Item, Line
from unetscope.layout.strip.stage_boxes import StripRow
from unetscope.layout.strip.widths import Form

_FIRST = 11.0


def foot_of(count: int, form: Form) -> float:
    """What a box needs below its glyphs for that many rails."""
    return count * (form.size + 2)


def rails(row: StripRow, widths: tuple[int, int], form: Form) -> Iterator[Item]:
    """Both rails, away from the line on which the glyphs stand or hang; none that no block reads."""
    away = -1 if row.hangs else 1
    y = row.line(form) + _FIRST * away
    for index, letter in enumerate("tc"):
        marks = list(_marks(row, index))
        if marks:
            yield from _rail(row, f"{letter} {widths[index] or ''}".strip(), sorted(marks), y, form, index)
            y += (form.size + 2) * away


def _marks(row: StripRow, index: int) -> Iterator[float]:
    """The x of every block that reads time, or the context; of its stage where blocks are not drawn."""
    for stage in row.placed:
        shown = stage.slots or [(block, stage.frame) for block in stage.plan.stage.blocks]
        yield from {frame.centre for block, frame in shown if (block.times, block.texts)[index]}


def _rail(row: StripRow, name: str, marks: list[float], y: float, form: Form, index: int) -> Iterator[Item]:
    role: ColourRole = "context" if index else "time"
    room = min(stage.frame.x for stage in row.placed) - row.box.x - form.gap / 2
    left = marks[0]
    if room > width(name[:1], form.size, bold=True):
        name = name if width(name, form.size, bold=True) <= room else name[:1]
        yield text(row.box.x, y + 0.36 * form.size, name, size=form.size, role=role, bold=True)
        left = row.box.x + width(name, form.size, bold=True) + 4
    yield Line(((left, y), (marks[-1], y)), role, 1)
    yield from (rail_mark(x, y, index) for x in marks)
