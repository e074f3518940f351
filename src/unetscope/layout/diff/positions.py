"""Where the columns of a diff stand: one set of x positions for one strip, or for both of two.

Heights mean resolution, so that the strip of a U is one: glyphs stand on a line, or hang from one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, StageBlocks
from unetscope.layout.diff.labels import label_width
from unetscope.layout.diff.pairs import Columns, Slot, StagePair
from unetscope.layout.measure import width
from unetscope.layout.page import README, Page, page_of
from unetscope.layout.scene import Frame, moved
from unetscope.layout.strip.widths import Form, StagePlan, place, row_width, solve

OVER, FOOT = 6.0, 23.0
"""From glyphs to the edge of their box, and to its edge with the name."""
_NARROWEST, _TIGHT = 8.2, 6.9
"""The least width of a glyph, and where all is close: its letter is no smaller than 7 px."""
_WIDEST_GAP = 30.0
_ENLARGED = 50.0
_LOWEST, _HIGHEST, _STEP, _ALONE = 34.0, 76.0, 14.0, 48.0
_TWO_LINES = 46.0
"""A glyph that says its place below its letter is no lower."""


@dataclass(frozen=True, slots=True)
class PlacedPair:
    """A column in its place; `slots` are the frames of its glyphs."""

    column: StagePair
    frame: Frame
    slots: tuple[tuple[Slot, Frame], ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """All columns in their places, with the convolutions at both ends, standing on the line y = 0.

    `low` is the height of the lowest glyph: letters and the flow stand at half of it.
    """

    placed: tuple[PlacedPair, ...]
    inlet: tuple[Slot, Frame] | None
    outlet: tuple[Slot, Frame] | None
    form: Form
    left: float
    right: float
    low: float

    def blocks(self, *, after: bool) -> Iterator[tuple[Block, Frame]]:
        """The blocks that one of the networks has, ends included, from left to right."""
        slots = [slot for placed in self.placed for slot in placed.slots]
        for slot, frame in [*_given(self.inlet), *slots, *_given(self.outlet)]:
            block = slot.after if after else slot.before
            if block is not None:
                yield block, frame

    @property
    def high(self) -> float:
        """From the line to the top of the highest box or glyph."""
        frames = [placed.frame for placed in self.placed]
        frames += [end[1] for end in (self.inlet, self.outlet) if end]
        return max((-frame.y for frame in frames), default=0.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A row on a line of the page, or hanging from it."""

    row: PairRow
    line: float
    hung: bool = False

    def y(self, height: float) -> float:
        """What lies that far from the line."""
        return self.line + height if self.hung else self.line - height

    def frame(self, frame: Frame) -> Frame:
        """A frame of the row on the page."""
        if self.hung:
            return replace(frame, y=self.line - frame.bottom)
        return moved(frame, dy=self.line)

    def core(self, frame: Frame) -> Frame:
        """The part of a glyph that letters stand in the middle of."""
        return Frame(frame.x, min(self.line, self.y(self.row.low)), frame.width, self.row.low)

    @property
    def flow(self) -> float:
        """The y of the stream through the glyphs."""
        return self.y(self.row.low / 2)


def row_of(columns: Columns, look: Look) -> tuple[Page, PairRow]:
    """The columns on a page of the usual width, or on a wider one if nothing makes them narrow enough."""
    full = look.width == "full"
    for form in _forms(full=full):
        plans = [_plan(column, form, labelled=not columns.is_aligned) for column in columns.stages]
        narrowest = _legible(columns) if full else _NARROWEST if form.stacked else _TIGHT
        ends = _ends_width(columns, form)
        page = page_of(look, least=row_width(plans, narrowest, form, ends=0, gap=form.gap) + ends)
        if page.width <= README:
            break
    narrow = solve(plans, form, room=page.content - ends, ends=0)
    gaps = max(1, len(plans) - 1 + len(_given(columns.inlet)) + len(_given(columns.outlet)))
    spare = page.content - ends - row_width(plans, narrow, form, ends=0, gap=form.gap)
    return page, _placed(columns, plans, narrow, min(_WIDEST_GAP, form.gap + spare / gaps), page, form)


