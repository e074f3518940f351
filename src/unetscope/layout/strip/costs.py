"""What stands below the stages of a strip: costs, two bars, rails; how wide each must be for its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from unetscope.cost import Cost
from unetscope.layout.chain.blocks import Chain, StageBlocks
from unetscope.layout.chain.ends import sides
from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import rail_mark
from unetscope.layout.parts.pills import Wire, pills_width
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.strip.skips import merged_skips
from unetscope.layout.strip.stage_boxes import StripRow, depth_of
from unetscope.layout.strip.widths import Form, PlacedStage, StagePlan, between_labels, label_width, row_width
from unetscope.sizes import Shape
from unetscope.words import units

TALLEST = 47.0
_BAR = 13.0


def least_width(cost: Cost, scale: CostScale, form: Form) -> float:
    """The width a stage's values and bars need."""
    if not form.values:
        return 0.0
    size = form.value
    values = max(width(units.params(cost.params), size, bold=True), width(scale.work(cost), size)) + 6
    if not form.bars:
        return values
    first, second = (width(share, 10, bold=True) for share in scale.shares(cost))
    return max(values, _distance(first, second) + max(first, second) - 9)


def headings_width(form: Form) -> float:
    """What the names of the rows need before the first stage."""
    return width("params", 10 if form.bars else form.value) + 14 if form.values else 0.0


def under(
    placed: Sequence[PlacedStage], scale: CostScale, page: Page, form: Form, *, y: float
) -> Iterator[Item]:
    """Values and bars below the boxes whose foot is at y."""
    if form.values:
        first = y + 40 + (17 if form.two_lines else 0)
        if not form.bars:
            yield Line(((page.margin, first - 17), (page.right, first - 17)), "line", 1)
        yield from values(placed, scale, form, x=page.margin, params_y=first, macs_y=first + 15)
        if form.bars:
            yield from bars(placed, scale, x=page.margin, y=first + 89)


def over(
    placed: Sequence[PlacedStage], scale: CostScale, page: Page, form: Form, *, y: float
) -> Iterator[Item]:
    """Bars and values above the size labels of the boxes whose top is at y."""
    if form.values:
        last = y - 32 - (1.3 * form.size if form.two_lines else 0)
        yield from values(placed, scale, form, x=page.margin, params_y=last - 15, macs_y=last)
        if form.bars:
            yield from bars(placed, scale, x=page.margin, y=last - 36)


def values(
    placed: Sequence[PlacedStage], scale: CostScale, form: Form, *, x: float, params_y: float, macs_y: float
) -> Iterator[Item]:
    """Two rows of numbers under the middle of each stage, named at the left margin x."""
    if not placed:
        return
    words, small = ("params", scale.heading), 10 if form.bars else form.value
    yield text(x, params_y, words[0], size=small, role="params")
    yield text(x, macs_y, words[1], size=small, role="macs-ink")
    for stage in placed:
        cost = stage.plan.stage.cost
        centre = stage.frame.centre
        params = text(
            centre, params_y, units.params(cost.params), size=form.value, anchor="middle", bold=True
        )
        done = text(centre, macs_y, scale.work(cost), size=form.value, role="dim", anchor="middle")
        yield Group((params, done), stage.plan.stage.stage.path)


def bars(placed: Sequence[PlacedStage], scale: CostScale, *, x: float, y: float) -> Iterator[Item]:
    """Two bars per stage on the baseline y, each with its share; their heading at x."""
    if not placed:
        return
    left = min(stage.frame.x for stage in placed)
    right = max(stage.frame.right for stage in placed)
    yield Line(((left, y), (right, y)), "outline", 1)
    yield text(x, y - 14, "share", size=10, role="dim")
    yield text(x, y - 2, "of all", size=10, role="dim")
    for place in placed:
        pair = Group(tuple(_pair(place.plan.stage.cost, scale, place.frame.centre, y)))
        yield Group((pair,), place.plan.stage.stage.path)


