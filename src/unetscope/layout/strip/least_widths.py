"""What each stage of a strip needs at least: for its name, its size labels and its costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from unetscope import units
from unetscope.layout.chain.blocks import Chain, StageBlocks
from unetscope.layout.chain.ends import sides
from unetscope.layout.measure import width
from unetscope.layout.parts.pills import Wire, pills_width
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.strip import costs
from unetscope.layout.strip.skips import merged_skips
from unetscope.layout.strip.widths import Form, StagePlan, between_labels, label_width, row_width
from unetscope.sizes import Shape


def plans_of(drawn: Chain, on: CostScale, form: Form) -> list[StagePlan]:
    """Every stage with its size labels and the least width that these, its name and its costs need."""
    entries = [_label(stage.input, form) for stage in drawn.stages]
    exits = [_label(stage.output, form) for stage in drawn.stages]
    plans = []
    for index, stage in enumerate(drawn.stages):
        entry = exits[index - 1] if index else entries[0]
        plan = StagePlan(stage, entry, exits[index], 0)
        first, last = index == 0, index == len(drawn.stages) - 1
        least = max(_least(plan, stage, on, form, first=first, last=last), _pills(drawn, index, form))
        plans.append(replace(plan, least=least))
    return plans


def to_scale(plans: Sequence[StagePlan], form: Form, *, room: float, ends: int) -> list[StagePlan]:
    """The stages with all of the room: an equal part for each, the rest by their parameters."""
    equal = max((plan.least for plan in plans), default=0.0)
    spread = [replace(plan, least=equal) for plan in plans]
    spare = room - 0.01 - row_width(spread, 0, form, ends=ends, gap=form.gap)
    whole = sum(plan.stage.cost.params for plan in plans) or 1
    return [replace(plan, least=equal + max(0.0, spare) * plan.stage.cost.params / whole) for plan in spread]


def _least(
    plan: StagePlan, stage: StageBlocks, on: CostScale, form: Form, *, first: bool, last: bool
) -> float:
    labels = between_labels(plan.entry, plan.exit, form) - form.gap
    # At the margins a size label is pushed inwards by what would stand outside the page.
    inset = form.lead + form.end + form.gap / 2
    after = form.out + form.end + form.gap / 2
    labels += max(0.0, label_width(plan.entry, form) / 2 - inset) if first else 0
    labels += max(0.0, label_width(plan.exit, form) / 2 - after) if last else 0
    name = width(stage.stage.name, form.name, bold=True) + (10 if form.pad > 4 else 5)
    return max(labels, name, costs.least_width(stage.cost, on, form))


def _pills(drawn: Chain, index: int, form: Form) -> float:
    """What the pills of merged skips need above a box, equal ones as one; those of single ones may
    stand closer."""
    if form.opened or form.low:
        return 0.0
    entering: Counter[int] = Counter()
    for _, target, channels, count in merged_skips(drawn):
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
