"""Beside and below a U: names and costs of the stages in the outer gutters, and the card of what
stands outside the stages."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope import units
from unetscope.analysis.kinds import outside_cost
from unetscope.layout.blocks import Chain, StageBlocks
from unetscope.layout.costs import Scale
from unetscope.layout.measure import text, width
from unetscope.layout.page import CONTENT, MARGIN, RIGHT
from unetscope.layout.scene import Box, ColourRole, Frame, Item
from unetscope.layout.stem import Part, badge, parts
from unetscope.model import Architecture, total

_GUTTER = 119.0
_BAR = 104.0
_SIZE = 10.0
_COLUMNS = 4

_PREDICTED = {"epsilon": "predicted noise", "v_prediction": "predicted v", "sample": "predicted sample"}


def gutter(stage: StageBlocks, on: Scale, frame: Frame, *, left: bool) -> Iterator[Item]:
    """Name, parameters and cost with their bars beside a stage's box; no bars beside a low one."""
    low = frame.height < 80
    x = frame.x - 10 if left else frame.right + 10
    y = frame.middle - (9 if low else 24)
    anchor: str = "end" if left else "start"
    yield text(x, y, stage.stage.name, size=12.5 if low else 14, anchor="end" if left else "start", bold=True,
               limit=_GUTTER)  # fmt: skip
    y += 14 if low else 17
    roles: tuple[tuple[ColourRole, ColourRole], ...] = (("params", "params"), ("macs-ink", "macs"))
    for words, part, (ink, fill) in zip(_words(stage, on), on.heights(stage.cost), roles, strict=True):
        yield text(x, y, words, size=_SIZE, role=ink, anchor="end" if left else "start", bold=True)
        if not low:
            wide = max(1.5, _BAR * part)
            bar = Frame(x - wide if anchor == "end" else x, y + 5, wide, 8)
            yield Box(bar, fill, ink, 1, hatch=ink if fill == "macs" else None)
        y += 13 if low else 26


def mid_heading(stage: StageBlocks, on: Scale, frame: Frame) -> Iterator[Item]:
    """Name and costs inside the box of the mid stage."""
    params, work = _words(stage, on)
    right = frame.right - 10
    yield text(frame.x + 10, frame.y + 18, stage.stage.name, size=13.5, bold=True, frame=frame)
    yield text(right, frame.y + 17, work, size=_SIZE, role="macs-ink", anchor="end", bold=True, frame=frame)
    x = right - width(work, _SIZE, bold=True) - 14
    yield text(x, frame.y + 17, params, size=_SIZE, role="params", anchor="end", bold=True, frame=frame)


def outside_card(
    architecture: Architecture, drawn: Chain, on: Scale, *, y: float
) -> tuple[list[Item], float]:
    """A card with every module outside the stages, and the y below it."""
    shown = _joined(parts(architecture, drawn))
    rows = max(1, -(-len(shown) // _COLUMNS))
    frame = Frame(MARGIN, y, CONTENT, 5 + 36 * rows)
    cost = outside_cost(architecture)
    items: list[Item] = [Box(frame, "card", "line", 1, radius=10)]
    items.append(text(frame.x + 14, y + 17, "outside the stages", size=10.5, bold=True, frame=frame))
    below = f"{units.params(cost.params)} · {on.work_with_unit(cost)}"
    items.append(text(frame.x + 14, y + 31, below, size=10.5, role="dim", frame=frame, limit=124))
    wide = (RIGHT - 8 - (frame.x + 150)) / min(_COLUMNS, max(1, len(shown)))
    for index, part in enumerate(shown):
        x = frame.x + 150 + wide * (index % _COLUMNS)
        items += _part(part, x, y + 20.5 + 36 * (index // _COLUMNS), wide - 34, frame)
    return items, frame.bottom


def given(architecture: Architecture) -> str:
    """What the network is given: "noisy latent" where that is known."""
    groups = architecture.facts.input_channels
    return groups[0].name if len(groups) == 1 else "input"


def groups(architecture: Architecture) -> str:
    """What the channels of the input hold where it is more than one thing: "4 latent + 1 mask"."""
    found = architecture.facts.input_channels
    return " + ".join(f"{group.count} {group.name}" for group in found) if len(found) > 1 else ""


def made(architecture: Architecture) -> str:
    """What the network predicts, where that is known."""
    return _PREDICTED.get(architecture.facts.prediction_type or "", "output")


def _words(stage: StageBlocks, on: Scale) -> tuple[str, str]:
    """Parameters and cost with their shares; without the unit's name where that would be too wide."""
    params, macs = on.shares(stage.cost)
    work = f"{on.work_with_unit(stage.cost)} · {macs}"
    if width(work, _SIZE, bold=True) > _GUTTER:
        work = f"{on.work(stage.cost)} · {macs}"
    return f"{units.params(stage.cost.params)} · {params}", work


def _joined(found: list[Part]) -> list[Part]:
    """The parts, both ends of the network as one."""
    ends = [part for part in found if part.badge == "conv"]
    if len(ends) < 2:
        return found
    names = [path for part in ends for path in part.paths if "conv" in path and "norm" not in path]
    joined = Part("conv", " · ".join(names), "", total(part.cost for part in ends))
    return [part for part in found if part.badge != "conv"] + [joined]


def _part(part: Part, x: float, y: float, room: float, frame: Frame) -> Iterator[Item]:
    yield from badge(part.badge, x + 8, y)
    yield text(x + 22, y - 3.5, part.name, size=10.5, frame=frame, limit=room)
    count = units.params(part.cost.params) if part.cost.params else ""
    steps = part.detail.split(" → ")
    detail = f"{steps[0]} → {steps[-1]}" if len(steps) > 2 else part.detail
    words = f"{count} · {detail}" if count and detail else count or detail
    if width(words, 10.5) > room:
        words = count or detail.partition(",")[0]
    yield text(x + 22, y + 10.5, words, size=10.5, role="dim", frame=frame, limit=room)
