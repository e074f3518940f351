"""Beside a U: names and costs of the stages in the outer gutters, and words for what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from unetscope.layout.chain.blocks import StageBlocks
from unetscope.layout.measure import text, width
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Anchor, Box, ColourRole, Frame, Group, Item
from unetscope.layout.u.measures import UForm
from unetscope.words import units

_BAR = 104.0
_SIZE = 10.0


Note: TypeAlias = tuple[str, ColourRole, bool]
"""A line beside a stage: its words, their colour, whether they are bold."""
_LINE = 12.5


def gutter(
    stage: StageBlocks, scale: CostScale, frame: Frame, *, left: bool, form: UForm, notes: Sequence[Note] = ()
) -> Group:
    """What stands beside a stage's box, as a part of the stage."""
    narrow = form.page.narrow
    anchor: Anchor = "end" if left else "start"
    away = 6 if narrow else 10
    x = frame.x - away if left else frame.right + away
    if narrow:
        draw = _brief(stage, frame, x, anchor, form, notes)
    else:
        draw = _costs(stage, scale, frame, x, anchor, form)
    return Group((Group(tuple(draw)),), stage.stage.path)


def _brief(
    stage: StageBlocks, frame: Frame, x: float, anchor: Anchor, form: UForm, notes: Sequence[Note]
) -> Iterator[Item]:
    """Name and parameters, and as many lines of notes as there is room for, the last one first."""
    name: Note = (stage.stage.name, "ink", True)
    room = max(0, int(frame.height / _LINE) - 2)
    shown_notes = notes if len(notes) <= room else notes[len(notes) - max(1, room) :]
    lines: list[Note] = [name, (units.params(stage.cost.params), "dim", False), *shown_notes]
    y = frame.middle - _LINE * (len(lines) - 1) / 2 + 3.6
    for at, (words, role, bold) in enumerate(lines):
        size = _fitting(words, 12 if at == 0 else _SIZE, form.gutter)
        yield text(
            x, y + _LINE * at, words, size=size, role=role, anchor=anchor, bold=bold, limit=form.gutter
        )


def _costs(
    stage: StageBlocks, scale: CostScale, frame: Frame, x: float, anchor: Anchor, form: UForm
) -> Iterator[Item]:
    """Name, parameters and cost with their bars; no bars if the box is low."""
    low, room = frame.height < 80, form.gutter
    y = frame.middle - (9 if low else 24)
    size = _fitting(stage.stage.name, 12.5 if low else 14, room)
    yield text(x, y, stage.stage.name, size=size, anchor=anchor, bold=True, limit=room)
    y += 14 if low else 17
    roles: tuple[tuple[ColourRole, ColourRole], ...] = (("params", "params"), ("macs-ink", "macs"))
    for words, part, (ink, fill) in zip(
        _words(stage, scale, room), scale.heights(stage.cost), roles, strict=True
    ):
        yield text(x, y, words, size=_SIZE, role=ink, anchor=anchor, bold=True)
        if not low:
            wide = max(1.5, _BAR * part)
            bar = Frame(x - wide if anchor == "end" else x, y + 5, wide, 8)
            yield Box(bar, fill, ink, 1)
        y += 13 if low else 26


def _fitting(name: str, size: float, room: float) -> float:
    """A size of letters at which a name fits, down to that of the words below it."""
    wide = width(name, size, bold=True)
    return max(_SIZE, size * min(1.0, room / wide)) if wide else size


def mid_heading(
    stage: StageBlocks,
    scale: CostScale,
    frame: Frame,
    form: UForm,
    *,
    ink: ColourRole,
    notes: Sequence[Note] = (),
) -> Iterator[Item]:
    """Name and costs inside the box of the mid stage; what there is room for at their right end."""
    yield text(frame.x + 10, frame.y + 18, stage.stage.name, size=13.5, role=ink, bold=True, frame=frame)
    roles: tuple[ColourRole, ColourRole] = ("params", "macs-ink") if ink == "ink" else (ink, ink)
    noted: list[Note] = [
        (words, role, True) for words, role in zip(_words(stage, scale, frame.width / 2), roles, strict=True)
    ]
    if form.page.narrow:
        noted = [*notes[-1:]] or [(units.params(stage.cost.params), "dim", False)]
    right = frame.right - 10
    for words, role, bold in reversed(noted):
        yield text(right, frame.y + 17, words, size=_SIZE, role=role, anchor="end", bold=bold, frame=frame)
        right -= width(words, _SIZE, bold=bold) + 14


def _words(stage: StageBlocks, scale: CostScale, room: float) -> tuple[str, str]:
    """Parameters and cost with their shares; a cost without its share where both would be too wide."""
    params, macs = scale.shares(stage.cost)
    work = scale.work_with_unit(stage.cost)
    shared = f"{work} · {macs}"
    fits = width(shared, _SIZE, bold=True) <= room
    return f"{units.params(stage.cost.params)} · {params}", shared if fits else work
