"""The rails of a strip: one line below the glyphs for the time embedding, one for the context, with a mark
under each block that reads it."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Item, Line
from unetscope.layout.strip.stage_boxes import StripRow
from unetscope.layout.strip.widths import Form

_FIRST = 11.0


def foot_of(count: int, form: Form) -> float:
    """What a box needs below its glyphs for that many rails."""
    return count * (form.size + 2)


def rails(row: StripRow, widths: tuple[int, int], form: Form, *, base: float) -> Iterator[Item]:
    """Both rails below the baseline of the glyphs; none that no block reads."""
    slots = [slot for one in row.placed for slot in one.slots]
    read = [(0, "t", [frame for block, frame in slots if block.times])]
    read.append((1, "c", [frame for block, frame in slots if block.texts]))
    y = base + _FIRST
    for index, letter, frames in read:
        if frames:
            yield from _rail(row, f"{letter} {widths[index] or ''}".strip(), frames, y, form, index=index)
            y += form.size + 2


def _rail(
    row: StripRow, name: str, frames: list[Frame], y: float, form: Form, *, index: int
) -> Iterator[Item]:
    role: ColourRole = "context" if index else "time"
    room = row.placed[0].frame.x - row.box.x - form.gap / 2
    if room > width(name[:1], form.size, bold=True):
        name = name if width(name, form.size, bold=True) <= room else name[:1]
        yield text(row.box.x, y + 0.36 * form.size, name, size=form.size, role=role, bold=True)
        left = row.box.x + width(name, form.size, bold=True) + 4
    else:
        left = frames[0].centre
    yield Line(((left, y), (frames[-1].centre, y)), role, 1)
    for frame in frames:
        if index:
            yield Box(Frame(frame.centre - 2.9, y - 2.9, 5.8, 5.8), role, radius=0.6)
        else:
            yield Circle(frame.centre, y, 3, role)
