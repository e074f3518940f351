"""The strip in two rows: the Down half hangs above, the Up half stands below and runs back from right to
left, so that every skip falls almost straight down, and rails, names and sizes are on the outer sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import inf

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.conditioning import rail_widths
from unetscope.layout.chain.midway import midway
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import arrow
from unetscope.layout.parts.pills import Wire, draw_pills, pills
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Frame, Item
from unetscope.layout.strip import costs, dense_skips
from unetscope.layout.strip.costs import rails
from unetscope.layout.strip.dense_skips import combs
from unetscope.layout.strip.midway import at_turn, beside_flow
from unetscope.layout.strip.network_ends import Ends, drawn_ends, lead_of_rows
from unetscope.layout.strip.one_row import edge
from unetscope.layout.strip.skips import merged_wires, wires_of
from unetscope.layout.strip.stage_boxes import StripRow, boxes, cut, glyphs, heights_of, size_labels
from unetscope.layout.strip.widths import Form, StagePlan, label_width, place, row_width, solve
from unetscope.model import Architecture

_NEAREST, _OVER = 44.0, 18.0
"""Between both rows at least; from what a skip enters up to its number."""


def halves(
    plans: Sequence[StagePlan], form: Form, *, encoder: int
) -> tuple[list[StagePlan], list[StagePlan]]:
    """The stages of the upper and of the lower row; the first `encoder` ones are an autoencoder's encoder."""
    count = encoder or sum(plan.stage.stage.role != "up" for plan in plans)
    upper, lower = list(plans[:count]), list(plans[count:])
    if upper:  # the margin pushes the last size label of this row inwards
        inwards = label_width(upper[-1].exit, form) / 2 - (form.hook - form.gap / 2)
        upper[-1] = replace(upper[-1], least=upper[-1].least + max(0.0, inwards))
    return upper, lower


def two_rows(
    architecture: Architecture,
    chain: Chain,
    plans: Sequence[StagePlan],
    scale: CostScale,
    page: Page,
    form: Form,
    *,
    top: float,
) -> tuple[list[Item], float]:
    """Both rows with the skips between them, and the y below everything."""
    form = replace(form, lead=lead_of_rows(architecture, chain, form), out=0)
    between = midway(architecture, chain)
    upper, lower = halves(plans, form, encoder=between.behind + 1)
    room = page.content - form.hook
    if not form.opened:
        form = replace(form, gap=_gap((upper, chain.inlet), (lower, chain.outlet), form, room))
        upper, lower = _to_one_scale((upper, chain.inlet), (lower, chain.outlet), form, room)
    narrow = min(
        solve(half, form, room=room, ends=bool(end)) or 1.0
        for half, end in ((upper, chain.inlet), (lower, chain.outlet))
        if half
    )
    heights = heights_of(architecture, chain, form)
    first = _row(upper, chain.inlet, narrow, page, form, y=top + _above(upper, scale, form), word="in")
    first = cut(first, heights, form)
    gap = _NEAREST + (2.4 * form.size if between.latent else 0.0)
    second = _row(lower, chain.outlet, narrow, page, form, y=first.box.bottom + gap, word="out")
    skips = Skips.between(chain, first, cut(second, heights, form), form)
    second = _row(lower, chain.outlet, narrow, page, form, y=second.box.y + skips.missing(form), word="out")
    second = cut(second, heights, form)
    items = _items(architecture, chain, first, second, scale, page, form)
    return items, second.box.bottom + form.below


@dataclass(frozen=True, slots=True)
class Skips:
    """The lanes between both rows, from top to bottom: the y of each, and of its number where that stands in
    its own fall; else `pills` tell the channels of several."""

    lanes: Mapping[Wire, float]
    numbers: Mapping[Wire, float]
    pills: float

    @staticmethod
    def between(chain: Chain, first: StripRow, second: StripRow, form: Form) -> Skips:
        """The lanes as high as what stands over them lets them be, the numbers over what they enter."""
        wires = _wires(chain, first, second, form)
        frames = [stage.frame for stage in first.placed] + [frame for _, frame, _ in first.ends]
        under = [(frame.x, frame.right, frame.bottom) for frame in frames]
        dense = {comb.start: comb.top(form.size)[2] for comb in combs(second.placed)}
        numbers = lanes.staggered(
            wires, lambda x: min(edge(second, x) - _OVER, dense.get(x, inf) - form.size), form.size
        )
        return Skips(lanes.falling(wires, under), numbers, min(second.box.y, *dense.values(), inf) - 17)

    def missing(self, form: Form) -> float:
        """How much further down the lower row has to be, so that each number is below its lane."""
        highest = ((y, self.numbers.get(wire, self.pills)) for wire, y in self.lanes.items())
        return max((y + form.size + lanes.CORNER - number for y, number in highest), default=0.0)


def _equal_width(half: Sequence[StagePlan], end: Block | None, equal: float, form: Form) -> float:
    return row_width([replace(plan, least=equal) for plan in half], 0, form, ends=bool(end), gap=form.gap)


def _gap(
    first: tuple[Sequence[StagePlan], Block | None],
    second: tuple[Sequence[StagePlan], Block | None],
    form: Form,
    room: float,
) -> float:
    """The usual gap, or the one at which equally wide stages fit."""
    equal = max(plan.least for half, _ in (first, second) for plan in half)
    return min(
        form.gap - max(0.0, _equal_width(half, end, equal, form) - room) / max(1, len(half) - 1 + bool(end))
        for half, end in (first, second)
    )


