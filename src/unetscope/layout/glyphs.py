"""How one block looks at any size: its fill, letter, sign, badges and what a tooltip says of it."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope import units
from unetscope.layout.blocks import Block, BlockKind
from unetscope.layout.measure import centred, text, width
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Group, Item, Line

FILLS: dict[BlockKind, tuple[ColourRole, ColourRole]] = {
    "residual": ("residual", "residual-ink"),
    "attention": ("attention", "attention-ink"),
    "conv": ("conv", "conv-ink"),
    "down": ("conv", "conv-ink"),
    "up": ("conv", "conv-ink"),
    "concat": ("concat", "concat-ink"),
    "other": ("other", "other-ink"),
}
"""Fill, and ink for letter and outline, of each kind of block."""

RADIUS = 2.5
_LETTERED = 7.0


def glyph(block: Block, frame: Frame) -> Group:
    """A narrow upright glyph as the strip shows it."""
    return Group((*_body(block, frame, radius=RADIUS), *_marks(block, frame)), block.path, tooltip(block))


def tooltip(block: Block) -> str:
    """What a block is, in one line."""
    if block.skip is not None:
        return f"concatenates {units.dimensions(block.skip.shape)} from {block.skip.source}"
    layers = f" ×{block.repeat}" if block.repeat > 1 else ""
    cost = f"{units.params(block.cost.params)} params, {units.macs(block.cost.macs)}"
    return f"{block.path} · {block.type}{layers} · {cost}"


def badge_time(x: float, y: float, *, size: float, lettered: bool) -> Iterator[Item]:
    """The disc on what adds the time embedding; its letter needs 12 px."""
    yield Circle(x, y, size / 2, "time")
    if lettered:
        frame = Frame(x - size / 2, y - size / 2, size, size)
        yield centred(frame, "t", size=10, role="background", bold=True, dy=-0.4)


def badge_text(x: float, y: float, *, size: float, lettered: bool) -> Iterator[Item]:
    """The square on what reads the text; its letter needs 12 px."""
    frame = Frame(x - size / 2, y - size / 2, size, size)
    yield Box(frame, "context", radius=3 if lettered else 0.6)
    if lettered:
        yield centred(frame, "c", size=10, role="background", bold=True, dy=-0.6)


def concat_sign(x: float, y: float, *, size: float, role: ColourRole) -> Iterator[Item]:
    """⧺ as lines: fonts that have the character are rare."""
    half = size / 2
    for dx in (-0.24 * size, 0.24 * size):
        yield Line(((x + dx, y - 0.62 * size), (x + dx, y + 0.62 * size)), role, 1.1)
    yield Line(((x - half, y), (x + half, y)), role, 1.1)


def resampling_arrow(x: float, y: float, *, length: float, up: bool, role: ColourRole) -> Line:
    """The arrow of ↓ and ↑."""
    half = length / 2 * (-1 if up else 1)
    return Line(((x, y - half), (x, y + half)), role, 1.5, head=6)


def _body(block: Block, frame: Frame, *, radius: float) -> Iterator[Item]:
    fill, ink = FILLS[block.kind]
    outline = None if block.kind == "concat" else ink
    yield Box(frame, fill, outline, 1.1, radius=min(radius, 1.5) if outline is None else radius,
              dashed=block.kind == "other")  # fmt: skip


def _marks(block: Block, frame: Frame) -> Iterator[Item]:
    """Letter or sign in the middle, badges at the foot."""
    ink = FILLS[block.kind][1]
    x, y = frame.centre, frame.middle
    if block.kind == "concat":
        yield from concat_sign(x, y, size=min(6, frame.width - 1), role=ink)
    elif block.kind in ("down", "up"):
        yield resampling_arrow(x, y, length=17, up=block.kind == "up", role=ink)
    elif block.repeat > 1 and frame.width >= stack_width(block.repeat):
        yield centred(frame, block.letter, size=10, role=ink, bold=True, dy=-7)
        yield centred(frame, f"×{block.repeat}", size=10, role=ink, dy=5.5)
    elif frame.width >= _LETTERED:
        yield from _letter(block, frame)
        if block.resamples:
            yield resampling_arrow(x, y + 8, length=14, up=block.resamples == "up", role=ink)
    yield from _badges(block, frame)


def _letter(block: Block, frame: Frame) -> Iterator[Item]:
    """The glyph letter at 10 px, or as large as fits: it only repeats what the legend says."""
    natural = width(block.letter, 10, bold=True)
    size = min(10.0, 10 * (frame.width - 0.9) / natural) if natural else 10
    dy = -7 if block.times or block.texts or block.resamples else 0
    yield text(frame.centre, frame.middle + size * 0.355 + dy, block.letter, size=size, anchor="middle",
               role=FILLS[block.kind][1], bold=True, frame=frame)  # fmt: skip


def _badges(block: Block, frame: Frame) -> Iterator[Item]:
    places = [frame.bottom - 7.0]
    if block.times and block.texts:
        places.append(frame.bottom - 14.5)
    if block.texts:
        yield from badge_text(frame.centre, places[0], size=6, lettered=False)
    if block.times:
        yield from badge_time(frame.centre, places[-1], size=6, lettered=False)


def stack_width(repeat: int) -> float:
    """How wide a glyph must be to show its ×N at 10 px."""
    return width(f"×{repeat}", 10) + 1
