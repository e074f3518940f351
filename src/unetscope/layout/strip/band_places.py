"""The bands of a ladder in their places: a stage each, its opened blocks in as many lines as they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Block, Chain, StageBlocks
from unetscope.layout.page import Page
from unetscope.layout.parts.opened_block import NARROWEST, WIDEST, height, opened_width
from unetscope.layout.parts.pills import PILL_HEIGHT
from unetscope.layout.scene import Frame
from unetscope.model import Skip
from unetscope.paths import is_within

END = 16.5
"""Width of the convolutions at the ends."""
PAD = 8.0
FLOW = 11.0
"""Above a line: the flow that comes back from the right."""
_BETWEEN = 5.0
_FOOT = 19.0
"""Below the blocks of a band: its name and numbers."""
_LANE, _LANES_PAD = 4.5, 8.0

BandSlot = tuple[Block, Frame]


@dataclass(frozen=True, slots=True)
class BandLine:
    """Blocks side by side, `high` px high, and the y of the first lane above them."""

    slots: tuple[BandSlot, ...]
    lanes: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Band:
    """A stage in its place."""

    stage: StageBlocks
    frame: Frame
    lines: tuple[BandLine, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """Where bands stand: from x to right, gutters beside them; the width of a layer, the pitch of lanes."""

    x: float
    right: float
    gutter: float
    wide: float
    pitch: float

    @property
    def content(self) -> float:
        return self.right - self.x - 2 * PAD


def room_of(chain: Chain, page: Page) -> Room:
    """The room on a page: the widest layers at which every stage stands on one line, else the narrowest."""
    count = sum(block.skip is not None for block in chain.blocks())
    pitch = _pitch(count)
    gutter = END + 18
    right = page.right - gutter - (pitch * count + _LANES_PAD if count else 0)
    room = Room(page.margin + gutter, right, gutter, NARROWEST, pitch)
    wide = WIDEST
    while wide > NARROWEST and any(
        natural_width(stage.blocks, wide) > room.content for stage in chain.stages
    ):
        wide -= 0.25
    return Room(room.x, right, gutter, max(wide, NARROWEST), pitch)


def least_width(chain: Chain, wide: float) -> float:
    """The width of a page, without margins, on which every stage stands on one line."""
    count = sum(block.skip is not None for block in chain.blocks())
    stages = max((natural_width(stage.blocks, wide) for stage in chain.stages), default=0.0)
    return stages + 2 * PAD + 2 * (END + 18) + _pitch(count) * count + _LANES_PAD + 1


def _pitch(count: int) -> float:
    """The distance of lanes: less where there are many."""
    return max(3.5, min(_LANE, 60 / max(1, count)))


def natural_width(blocks: Sequence[Block], wide: float) -> float:
    """The width of blocks side by side where a layer is `wide` px wide."""
    return sum(opened_width(block, wide) for block in blocks) + _BETWEEN * max(0, len(blocks) - 1)


def bands_of(chain: Chain, room: Room, *, top: float) -> tuple[list[Band], float]:
    """A band per stage from `top` on, and the y below them."""
    bands: list[Band] = []
    skips = [block.skip for block in chain.blocks() if block.skip is not None]
    y = top
    for index, stage in enumerate(chain.stages):
        early = _made([chain.inlet], skips) if chain.inlet and index == 0 else 0
        bands.append(_band(stage, room, skips, y, early=early))
        y = bands[-1].frame.bottom + FLOW
    return bands, y - FLOW if bands else y


def _made(blocks: Sequence[Block], skips: Sequence[Skip]) -> int:
    """How many skips leave blocks, or modules inside them."""
    return sum(is_within(skip.source, block.path) for block in blocks if block.skip is None for skip in skips)


def _band(stage: StageBlocks, room: Room, skips: Sequence[Skip], y: float, *, early: int) -> Band:
    """One band with its first lane at y; `early` lanes above it begin before the stage."""
    lines: list[BandLine] = []
    top = y
    for index, blocks in enumerate(_broken(stage.blocks, room) or [[]]):
        first = y + (FLOW + 2 if index else 0)
        taken = sum(block.skip is not None for block in blocks)
        count = _made(blocks, skips) + taken + (0 if index else early)
        y = first + room.pitch * count + (PILL_HEIGHT + 5 if taken else 3)
        top = top if index else y
        y += 3 if index else PAD
        high = height(blocks)
        lines.append(BandLine(_slots(blocks, room, y, high), first, y + high / 2, high))
        y += high
    frame = Frame(room.x, top, room.right - room.x, y + _FOOT - top)
    return Band(stage, frame, tuple(lines))


def _broken(blocks: Sequence[Block], room: Room) -> list[list[Block]]:
    """The blocks in as many lines as they need; ⧺ stays with what follows."""
    lines: list[list[Block]] = [[]]
    unit: list[Block] = []
    for block in blocks:
        unit.append(block)
        if block.kind == "concat":
            continue
        if lines[-1] and natural_width([*lines[-1], *unit], room.wide) > room.content:
            lines.append([])
        lines[-1] += unit
        unit = []
    lines[-1] += unit
    return [line for line in lines if line]


def _slots(blocks: Sequence[Block], room: Room, y: float, high: float) -> tuple[BandSlot, ...]:
    slots: list[BandSlot] = []
    x = room.x + PAD
    for block in blocks:
        slots.append((block, Frame(x, y, opened_width(block, room.wide), high)))
        x = slots[-1][1].right + _BETWEEN
    return tuple(slots)