def _to_one_scale(
    first: tuple[Sequence[StagePlan], Block | None],
    second: tuple[Sequence[StagePlan], Block | None],
    form: Form,
    room: float,
) -> tuple[list[StagePlan], list[StagePlan]]:
    """Both halves with widths by their parameters, on the scale at which both fit."""
    equal = max(plan.least for half, _ in (first, second) for plan in half)
    spares = [
        max(0.0, room - _equal_width(half, end, equal, form))
        / max(1, sum(plan.stage.cost.params for plan in half))
        for half, end in (first, second)
    ]
    upper, lower = (
        [replace(plan, least=equal + min(spares) * plan.stage.cost.params) for plan in half]
        for half, _ in (first, second)
    )
    return upper, lower


def _above(upper: Sequence[StagePlan], scale: CostScale, form: Form) -> float:
    """What stands above the upper boxes: sizes, values, bars as high as the largest share there."""
    sizes = 20.0 + 1.3 * form.size
    if not form.values:
        return sizes
    if not form.bars:
        return sizes + 38
    tallest = max((part for plan in upper for part in scale.heights(plan.stage.cost)), default=0)
    return 84 + tallest * costs.TALLEST


def _row(
    plans: Sequence[StagePlan],
    end: Block | None,
    narrow: float,
    page: Page,
    form: Form,
    *,
    y: float,
    word: str,
) -> StripRow:
    """One half, spread over the page: the upper one hangs and runs forwards, the lower one backwards."""
    hangs = word == "in"
    spare = page.content - form.hook - row_width(plans, narrow, form, ends=bool(end), gap=form.gap)
    gaps = max(1, len(plans) - 1 + bool(end))
    gap = form.gap + max(0.0, spare) / gaps
    x = page.margin + form.lead + (form.end + gap if end else 0)
    placed = place(plans, form, x=x, y=y, narrow=narrow, gap=gap, backwards=not hangs, name_above=hangs)
    top = y + (form.box - form.glyph_top - form.glyph if hangs else form.glyph_top)
    flow = top + (form.low / 2 if hangs else form.glyph - form.low / 2)
    frames = ((end, Frame(page.margin + form.lead, top, form.end, form.glyph), word),) if end else ()
    right = max((last_stage.frame.right for last_stage in placed), default=page.right - form.hook)
    box = Frame(page.margin, y, right - page.margin, form.box)
    return StripRow(placed, frames, flow, box, hangs=hangs)


def _items(
    architecture: Architecture,
    chain: Chain,
    first: StripRow,
    second: StripRow,
    scale: CostScale,
    page: Page,
    form: Form,
) -> list[Item]:
    top, foot = first.box.y, second.box.bottom
    skips = Skips.between(chain, first, second, form)
    items: list[Item] = [*boxes(first, form), *boxes(second, form), *_flow(first, second, form)]
    dense = combs(second.placed)
    items += (item for comb in dense for item in dense_skips.drawn(comb, size=form.size))
    items += lanes.crossings(
        top=partial(edge, first),
        lanes=skips.lanes,
        bottom=partial(edge, second),
        numbers=skips.numbers,
        size=form.size,
    )
    if not skips.numbers:
        items += draw_pills(pills([*skips.lanes], right=_turn(first, second, form) - 5), y=skips.pills)
    ends = Ends(architecture, chain, form)
    above, below = top - 9 - 1.3 * form.size, foot + 9 + form.size
    for row, sizes, ticks in ((first, above, (top - 5.5, top - 1)), (second, below, (foot + 2, foot + 6.5))):
        items += rails(row, rail_widths(architecture), form)
        items += glyphs(row, form)
        items += drawn_ends(ends, row, sizes=sizes)
        items += size_labels(row, page, form, ticks=ticks, y=sizes, entry=row.hangs)
    between = midway(architecture, chain)
    items += [*beside_flow(between, first, form), *at_turn(between, first, second, form)]
    items += costs.over(first.placed, scale, page, form, y=top)
    items += costs.under(second.placed, scale, page, form, y=foot)
    return items


def _wires(chain: Chain, first: StripRow, second: StripRow, form: Form) -> list[Wire]:
    """The skips, stages of the lower row numbered from the left."""
    placed, ends = (*first.placed, *second.placed), (*first.ends, *second.ends)
    wires = wires_of(placed, ends) if form.opened else merged_wires(chain, placed, ends, leftwards=True)
    return [replace(wire, stage=-wire.stage) for wire in wires]


def _flow(first: StripRow, second: StripRow, form: Form) -> Iterator[Item]:
    """Arrows to the right above, around the corner, and to the left below; also where no end is drawn."""
    frames = [frame for _, frame, _ in first.ends] + [placed.frame for placed in first.placed]
    back = [placed.frame for placed in second.placed] + [frame for _, frame, _ in second.ends]
    for before, after in pairwise(frames):
        yield arrow((before.right, first.flow), (after.x - 0.5, first.flow))
    for before, after in pairwise(back):
        yield arrow((before.x, second.flow), (after.right + 0.5, second.flow))
    if frames and not first.ends:
        yield arrow((first.box.x, first.flow), (frames[0].x - 0.5, first.flow))
    if back and not second.ends:
        yield arrow((back[-1].x, second.flow), (second.box.x, second.flow))
    if frames and back:
        x = _turn(first, second, form)
        corner = ((x, first.flow), (x, second.flow))
        end = (back[0].right + 0.5, second.flow)
        yield arrow((frames[-1].right, first.flow), *corner, end, radius=8)


def _turn(first: StripRow, second: StripRow, form: Form) -> float:
    """Where the flow goes down from the upper to the lower row."""
    return max(row.box.right for row in (first, second)) + form.hook - 4
