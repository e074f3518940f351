"""What both kinds of rows share: boxes with names, glyphs as high as their resolution, size labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.chain.resolutions import areas, levels
from unetscope.layout.measure import text
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import glyph, stage_tooltip
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.shades import SHADES
from unetscope.layout.strip.widths import Form, PlacedStage, label_width
from unetscope.model import Architecture

NAME = 23.0
"""The foot of a box, where its name stands."""


@dataclass(frozen=True, slots=True)
class StripRow:
    """A placed row: stages in order, the frames of its end convolutions, and where its flow runs."""

    placed: tuple[PlacedStage, ...]
    ends: tuple[tuple[Block, Frame, str], ...]
    flow: float
    box: Frame
    hangs: bool = False
    """Whether its glyphs hang from one line instead of standing on it."""

    def line(self, form: Form) -> float:
        """The y on which its glyphs stand, or from which they hang."""
        return self.flow + form.low / 2 * (-1 if self.hangs else 1)


def boxes(row: StripRow, form: Form) -> Iterator[Item]:
    """The rounded boxes of the stages with their names inside: at the foot, or at the top where they hang."""
    for placed in row.placed:
        stage = placed.plan.stage
        base = (NAME + form.name) / 2 - 1.5
        y = placed.frame.y + base + 1 if row.hangs else placed.frame.bottom - form.depths - NAME + base - 1
        y = y if form.opened else row.flow + 0.355 * form.name
        fill, ink = box_colours(stage.shade)
        name = text(placed.frame.centre, y, stage.stage.name, size=form.name, role=ink, anchor="middle",
                    bold=True, frame=placed.frame, limit=placed.frame.width - 4)  # fmt: skip
        box = Box(placed.frame, fill, "outline", 1.3, radius=6)
        depth = text(placed.frame.centre, y + form.depths, depth_of(stage), size=form.size, role=ink,
                     anchor="middle", frame=placed.frame)  # fmt: skip
        items = (box, name, depth) if form.depths and depth.content else (box, name)
        yield Group(items, stage.stage.path, stage_tooltip(stage))


def depth_of(stage: StageBlocks) -> str:
    """How many layers its deep blocks hold: "A ×4"."""
    deep = {block.letter for block in stage.blocks if block.repeat > 1}
    repeats = {
        letter: sorted({b.repeat for b in stage.blocks if b.letter == letter}) for letter in sorted(deep)
    }
    return " ".join(
        f"{letter} " + ", ".join(f"×{count}" for count in counts) for letter, counts in repeats.items()
    )


def box_colours(shade: int) -> tuple[ColourRole, ColourRole]:
    """Fill and ink of a stage's box, by its step where fills mean costs."""
    return SHADES[shade - 1] if shade else ("card", "ink")


def glyphs(row: StripRow, form: Form) -> Iterator[Item]:
    """The glyphs of all stages and the convolutions at the ends; rails say what they read."""
    slots = [slot for stage in row.placed for slot in stage.slots]
    for block, frame in [*slots, *((block, frame) for block, frame, _ in row.ends)]:
        y = frame.y if row.hangs else frame.bottom - form.low
        core = Frame(frame.x, y, frame.width, form.low)
        yield glyph(block, frame, placed=form.placed, core=core)


def size_labels(
    row: StripRow,
    page: Page,
    form: Form,
    *,
    ticks: tuple[float, float],
    y: float,
    entry: bool = True,
) -> Iterator[Item]:
    """C over H×W at every boundary, after that boundary's resampling, like the labels of an axis."""
    if not row.placed:
        return
    labels = [row.placed[0].plan.entry] + [placed.plan.exit for placed in row.placed]
    for index, (lines, x) in enumerate(zip(labels, _boundaries(row, form), strict=True)):
        half = label_width(lines, form) / 2
        if lines and (index or entry):
            yield Line(((x, ticks[0]), (x, ticks[1])), "skip", 1)
            middle = min(max(x, page.margin + half), page.right - half)
            for at, line in enumerate(lines):
                base = y + 1.3 * form.size * at
                role: ColourRole = "dim" if at else "ink"
                yield text(middle, base, line, size=form.size, role=role, anchor="middle")


def _boundaries(row: StripRow, form: Form) -> list[float]:
    """The x of every boundary in the order of execution: before the first stage, behind each."""
    frames = [placed.frame for placed in row.placed]
    step = -1 if len(frames) > 1 and frames[1].x < frames[0].x else 1
    into = [frame for _, frame, word in row.ends if word == "in"]
    out = [frame for _, frame, word in row.ends if word == "out"]
    step = -1 if out and out[0].x < frames[-1].x else step
    middles = [_between(a, b) for a, b in pairwise([*into, *frames, *out])]
    first, last = frames[0], frames[-1]
    if not into:
        middles.insert(0, (first.right if step < 0 else first.x) - step * form.gap / 2)
    if not out:
        middles.append((last.x if step < 0 else last.right) + step * form.gap / 2)
    return middles


def _between(a: Frame, b: Frame) -> float:
    """The middle of the gap between two frames, whichever stands left."""
    return (a.right + b.x) / 2 if b.x >= a.x else (b.right + a.x) / 2


_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 21.0), 4: (34.0, 17.0), 5: (34.0, 13.0)}
_PAPER_STEPS = {1: (56.0, 0.0), 2: (44.0, 21.0), 3: (40.0, 19.0), 4: (38.0, 18.0), 5: (38.0, 13.0)}
_MANY = (34.0, 9.0)
"""Height of the lowest glyph and what each higher resolution adds, by how many there are."""


def lowest_and_tallest(
    architecture: Architecture, chain: Chain, form: Form, *, paper: bool
) -> tuple[float, float]:
    """The heights of the glyphs of the lowest and of the highest resolution."""
    count = len(levels(architecture, chain))
    low, step = (_PAPER_STEPS if paper else _STEPS).get(count, _MANY)
    low += 12 if form.placed else 0
    return low, low + step * max(0, count - 1)


def heights_of(architecture: Architecture, chain: Chain, form: Form) -> dict[tuple[str, str], float]:
    """The height of every glyph in px, by kind and path."""
    rising = levels(architecture, chain)
    step = (form.glyph - form.low) / max(1, len(rising) - 1)
    sides_of = areas(architecture, chain)
    if not form.opened:
        return dict.fromkeys(sides_of, form.glyph)
    return {key: form.low + step * rising.index(area) for key, area in sides_of.items()}


def cut(row: StripRow, heights: Mapping[tuple[str, str], float], form: Form) -> StripRow:
    """The row with glyphs as high as their resolutions, standing on its line or hanging from it; boxes are as
    high as what they hold."""

    def lower(block: Block, frame: Frame) -> Frame:
        high = heights.get((block.kind, block.path), form.low)
        return Frame(frame.x, frame.y if row.hangs else frame.bottom - high, frame.width, high)

    placed = []
    for stage in row.placed:
        slots = tuple((block, lower(block, frame)) for block, frame in stage.slots)
        if form.opened:
            short = form.glyph - max((frame.height for _, frame in slots), default=form.low)
            y = stage.frame.y + (0 if row.hangs else short)
        else:  # rails run beside closed boxes
            short = form.box - form.glyph
            y = stage.frame.y + (short if row.hangs else 0)
        box = Frame(stage.frame.x, y, stage.frame.width, stage.frame.height - short)
        placed.append(replace(stage, frame=box, slots=slots))
    ends = tuple((block, lower(block, frame), word) for block, frame, word in row.ends)
    return replace(row, placed=tuple(placed), ends=ends)
