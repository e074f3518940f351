"""Beside a U: names and costs of the stages in the outer gutters, and words for what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope import units
from unetscope.layout.chain.blocks import StageBlocks
from unetscope.layout.measure import text, width
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item
from unetscope.layout.u.measures import UForm

_BAR = 104.0
_SIZE = 10.0
_ENDS = 11.0
"""The size of the words at both ends."""


def gutter(stage: StageBlocks, on: CostScale, frame: Frame, *, left: bool, room: float) -> Group:
    """What stands beside a stage's box, as a part of the stage."""
    told = Group(tuple(_gutter(stage, on, frame, left=left, room=room)))
    return Group((told,), stage.stage.path)


def _gutter(stage: StageBlocks, on: CostScale, frame: Frame, *, left: bool, room: float) -> Iterator[Item]:
    """Name, parameters and cost with their bars in the room beside a stage's box; no bars if it is low."""
    low = frame.height < 80
    x = frame.x - 10 if left else frame.right + 10
    y = frame.middle - (9 if low else 24)
    anchor: str = "end" if left else "start"
    size = _fitting(stage.stage.name, 12.5 if low else 14, room)
    yield text(x, y, stage.stage.name, size=size, anchor="end" if left else "start", bold=True, limit=room)
    y += 14 if low else 17
    roles: tuple[tuple[ColourRole, ColourRole], ...] = (("params", "params"), ("macs-ink", "macs"))
    for words, part, (ink, fill) in zip(_words(stage, on, room), on.heights(stage.cost), roles, strict=True):
        yield text(x, y, words, size=_SIZE, role=ink, anchor="end" if left else "start", bold=True)
        if not low:
            wide = max(1.5, _BAR * part)
            bar = Frame(x - wide if anchor == "end" else x, y + 5, wide, 8)
            yield Box(bar, fill, ink, 1, hatch=ink if fill == "macs" else None)
        y += 13 if low else 26


def _fitting(name: str, size: float, room: float) -> float:
    """A size of letters at which a name fits, down to that of the words below it."""
    wide = width(name, size, bold=True)
    return max(_SIZE, size * min(1.0, room / wide)) if wide else size


def mid_heading(stage: StageBlocks, on: CostScale, frame: Frame, *, ink: ColourRole) -> Iterator[Item]:
    """Name and costs inside the box of the mid stage."""
    yield text(frame.x + 10, frame.y + 18, stage.stage.name, size=13.5, role=ink, bold=True, frame=frame)
    params, work = _words(stage, on, frame.width / 2)
    right = frame.right - 10
    roles: tuple[ColourRole, ColourRole] = ("params", "macs-ink") if ink == "ink" else (ink, ink)
    yield text(right, frame.y + 17, work, size=_SIZE, role=roles[1], anchor="end", bold=True, frame=frame)
    x = right - width(work, _SIZE, bold=True) - 14
    yield text(x, frame.y + 17, params, size=_SIZE, role=roles[0], anchor="end", bold=True, frame=frame)


def end_words(words: str, x: float, y: float, form: UForm) -> Item:
    """What goes in or comes out over the middle x of a half, moved inwards where the page ends."""
    room = form.page.content / 2
    half = min(width(words, _ENDS, bold=True), room) / 2
    x = min(max(x, form.page.margin + half), form.page.right - half)
    return text(x, y, words, size=_ENDS, anchor="middle", bold=True, limit=room)


def _words(stage: StageBlocks, on: CostScale, room: float) -> tuple[str, str]:
    """Parameters and cost with their shares; a cost without its share where both would be too wide."""
    params, macs = on.shares(stage.cost)
    work = on.work_with_unit(stage.cost)
    shared = f"{work} · {macs}"
    fits = width(shared, _SIZE, bold=True) <= room
    return f"{units.params(stage.cost.params)} · {params}", shared if fits else work
