"""The strip with its blocks opened: one band per stage, read like lines of text, skips as brackets at
the right. Lanes nest, so that neither they nor the flow from band to band ever cross."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from unetscope.choices import Look
from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.names import names
from unetscope.layout.measure import text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import arrow, stage_tooltip
from unetscope.layout.parts.opened_block import opened_block
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.layout.strip.band_places import END, FLOW, Band, BandLine, BandSlot, Room, bands_of, room_of
from unetscope.layout.strip.band_skips import skip_brackets
from unetscope.model import Architecture
from unetscope.words import units

_NAME, _SIZE = 12.0, 10.5


def ladder(
    architecture: Architecture, chain: Chain, scale: CostScale, page: Page, look: Look, *, top: float
) -> tuple[list[Item], float]:
    """All bands with flow and skips, and the y below them."""
    room = room_of(chain, page)
    bands, y = bands_of(chain, room, top=top)
    items: list[Item] = []
    for band in bands:
        items += _band(architecture, band, scale, look)
    ends = _ends(chain, bands, room)
    items += [opened_block(block, frame, names(architecture, block)) for block, frame in ends]
    items += _flow(bands, [frame for _, frame in ends], room)
    items += skip_brackets(bands, ends, room)
    return items, y


def _band(architecture: Architecture, band: Band, scale: CostScale, look: Look) -> Iterator[Item]:
    """The box of a stage with its name and numbers at the foot, and its blocks."""
    stage, frame = band.stage, band.frame
    foot = (Box(frame, "card", "outline", 1.2, radius=7), *_foot(band, scale))
    yield Group(foot, stage.stage.path, stage_tooltip(stage))
    for line in band.lines:
        for block, slot in line.slots:
            words = names(architecture, block, placed=look.width == "full")
            yield opened_block(block, slot, words)


def _foot(band: Band, scale: CostScale) -> Iterator[Item]:
    """Name, costs with shares, and the sizes at both ends if there is room."""
    stage, frame = band.stage, band.frame
    x, y = frame.x + 8, frame.bottom - 6
    params, work = scale.shares(stage.cost)
    yield text(x, y, stage.stage.name, size=_NAME, bold=True, frame=frame)
    x += width(stage.stage.name, _NAME, bold=True) + 10
    costs: tuple[tuple[str, ColourRole], ...] = (
        (f"{units.params(stage.cost.params)} · {params}", "params"),
        (f"{scale.work_with_unit(stage.cost)} · {work}", "macs-ink"),
    )
    for words, role in costs:
        yield text(x, y, words, size=_SIZE, role=role, bold=True, frame=frame)
        x += width(words, _SIZE, bold=True) + 12
    sizes = [units.dimensions(shape) for shape in (stage.input, stage.output) if shape]
    for label in (" → ".join(sizes), sizes[-1] if sizes else ""):
        if label and width(label, _SIZE) <= frame.right - 8 - x:
            yield text(frame.right - 8, y, label, size=_SIZE, role="dim", anchor="end", frame=frame)
            return


def _ends(chain: Chain, bands: Sequence[Band], room: Room) -> list[BandSlot]:
    """The convolutions in the gutters beside the first and the last line."""
    slots: list[BandSlot] = []
    if chain.inlet and bands:
        slots.append((chain.inlet, _beside(bands[0].lines[0], room.x - END - 9)))
    if chain.outlet and bands:
        slots.append((chain.outlet, _beside(bands[-1].lines[-1], room.right + 9)))
    return slots


def _beside(line: BandLine, x: float) -> Frame:
    """A frame in the gutter, as high as a line."""
    return Frame(x, line.middle - line.high / 2, END, line.high)


def _flow(bands: Sequence[Band], ends: Sequence[Frame], room: Room) -> Iterator[Item]:
    """Into the first band, from each band back to the next one, between lines of one band, and out."""
    if not bands:
        return
    out = 10.0
    first, last = bands[0], bands[-1]
    start = [frame for frame in ends if frame.x < room.x]
    stop = [frame for frame in ends if frame.x > room.right]
    middle, final = first.lines[0].middle, last.lines[-1].middle
    left = start[0].x if start else first.frame.x
    yield arrow((left - 8, middle), (left - 0.5, middle))
    if start:
        yield arrow((start[0].right, middle), (first.frame.x - 0.5, middle))
    for above, below in pairwise(bands):
        y = above.frame.bottom + FLOW / 2 + 0.5
        yield _back(above.frame.right, above.lines[-1].middle, y, below.frame.x, below.lines[0].middle, out)
    for band in bands:
        yield from _between_lines(band)
    right = stop[0].right if stop else last.frame.right
    if stop:
        yield arrow((last.frame.right, final), (stop[0].x - 0.5, final))
    yield arrow((right, final), (right + 8, final))


def _between_lines(band: Band) -> Iterator[Item]:
    """The flow from the end of a line back to the next line of the same band."""
    for above, below in pairwise(band.lines):
        source, target = above.slots[-1][1], below.slots[0][1]
        y = source.bottom + FLOW / 2 + 0.5
        yield _back(source.right, above.middle, y, target.x, below.middle, 4.5)


def _back(x: float, y: float, turn: float, to: float, end: float, out: float) -> Line:
    points = ((x, y), (x + out, y), (x + out, turn), (to - out, turn), (to - out, end), (to - 0.5, end))
    return Line(points, "flow", 1.5, 5, head=min(7.0, out))
