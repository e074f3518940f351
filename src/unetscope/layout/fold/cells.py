"""The boxes of a folded strip: letter or sign in the flow, marks of what a block reads at the outer side."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.chain.blocks import Block
from unetscope.layout.fold.places import PlacedElement
from unetscope.layout.fold.widths import SIZE, closed_lines, marks_width, shown
from unetscope.layout.measure import text, width
from unetscope.layout.parts.glyphs import (
    badge_context,
    badge_time,
    body,
    colours,
    join_sign,
    on_ground,
    resampling_arrow,
    stage_tooltip,
    tooltip,
)
from unetscope.layout.scene import Box, Circle, Frame, Group, Item
from unetscope.layout.strip.stage_boxes import box_colours

_FROM_EDGE, _PITCH = 10.0, 11.0


def element(element: PlacedElement, flow: float, *, left: bool) -> Item:
    """An element with its blocks, as a part of its stage."""
    if element.element.closed:
        return _closed(element)
    times = f" · {element.element.count} times" if element.element.count > 1 else ""
    cells = tuple(cell(block, frame, flow, left=left, note=times) for block, frame in element.slots)
    return Group(cells, element.element.stage.stage.path if element.element.stage else "")


def cell(block: Block, frame: Frame, flow: float, *, left: bool = True, note: str = "") -> Item:
    """One block, its letter at the x of the flow."""
    ink = colours(block)[1]
    items: list[Item] = [body(block, frame, radius=3.5)]
    if block.kind == "concat":
        items += join_sign(block, flow, frame.middle, size=7, role=ink)
    elif block.kind in ("down", "up"):
        items.append(resampling_arrow(flow, frame.middle, length=12, up=block.kind == "up", role=ink))
    else:
        items += _letter(block, frame, flow, left=left)
        items += _marks(block, frame, left=left)
    return Group(tuple(items), block.path, tooltip(block) + note)


def _letter(block: Block, frame: Frame, flow: float, *, left: bool) -> Iterator[Item]:
    words = shown(block)
    wide = width(words, SIZE, bold=True)
    arrow = 12.0 if block.resamples else 0.0
    x = flow
    if arrow or block.repeat > 1:  # centred in what the marks leave
        taken = marks_width(block)
        middle = (frame.x + taken + frame.right - 3) / 2 if left else (frame.x + 3 + frame.right - taken) / 2
        x = middle - arrow / 2
    ink = colours(block)[1]
    yield text(x, frame.middle + 0.355 * SIZE, words, size=SIZE, role=ink, anchor="middle", bold=True)
    if arrow:
        up = block.resamples == "up"
        yield resampling_arrow(x + wide / 2 + 6, frame.middle, length=11, up=up, role=ink)


def _marks(block: Block, frame: Frame, *, left: bool) -> Iterator[Item]:
    x, step = (frame.x + _FROM_EDGE, _PITCH) if left else (frame.right - _FROM_EDGE, -_PITCH)
    for read, mark in ((block.times, badge_time), (block.texts, badge_context)):
        if read:
            if on_ground(block):
                yield Circle(x, frame.middle, 4.6, "background")
            yield from mark(x, frame.middle, size=6.2, lettered=False)
            x += step


def _closed(element: PlacedElement) -> Item:
    """A stage as one box with what it holds."""
    stage, frame = element.element.stage, element.frame
    assert stage is not None
    fill, ink = box_colours(stage.shade)
    lines = closed_lines(element.element, frame.width)
    first = frame.middle - 15.5 * (len(lines) - 1) / 2 + 0.355 * SIZE
    words = [
        text(frame.centre, first + 15.5 * index, line, size=SIZE, role=ink, anchor="middle", bold=True)
        for index, line in enumerate(lines)
    ]
    return Group((Box(frame, fill, "outline", 1.2, radius=5), *words), stage.stage.path, stage_tooltip(stage))
