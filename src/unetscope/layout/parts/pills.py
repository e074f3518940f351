"""Channel counts in pills: on falling lines that stand too close for numbers of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import inf

from unetscope.layout.measure import centred, width
from unetscope.layout.scene import Box, Frame, Item

PILL_HEIGHT = 15.0
_PILL_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Wire:
    """A skip in its place: x of its source and its target, the stage it enters, and its channels.

    `count` says how many skips of the same two stages are drawn as one, `name` what they are called."""

    source: float
    target: float
    stage: int
    channels: int
    count: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pill:
    """A channel count on `count` falling lines around x."""

    x: float
    channels: int
    count: int

    @property
    def label(self) -> str:
        return str(self.channels) if self.count == 1 else f"{self.count} × {self.channels}"

    @property
    def width(self) -> float:
        return width(self.label, 10) + 10


def pills(wires: Sequence[Wire], *, right: float = inf) -> list[Pill]:
    """The channel counts above the targets: where two of a stage touch, equal neighbours become one.

    None reaches beyond `right`, where something else may stand.
    """
    pill_list: list[Pill] = []
    for _, group in groupby(sorted(wires, key=lambda wire: wire.target), key=lambda wire: wire.stage):
        single = [Pill(wire.target, wire.channels, wire.count) for wire in group]
        pill_list += _merged(single) if any(_touch(a, b) for a, b in pairwise(single)) else single
    return _within(_apart(pill_list), right)


def pills_width(wires: Sequence[Wire]) -> float:
    """The room that the pills of wires need side by side, with a gap behind each."""
    return sum(Pill(0, wire.channels, wire.count).width + _PILL_GAP for wire in wires)


def draw_pills(pills: Sequence[Pill], *, y: float) -> Iterator[Item]:
    """The pills with their centres at y."""
    for pill in pills:
        frame = Frame(pill.x - pill.width / 2, y - PILL_HEIGHT / 2, pill.width, PILL_HEIGHT)
        yield Box(frame, "background", "skip", 1, radius=PILL_HEIGHT / 2)
        yield centred(frame, pill.label, size=10, role="dim")


def _merged(single: list[Pill]) -> list[Pill]:
    merged = []
    for channels, group in groupby(single, key=lambda pill: pill.channels):
        run = list(group)
        count = sum(pill.count for pill in run)
        merged.append(Pill(sum(pill.x for pill in run) / len(run), channels, count))
    return merged


def _touch(a: Pill, b: Pill) -> bool:
    return b.x - a.x < (a.width + b.width) / 2 + _PILL_GAP


def _within(pills: list[Pill], right: float) -> list[Pill]:
    """The pills with those beyond `right` moved back, and their neighbours before them."""
    for index in reversed(range(len(pills))):
        pill = pills[index]
        if pill.x + pill.width / 2 <= right:
            break
        pills[index] = replace(pill, x=right - pill.width / 2)
        right = pills[index].x - pill.width / 2 - _PILL_GAP
    return pills


def _apart(pills: list[Pill]) -> list[Pill]:
    """The pills, moved as little as needed so that none touches its neighbour."""
    for _ in range(40):
        for index in range(len(pills) - 1):
            a, b = pills[index], pills[index + 1]
            short = (a.width + b.width) / 2 + _PILL_GAP - (b.x - a.x)
            if short > 0.01:
                pills[index], pills[index + 1] = replace(a, x=a.x - short / 2), replace(b, x=b.x + short / 2)
    return pills
