"""The measures of a strip in px, and the widths and places of the stages in one of its rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Block, StageBlocks
from unetscope.layout.measure import width
from unetscope.layout.parts.glyphs import stack_width
from unetscope.layout.scene import Frame

_BESIDE_LABEL = 1.5


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage to be placed: its glyphs, the lines of the size labels at its ends, and the least
    width that it needs."""

    stage: StageBlocks
    entry: tuple[str, ...]
    exit: tuple[str, ...]
    least: float


@dataclass(frozen=True, slots=True)
class PlacedStage:
    """A stage in its place, with a frame for each of its blocks in the order of execution."""

    plan: StagePlan
    frame: Frame
    slots: tuple[tuple[Block, Frame], ...]


def glyph_width(block: Block, narrow: float, form: Form) -> float:
    """The width of a glyph where a residual block is `narrow` px wide."""
    if block.kind == "concat":
        return max(form.bar, min(0.72 * narrow, 9.0))
    if block.repeat > 1 and form.stacked:
        return max(narrow + 14 if narrow < 20 else narrow, stack_width(block.repeat))
    return narrow


def contents_width(plan: StagePlan, narrow: float, form: Form) -> float:
    """The width of a stage's glyphs with their gaps."""
    if not form.opened:
        return 0.0
    widths = [glyph_width(block, narrow, form) for block in plan.stage.blocks]
    return sum(widths) + form.between * max(0, len(widths) - 1)


def stage_width(plan: StagePlan, narrow: float, form: Form) -> float:
    """The width of a stage: its glyphs, or the labels that belong to it."""
    return max(contents_width(plan, narrow, form) + 2 * form.pad, plan.least)


def row_width(plans: Sequence[StagePlan], narrow: float, form: Form, *, ends: int, gap: float) -> float:
    """The width of a row of stages with `ends` convolutions (with their arrows) beside them."""
    return (
        sum(stage_width(plan, narrow, form) for plan in plans)
        + gap * max(0, len(plans) - 1)
        + ends * (gap + form.end)
        + (form.lead if ends or form.values else 0)
        + (form.out if ends else 0)
    )


def solve(plans: Sequence[StagePlan], form: Form, *, room: float, ends: int) -> float:
    """The glyph width at which the row is exactly `room` wide, the widest where it is less; 0 if none."""

    def needed(narrow: float) -> float:
        return row_width(plans, narrow, form, ends=ends, gap=form.gap)

    if needed(1.0) > room:
        return 0.0
    low, high = 1.0, form.widest
    if needed(high) <= room:
        return high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if needed(middle) <= room else (low, middle)
    return low


def place(
    plans: Sequence[StagePlan],
    form: Form,
    *,
    x: float,
    y: float,
    narrow: float,
    gap: float,
    backwards: bool = False,
    name_above: bool = False,
) -> tuple[PlacedStage, ...]:
    """The stages side by side from x on; `backwards` puts the first one at the right."""
    placed = []
    for plan in reversed(plans) if backwards else plans:
        frame = Frame(x, y, stage_width(plan, narrow, form), form.box)
        placed.append(_placed(plan, frame, narrow, form, backwards=backwards, name_above=name_above))
        x = frame.right + gap
    return tuple(reversed(placed) if backwards else placed)


def _placed(
    plan: StagePlan, frame: Frame, narrow: float, form: Form, *, backwards: bool, name_above: bool
) -> PlacedStage:
    top = frame.bottom - form.glyph_top - form.glyph if name_above else frame.y + form.glyph_top
    x = frame.centre - contents_width(plan, narrow, form) / 2
    blocks = plan.stage.blocks[::-1] if backwards else plan.stage.blocks
    slots = []
    for block in blocks if form.opened else ():
        slots.append((block, Frame(x, top, glyph_width(block, narrow, form), form.glyph)))
        x += slots[-1][1].width + form.between
    return PlacedStage(plan, frame, tuple(slots[::-1] if backwards else slots))


def label_width(lines: Sequence[str], form: Form) -> float:
    """The width of a size label."""
    return max((width(line, form.size) for line in lines), default=0.0)


def between_labels(first: Sequence[str], second: Sequence[str], form: Form) -> float:
    """The least distance of the centres of two size labels."""
    return (label_width(first, form) + label_width(second, form)) / 2 + 2 * _BESIDE_LABEL


@dataclass(frozen=True, slots=True)
class Form:
    """Gaps, heights and text sizes of the stages in a row."""

    gap: float = 11.5
    """Between two stages: room for the arrow."""
    lead: float = 9.0
    """Before the first convolution: the arrow, or what the network is given."""
    end: float = 16.5
    """Width of the two convolutions at the ends."""
    pad: float = 5.0
    between: float = 1.5
    """Between two glyphs."""
    bar: float = 5.5
    """Least width of ⧺."""
    box: float = 86.0
    glyph_top: float = 7.0
    glyph: float = 56.0
    name: float = 11.5
    size: float = 10.0
    value: float = 11.0
    narrowest: float = 8.0
    widest: float = 16.0
    hook: float = 22.0
    """Room at the right of two rows for the flow from the upper to the lower one."""
    two_lines: bool = False
    """Sizes as C over H×W."""
    values: bool = True
    """Parameters and MACs under each stage."""
    bars: bool = True
    """Bars with shares below those."""
    placed: bool = False
    """Glyphs say "stage,position"."""
    opened: bool = True
    """Boxes hold glyphs."""
    low: float = 0.0
    """Height of the lowest glyph where heights are resolutions."""
    out: float = 9.0
    """The arrow behind the last convolution."""
    stacked: bool = True
    """Deep glyphs have room for ×N below their letter."""
    depths: float = 0.0
    """The line below the name of a stage that says ×N where its glyphs have no room for it."""

    @property
    def below(self) -> float:
        """From the foot of a row's boxes to the foot of its numbers."""
        sizes = 17 + (16 if self.two_lines else 0)
        return sizes + (38 if self.values else 0) + (74 if self.values and self.bars else 0)


def form(look: Look) -> Form:
    """The measures under these look."""
    measures = Form()
    if look.paper:
        measures = replace(measures, name=12.5, size=12.0, value=12.5, two_lines=True, bars=False)
    if look.width == "full":
        measures = replace(measures, placed=True, gap=16.0, widest=40.0)
    if look.detail == "stage":
        measures = replace(measures, box=46.0, glyph_top=0.0, glyph=46.0, opened=False)
    return measures


def closer(usual: Form) -> Iterator[Form]:
    """The usual measures, then those that need less room: ×N below the names, then narrower gaps."""
    yield usual
    if usual.opened and not usual.placed:
        below = replace(usual, stacked=False)
        yield below
        yield replace(below, gap=8.5, pad=3.5, between=1.0, bar=4.5)
