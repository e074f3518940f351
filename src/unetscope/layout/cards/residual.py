"""Inside R: the layers of the residual blocks of one network, in the order of execution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from unetscope.cost import total
from unetscope.families.module_names import is_shortcut
from unetscope.layout.cards.elements import cell, down, heading, loop, under_heading
from unetscope.layout.chain.blocks import Block
from unetscope.layout.chain.conditioning import conditioned
from unetscope.layout.chain.modules import kernel, path_order
from unetscope.layout.measure import centred, text, width
from unetscope.layout.parts.glyphs import badge_time, plus
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Item
from unetscope.model import Architecture, Node

_HEIGHT, _PITCH = 28.0, 43.0
_TOP, _FOOT = 63.0, 30.0


@dataclass(frozen=True, slots=True)
class ResidualLayer:
    """One layer: its words, how it is drawn, and whether a norm reads the time."""

    kind: Literal["norm", "conv", "time", "resample"]
    words: str
    times: bool = False


def residual_card(
    architecture: Architecture, blocks: Sequence[Block], scale: CostScale, frame: Frame
) -> Iterator[Item]:
    """The card. `blocks` are all residual blocks; the most usual class of them is shown."""
    usual = Counter(block.type for block in blocks).most_common(1)[0][0]
    alike = [block for block in blocks if block.type == usual]
    cost = total(block.cost for block in blocks)
    below = f"{usual} ×{len(alike)}"
    yield from heading(frame, "Inside R", below, cost, scale)
    steps = _steps(architecture, alike[0].path)
    yield from _flow(steps, under_heading(frame, below, cost, scale), _shortcut(architecture, alike))


def _flow(steps: Sequence[ResidualLayer], frame: Frame, shortcut: str) -> Iterator[Item]:
    space = frame.height - _TOP - _FOOT
    pitch = min(_PITCH, space / max(1, len(steps)))
    high = min(_HEIGHT, pitch - 10)
    x, wide = frame.x + frame.width * 0.527, min(150.0, frame.width - 76)
    top = frame.y + _TOP + (space - pitch * len(steps)) / 2
    sum_y = top + pitch * len(steps) + 4
    left = max(frame.x + 20, x - wide / 2 - 24)
    yield loop(x, top - 11, left, sum_y)
    yield text(x + 9, top - 7.5, "C in × H × W", size=10, role="dim", frame=frame)
    ys = [top + pitch * index for index in range(len(steps))]
    yield down(x, top - 16, top - 0.5)
    for step, y in zip(steps, ys, strict=True):
        yield from _step(step, Frame(x - wide / 2, y, wide, high))
    for y, after in pairwise([*ys, sum_y - 5.5]):
        yield down(x, y + high, after - 0.5)
    yield from plus(x, sum_y)
    yield down(x, sum_y + 5.5, sum_y + 16)
    yield text(x + 13, sum_y + 3.7, "C × H × W", size=10, role="dim", frame=frame)
    if shortcut:
        yield text(left - 5, (top + sum_y) / 2, shortcut, size=10, role="dim", anchor="middle", upright=True)


def _step(step: ResidualLayer, frame: Frame) -> Iterator[Item]:
    if step.kind == "time":
        yield Box(frame, None, "time", 1.1, radius=4, dashed=True)
        yield centred(frame, step.words, size=10.5, role="time")
        yield from badge_time(frame.right, frame.middle, size=16, lettered=True)
        return
    bold = step.kind == "conv"
    fill: ColourRole = "residual" if bold else "conv"
    ink: ColourRole = "conv-ink" if step.kind == "resample" else "residual-ink"
    words, below = step.words, ""
    if step.times and width(words, 10.5) > frame.width - 20:  # it would run under the badge
        words, _, below = words.rpartition(" · ")
    yield from cell(frame, words, fill=fill, ink=ink, below=below, bold=bold)
    if step.times:
        yield from badge_time(frame.right, frame.middle, size=16, lettered=True)


def _steps(architecture: Architecture, path: str) -> list[ResidualLayer]:
    """The layers on the main path of one block; an activation joins the norm before it."""
    order = path_order(architecture, path)
    reads = conditioned(architecture)
    steps: list[ResidualLayer] = []
    convolutions = 0
    for before, node, after in zip([None, *order], order, [*order[1:], None], strict=False):
        if is_shortcut(node.path) or node.kind in ("dropout", "identity"):
            continue
        if node.kind == "norm":
            timed = "time" in reads.get(node.path, frozenset())
            steps.append(ResidualLayer("norm", _normed(node, after), timed))
        elif node.kind == "conv":
            convolutions += 1
            steps.append(
                ResidualLayer(
                    "conv", f"conv {kernel(node.attributes)} · {'C in' if convolutions == 1 else 'C'} → C"
                )
            )
        elif node.kind == "linear":
            steps.append(ResidualLayer("time", _timed(architecture, node, path)))
        elif node.kind == "activation" and before is not None and before.kind == "linear":
            steps.append(ResidualLayer("norm", node.type))
        elif node.kind in ("downsample", "upsample"):
            steps.append(ResidualLayer("resample", node.kind))
    return steps


def _normed(node: Node, after: Node | None) -> str:
    groups = node.attributes.get("num_groups")
    words = f"{node.type} {groups}" if groups else node.type
    return f"{words} · {after.type}" if after is not None and after.kind == "activation" else words


def _timed(architecture: Architecture, node: Node, path: str) -> str:
    """How the time embedding comes in: added, or as scale and shift of what a norm made."""
    inputs, outputs = node.attributes.get("in_features"), node.attributes.get("out_features")
    shape = architecture.by_path[path].output
    twice = shape is not None and isinstance(outputs, int) and outputs == 2 * shape[1]
    return "× (1 + scale) + shift" if twice else f"+ linear {inputs} → C"


def _shortcut(architecture: Architecture, blocks: Sequence[Block]) -> str:
    """What the residual connection does: "1×1 conv if C in ≠ C" where only some blocks have one."""
    having = [
        child
        for block in blocks
        for child in architecture.children[block.path]
        if is_shortcut(child.path) and child.kind == "conv"
    ]
    if not having:
        return ""
    words = f"{kernel(having[0].attributes)} conv"
    return words if len(having) == len(blocks) else f"{words} if C in ≠ C"