def _pair(cost: Cost, scale: CostScale, centre: float, y: float) -> Iterator[Item]:
    shares, heights = scale.shares(cost), scale.heights(cost)
    apart = _distance(*(width(share, 10, bold=True) for share in shares))
    for side, share, height in zip((-1, 1), shares, heights, strict=True):
        tall = max(1.2, height * TALLEST)
        middle = centre + side * apart / 2
        frame = Frame(middle - _BAR / 2, y - tall, _BAR, tall)
        if side < 0:
            yield Box(frame, "params")
        else:
            yield Box(frame, "macs", "macs-ink", 1)
        role: ColourRole = "params" if side < 0 else "macs-ink"
        yield text(middle, y - tall - 4, share, size=10, role=role, anchor="middle", bold=True)


def _distance(first: float, second: float) -> float:
    """Between the centres of two bars, so that their labels stay apart."""
    return max(28.0, (first + second) / 2 + 2)


_FIRST = 11.0


def foot_of(count: int, form: Form) -> float:
    """What a box needs below its glyphs for that many rails."""
    return count * (form.size + 2)


def rails(row: StripRow, widths: tuple[int, int], form: Form) -> Iterator[Item]:
    """Both rails, away from the line on which the glyphs stand or hang; without those that no block reads."""
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
        blocks = stage.slots or [(block, stage.frame) for block in stage.plan.stage.blocks]
        yield from {frame.centre for block, frame in blocks if (block.times, block.texts)[index]}


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


def plans_of(chain: Chain, scale: CostScale, form: Form) -> list[StagePlan]:
    """Every stage with its size labels and the least width that these, its name and its costs need."""
    entries = [_label(stage.input, form) for stage in chain.stages]
    exits = [_label(stage.output, form) for stage in chain.stages]
    last = len(chain.stages) - 1
    plans = []
    for index, stage in enumerate(chain.stages):
        entry = exits[index - 1] if index else entries[0]
        plan = StagePlan(stage, entry, exits[index], 0)
        inwards = 0.0 if index else _inwards(plan.entry, form, form.lead, end=chain.inlet is not None)
        if index == last:
            inwards += _inwards(plan.exit, form, form.out, end=chain.outlet is not None)
        least = max(_least(plan, stage, scale, form, inwards=inwards), _pills(chain, index, form))
        plans.append(replace(plan, least=least))
    return plans


def to_scale(plans: Sequence[StagePlan], form: Form, *, room: float, ends: int) -> list[StagePlan]:
    """The stages with all of the room: an equal part for each, the rest by their parameters."""
    equal = max((plan.least for plan in plans), default=0.0)
    spread = [replace(plan, least=equal) for plan in plans]
    spare = room - 0.01 - row_width(spread, 0, form, ends=ends, gap=form.gap)
    whole = sum(plan.stage.cost.params for plan in plans) or 1
    return [replace(plan, least=equal + max(0.0, spare) * plan.stage.cost.params / whole) for plan in spread]


def _inwards(label: Sequence[str], form: Form, arrow: float, *, end: bool) -> float:
    """How far the margin pushes the first or last size label: by what would stand outside the page."""
    beyond = arrow + (form.end + form.gap / 2 if end else -form.gap / 2)
    return max(0.0, label_width(label, form) / 2 - beyond)


def _least(plan: StagePlan, stage: StageBlocks, scale: CostScale, form: Form, *, inwards: float) -> float:
    labels = between_labels(plan.entry, plan.exit, form) - form.gap + inwards
    name = width(stage.stage.name, form.name, bold=True) + (10 if form.pad > 4 else 5)
    depth = width(depth_of(stage), form.size) + 5 if form.depths else 0.0
    return max(labels, name, depth, least_width(stage.cost, scale, form))


def _pills(chain: Chain, index: int, form: Form) -> float:
    """What the pills of merged skips need above a box, equal ones as one; those of single ones may
    stand closer."""
    if form.opened or form.low:
        return 0.0
    entering: Counter[int] = Counter()
    for _, target, channels, count in merged_skips(chain):
        entering[channels] += count if target == index else 0
    wires = [Wire(0, 0, 0, channels, count) for channels, count in entering.items() if count]
    return max(0.0, pills_width(wires) - form.gap)


def _label(shape: Shape | None, form: Form) -> tuple[str, ...]:
    """C×H×W, or C over H×W."""
    if not shape:
        return ()
    if form.two_lines and len(shape) > 2:
        return (str(shape[1]), sides(shape))
    return (units.dimensions(shape),)
