"""Where the columns of a diff stand: one set of x positions for one strip, or for both of two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block
from unetscope.layout.diff.labels import label_width
from unetscope.layout.diff.pairs import Columns, Slot, StagePair
from unetscope.layout.measure import width
from unetscope.layout.page import Page, page_of
from unetscope.layout.scene import Frame
from unetscope.layout.strip.widths import Form, StagePlan, place, row_width, solve

NARROWEST = 8.2
_WIDEST_GAP = 30.0
_ENLARGED = 50.0


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A column in its place; `slots` are the frames of its glyphs, for either strip."""

    column: StagePair
    frame: Frame
    slots: tuple[tuple[Slot, Frame], ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """All columns in their places, with the convolutions at both ends. Frames stand in A's strip."""

    placed: tuple[PlacedPair, ...]
    inlet: tuple[Slot, Frame] | None
    outlet: tuple[Slot, Frame] | None
    form: Form
    left: float
    right: float

    def blocks(self, *, after: bool) -> Iterator[tuple[Block, Frame]]:
        """The blocks that one of the networks has, ends included, from left to right."""
        slots = [slot for one in self.placed for slot in one.slots]
        for slot, frame in [*_given(self.inlet), *slots, *_given(self.outlet)]:
            block = slot.after if after else slot.before
            if block is not None:
                yield block, frame


def row_of(columns: Columns, look: Look, *, y: float) -> tuple[Page, PairRow]:
    """The columns on a page as wide as usual, or as they need, their boxes' tops at y."""
    full = look.width == "full"
    form = Form(gap=12.0, box=78.0, glyph=48.0, name=11.0, placed=full, widest=40.0 if full else 16.0)
    plans = [_plan(column, form, labelled=not columns.is_aligned) for column in columns.stages]
    narrowest = _legible(columns) if look.width == "full" else NARROWEST
    ends = _ends_width(columns, form)
    page = page_of(look, least=row_width(plans, narrowest, form, ends=0, gap=form.gap) + ends)
    room = page.content - ends
    narrow = solve(plans, form, room=room, ends=0)
    gaps = max(1, len(plans) - 1 + len(_given(columns.inlet)) + len(_given(columns.outlet)))
    spare = room - row_width(plans, narrow, form, ends=0, gap=form.gap)
    return page, _placed(columns, plans, narrow, min(_WIDEST_GAP, form.gap + spare / gaps), page, form, y=y)


def _placed(
    columns: Columns,
    plans: Sequence[StagePlan],
    narrow: float,
    gap: float,
    page: Page,
    form: Form,
    *,
    y: float,
) -> PairRow:
    ends = [_end_width(slot, columns, form) for slot in (columns.inlet, columns.outlet)]
    taken = sum(wide + gap + form.lead for wide in ends if wide)
    x = page.margin + (page.content - row_width(plans, narrow, form, ends=0, gap=gap) - taken) / 2
    left, top = x, y + form.glyph_top
    inlet = outlet = None
    if columns.inlet:
        inlet = (columns.inlet, Frame(x + form.lead, top, ends[0], form.glyph))
        x = inlet[1].right + gap
    placed = []
    frames = place(plans, form, x=x, y=y, narrow=narrow, gap=gap)
    for one, column in zip(frames, columns.stages, strict=True):
        slots = zip(column.slots, (frame for _, frame in one.slots), strict=True)
        placed.append(PlacedPair(column, one.frame, tuple(slots)))
        x = one.frame.right + gap
    if columns.outlet:
        outlet = (columns.outlet, Frame(x, top, ends[1], form.glyph))
        x = outlet[1].right + form.lead
    return PairRow(tuple(placed), inlet, outlet, form, left, x)


def _plan(column: StagePair, form: Form, *, labelled: bool) -> StagePlan:
    names = {stage.stage.name for stage in (column.before, column.after) if stage}
    least = max(width(name, form.name, bold=True) for name in names) + 10
    # A label under a box may use half of the gaps beside it.
    least = max(least, label_width(column) - form.gap + 4) if labelled else least
    return StagePlan(column.stage, (), (), least)


def _ends_width(columns: Columns, form: Form) -> float:
    found = [_end_width(slot, columns, form) for slot in (columns.inlet, columns.outlet)]
    return sum(wide + form.gap + form.lead for wide in found if wide)


def _end_width(slot: Slot | None, columns: Columns, form: Form) -> float:
    """The width of a convolution at one end; enlarged where it is what differs."""
    if slot is None:
        return 0.0
    return _ENLARGED if "changed" in slot.states and columns.is_aligned else form.end


def _legible(columns: Columns) -> float:
    """The width of a glyph that can show its place."""
    return max((width(slot.drawn.place, 10) for slot in columns.slots), default=14.0) + 2


def _given(end: tuple[Slot, Frame] | Slot | None) -> list:  # type: ignore[type-arg]
    return [] if end is None else [end]
