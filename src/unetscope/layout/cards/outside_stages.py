"""A low card with every module outside the stages, for pictures without the card of the stem."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.analysis.cost.by_kind import outside_cost
from unetscope.cost import Cost, total
from unetscope.layout.cards.outside_parts import StemPart, parts
from unetscope.layout.cards.stem import badge
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, Frame, Item
from unetscope.model import Architecture
from unetscope.words import units

_COLUMNS, _WIDE = 4, 180.0
"""Parts side by side: four, or as many as have this room each."""


def outside_card(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """A card with every module outside the stages, and the y below it; none where nothing stands there."""
    modules = _joined(parts(architecture, chain))
    if not modules and outside_cost(architecture) == Cost():
        return [], y - 14
    room = page.right - 8 - (page.margin + 150)
    longest = max((_least(part) for part in modules), default=0.0) + 38
    columns = max(_COLUMNS, int((page.content - 158) // _WIDE))
    columns = max(1, min(columns, int(room // longest)))
    rows = max(1, -(-len(modules) // columns))
    frame = Frame(page.margin, y, page.content, 5 + 36 * rows)
    cost = outside_cost(architecture)
    items: list[Item] = [Box(frame, "card", "line", 1, radius=10)]
    items.append(text(frame.x + 14, y + 17, "outside the stages", size=10.5, bold=True, frame=frame))
    below = f"{units.params(cost.params)} · {scale.work_with_unit(cost)}"
    items.append(text(frame.x + 14, y + 31, below, size=10.5, role="dim", frame=frame, limit=124))
    wide = room / min(columns, max(1, len(modules)))
    for index, part in enumerate(modules):
        x = frame.x + 150 + wide * (index % columns)
        items += _part(part, x, y + 20.5 + 36 * (index // columns), wide - 34, frame)
    return items, frame.bottom


def _least(part: StemPart) -> float:
    """The room that a part's name needs, and what it is made of where it holds no parameters."""
    below = "" if part.cost.params else part.detail.partition(",")[0]
    return max(width(part.name, 10.5), width(below, 10.5))


def _joined(parts: list[StemPart]) -> list[StemPart]:
    """The parts, both ends of the network as one."""
    ends = [part for part in parts if part.badge == "conv"]
    if len(ends) < 2:
        return parts
    names = [path for part in ends for path in part.paths if "conv" in path and "norm" not in path]
    named = " · ".join(names) or f"{len(ends)} at the ends and between stages"
    joined = StemPart("conv", named, "", total(part.cost for part in ends))
    return [part for part in parts if part.badge != "conv"] + [joined]


def _part(part: StemPart, x: float, y: float, room: float, frame: Frame) -> Iterator[Item]:
    yield from badge(part.badge, x + 8, y)
    yield text(x + 22, y - 3.5, part.name, size=10.5, frame=frame, limit=room)
    count = units.params(part.cost.params) if part.cost.params else ""
    steps = part.detail.split(" → ")
    detail = f"{steps[0]} → {steps[-1]}" if len(steps) > 2 else part.detail
    words = f"{count} · {detail}" if count and detail else count or detail
    if width(words, 10.5) > room:
        words = count or detail.partition(",")[0]
    yield text(x + 22, y + 10.5, words, size=10.5, role="dim", frame=frame, limit=room)