def _forms(*, full: bool) -> Iterator[Form]:
    """Measures from the usual ones to those that need least room."""
    usual = Form(gap=12.0, name=11.0, placed=full, widest=40.0 if full else 16.0, values=False)
    yield usual
    if not full:
        yield replace(usual, stacked=False)
        yield replace(usual, stacked=False, gap=8.5, pad=3.5, between=1.2, bar=4.5, lead=7.0)


def _placed(
    columns: Columns, plans: Sequence[StagePlan], narrow: float, gap: float, page: Page, form: Form
) -> PairRow:
    ends = [_end_width(slot, columns, form) for slot in (columns.inlet, columns.outlet)]
    heights = _heights(columns, form)
    top = max(heights, default=_ALONE)
    taken = sum(wide + gap + form.lead for wide in ends if wide)
    x = page.margin + (page.content - row_width(plans, narrow, form, ends=0, gap=gap) - taken) / 2
    left = x
    inlet = outlet = None
    if columns.inlet:
        inlet = (columns.inlet, Frame(x + form.lead, -top, ends[0], top))
        x = inlet[1].right + gap
    placed = []
    frames = place(plans, form, x=x, y=0, narrow=narrow, gap=gap)
    for stage_frame, column, high in zip(frames, columns.stages, heights, strict=True):
        slots = tuple(Frame(frame.x, -high, frame.width, high) for _, frame in stage_frame.slots)
        box = Frame(stage_frame.frame.x, -high - OVER, stage_frame.frame.width, high + OVER + FOOT)
        placed.append(PlacedPair(column, box, tuple(zip(column.slots, slots, strict=True))))
        x = stage_frame.frame.right + gap
    if columns.outlet:
        outlet = (columns.outlet, Frame(x, -top, ends[1], top))
        x = outlet[1].right + form.lead
    return PairRow(tuple(placed), inlet, outlet, form, left, x, min(heights, default=_ALONE))


def _heights(columns: Columns, form: Form) -> list[float]:
    """The height of each column's glyphs: a step for each resolution, equal where there is one."""
    sides = [max(map(_resolution, (stage.before, stage.after))) for stage in columns.stages]
    levels = sorted(set(sides))
    if len(levels) < 2:
        return [_ALONE] * len(sides)
    lowest = _TWO_LINES if form.placed else _LOWEST
    step = min(_STEP, (_HIGHEST - lowest) / (len(levels) - 1))
    return [lowest + step * levels.index(side) for side in sides]


def _resolution(stage: StageBlocks | None) -> int:
    """Height times width of what a stage takes in; 0 where that is no image."""
    shape = stage.input if stage else None
    return shape[-2] * shape[-1] if shape and len(shape) >= 4 else 0


def _plan(column: StagePair, form: Form, *, labelled: bool) -> StagePlan:
    names = {stage.stage.name for stage in (column.before, column.after) if stage}
    least = max(width(name, form.name, bold=True) for name in names) + 10
    # A label under a box may use half of the gaps beside it.
    least = max(least, label_width(column) - form.gap + 4) if labelled else least
    return StagePlan(column.stage, (), (), least)


def _ends_width(columns: Columns, form: Form) -> float:
    widths = [_end_width(slot, columns, form) for slot in (columns.inlet, columns.outlet)]
    return sum(wide + form.gap + form.lead for wide in widths if wide)


def _end_width(slot: Slot | None, columns: Columns, form: Form) -> float:
    """The width of a convolution at one end; enlarged where it is what differs."""
    if slot is None:
        return 0.0
    if "changed" not in slot.states or not columns.is_aligned:
        return form.end
    return max(_ENLARGED, width(slot.drawn.path, form.name, bold=True) - form.gap + 4)


def _legible(columns: Columns) -> float:
    """The width of a glyph that can show its place."""
    return max((width(slot.drawn.place, 10) for slot in columns.slots), default=14.0) + 2


def _given(end: tuple[Slot, Frame] | Slot | None) -> list:  # type: ignore[type-arg]
    return [] if end is None else [end]
