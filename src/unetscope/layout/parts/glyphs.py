"""How one block looks at any size: fill, letter, sign, badges, tooltip; arrows; channels as cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from unetscope.cost import Cost
from unetscope.layout.chain.blocks import Block, StageBlocks, State
from unetscope.layout.measure import centred, text, width
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Group, Item, Line, Point
from unetscope.layout.shades import SHADES
from unetscope.vocabulary import GLYPHS, GlyphKind
from unetscope.words import units

_MARKS: dict[State, ColourRole] = {"changed": "gone", "removed": "gone", "renamed": "moved", "added": "new"}

RADIUS = 2.5
_LETTERED = 5.5
_SMALLEST = 7.0
"""No letter is smaller: it could not be read."""
_DASHED = frozenset({"other", "time"})


def own_colours(kind: GlyphKind) -> tuple[ColourRole, ColourRole]:
    """Fill, and ink for letter and outline, of a kind of block."""
    return GLYPHS[kind].fill, GLYPHS[kind].ink


def colours(block: Block) -> tuple[ColourRole, ColourRole, ColourRole | None]:
    """Fill, ink and outline of a block."""
    if block.state:
        return _marked(block)
    if block.shade:
        fill, ink = SHADES[block.shade - 1]
        return fill, ink, "flow"
    fill, ink = own_colours(block.kind)
    return fill, ink, None if block.kind == "concat" else ink


def _marked(block: Block) -> tuple[ColourRole, ColourRole, ColourRole | None]:
    """Its kind's fill for what both have, outlined in the mark's colour; pale for what went."""
    mark = _MARKS.get(block.state)
    if block.state == "removed":
        return "gone-fill", "gone", "gone"
    if block.state == "added":
        return "background", "new", "new"
    glyph_of = GLYPHS[block.kind]
    if block.kind == "concat":
        return glyph_of.kept, glyph_of.ink, mark
    # On paper a convolution's own fill comes with dashes, which mean "removed" here.
    keeps_own = glyph_of.kept == "background" and glyph_of.fill != "conv" and block.state == "changed"
    return glyph_of.fill if keeps_own else glyph_of.kept, "kept-ink", mark or "kept-ink"


def body(block: Block, frame: Frame, *, radius: float = RADIUS) -> Box:
    """The box of a block at any size."""
    fill, _, outline = colours(block)
    radius = radius if outline else min(radius, 1.5)
    dashed = block.beside or block.kind in _DASHED or block.state == "removed"
    heavy = 1.9 if block.state in ("changed", "renamed", "added") else 1.1
    hatch: ColourRole | None = "new-hatch" if block.state == "added" else None
    return Box(frame, fill, outline, heavy, radius=radius, dashed=dashed, hatch=hatch)


def glyph(block: Block, frame: Frame, *, placed: bool = False, core: Frame | None = None) -> Group:
    """A narrow upright glyph as the strip shows it; `placed` adds "stage,position" below its letter.

    Letters stand in the middle of `core`, of the whole glyph where none is given.
    """
    marks = _marks(block, core or frame, placed=placed)
    return Group((body(block, frame), *marks), block.path, tooltip(block))


def tooltip(block: Block) -> str:
    """What a block is, in one line."""
    if block.skip is not None:
        verb = "adds" if block.skip.kind == "add" else "concatenates"
        taken = (block.skip, *block.dense)
        skips = (f"{units.dimensions(skip.shape)} from {skip.source}" for skip in taken)
        return f"{verb} {', '.join(skips)}"
    layers = f" ×{block.repeat}" if block.repeat > 1 else ""
    return f"{block.path} · {block.type}{layers} · {_spent(block.cost)}"


def stage_tooltip(stage: StageBlocks) -> str:
    """What a stage holds and does, in one line."""
    return f"{stage.stage.path} · {_spent(stage.cost)}"


def _spent(cost: Cost) -> str:
    return f"{units.params(cost.params)} params, {units.macs(cost.macs)}"


def badge_time(x: float, y: float, *, size: float, lettered: bool) -> Iterator[Item]:
    """The disc on what adds the time embedding; its letter needs 12 px."""
    yield Circle(x, y, size / 2, "time")
    if lettered:
        frame = Frame(x - size / 2, y - size / 2, size, size)
        yield centred(frame, "t", size=10, role="background", bold=True, dy=-0.4)


def badge_context(x: float, y: float, *, size: float, lettered: bool) -> Iterator[Item]:
    """The square on what reads the context; its letter needs 12 px."""
    frame = Frame(x - size / 2, y - size / 2, size, size)
    yield Box(frame, "context", radius=3 if lettered else 0.6)
    if lettered:
        yield centred(frame, "c", size=10, role="background", bold=True, dy=-0.6)


def rail_mark(x: float, y: float, index: int) -> Item:
    """A disc on the rail of the time embedding, a square on that of the context."""
    if index:
        return Box(Frame(x - 2.9, y - 2.9, 5.8, 5.8), "context", radius=0.6)
    return Circle(x, y, 3, "time")


def join_sign(block: Block, x: float, y: float, *, size: float, role: ColourRole) -> Iterator[Item]:
    """⧺ of a skip that is concatenated, a plus of one that is added, as lines: fonts that have ⧺ are rare."""
    half = size / 2
    if block.skip is not None and block.skip.kind == "add":
        yield Line(((x, y - half), (x, y + half)), role, 1.1)
        yield Line(((x - half, y), (x + half, y)), role, 1.1)
        return
    for dx in (-0.24 * size, 0.24 * size):
        yield Line(((x + dx, y - 0.62 * size), (x + dx, y + 0.62 * size)), role, 1.1)
    yield Line(((x - half, y), (x + half, y)), role, 1.1)


PLUS = 5.5
"""The usual radius of ⊕."""


def plus(x: float, y: float, *, radius: float = PLUS, role: ColourRole = "flow") -> Iterator[Item]:
    """⊕, where something is added to what flows."""
    arm = 0.58 * radius
    yield Circle(x, y, radius, "background", role, 1.2)
    yield Line(((x - arm, y), (x + arm, y)), role, 1.2)
    yield Line(((x, y - arm), (x, y + arm)), role, 1.2)


def resampling_arrow(x: float, y: float, *, length: float, up: bool, role: ColourRole) -> Line:
    """The arrow of ↓ and ↑."""
    half = length / 2 * (-1 if up else 1)
    return Line(((x, y - half), (x, y + half)), role, 1.5, head=6)


_ARROWED = 33.0
"""The height of a glyph that has room for an arrow below its letter."""


def _marks(block: Block, frame: Frame, *, placed: bool) -> Iterator[Item]:
    """Letter or sign in the middle."""
    ink = colours(block)[1]
    x, y = frame.centre, frame.middle
    if frame.height < _ARROWED:
        block = replace(block, resamples="")
    if block.kind == "concat":
        yield from join_sign(block, x, y, size=min(6, frame.width - 1), role=ink)
    elif block.kind in ("down", "up"):
        yield resampling_arrow(x, y, length=17, up=block.kind == "up", role=ink)
    elif frame.width >= _LETTERED:
        lines = _lines(block, frame, placed=placed)
        yield from _letters(block, lines, frame)
        if block.resamples:
            yield resampling_arrow(x, y + 10.5, length=11, up=block.resamples == "up", role=ink)


def _lines(block: Block, frame: Frame, *, placed: bool) -> list[str]:
    """The letter, then what a wide enough glyph says below it."""
    lines = [block.letter]
    if placed and block.place and width(block.place, 10) <= frame.width:
        lines.append(block.place)
    if block.repeat > 1 and frame.width >= stack_width(block.repeat):
        lines.append(f"×{block.repeat}")
    if block.temporal and block.kind in ("residual", "attention"):
        lines.append("T")
    return lines


def _letters(block: Block, lines: list[str], frame: Frame) -> Iterator[Item]:
    """The glyph letter at 10 px, or as large as fits (it only repeats what the legend says), and more."""
    ink = colours(block)[1]
    natural = width(block.letter, 10, bold=True)
    size = min(10.0, 10 * (frame.width - 1) / natural) if natural else 10
    if size < _SMALLEST:  # the fill says what it is, and a tooltip
        return
    raised = 7.0 if block.resamples or len(lines) > 1 else 0.0
    # A third line, or the arrow below a second one, needs more room above it.
    crowded = len(lines) > 2 or (len(lines) > 1 and bool(block.resamples))
    y = frame.middle - raised - (8 if crowded else 0)
    yield text(frame.centre, y + size * 0.355, block.letter, size=size, anchor="middle",
               role=ink, bold=True, frame=frame)  # fmt: skip
    for index, line in enumerate(lines[1:], start=1):
        yield text(frame.centre, y + 3.55 + 12.3 * index, line, anchor="middle", role=ink, frame=frame)


def on_ground(block: Block) -> bool:
    """Whether badges need a ground of their own: on a fill of the scale, or time on attention (K blocks)."""
    return bool(block.shade) or (block.kind == "attention" and block.times)


def stack_width(repeat: int) -> float:
    """How wide a glyph must be to show its ×N at 10 px."""
    return width(f"×{repeat}", 10) + 1


def arrow(*points: Point, radius: float = 0.0) -> Line:
    """The stream through all points, its corners rounded, to its head at the last."""
    return Line(points, "flow", 1.5, radius, head=7)


CELL, HIGH, PITCH = 8.0, 6.4, 7.4
MOST = 16
"""More channels are one cell."""
_ACROSS = 7.2


def fill_of(name: str, index: int) -> ColourRole:
    """The fill of a group: the sample plain, a mask solid, what else is given tinted."""
    return "background" if not index else "ink" if "mask" in name.split() else "kept-residual"


def cells_width(count: int, most: int = MOST) -> float:
    """The width of a row of cells, one for each channel where these are at most `most`."""
    return count * (_ACROSS + 1) - 1 if count <= most else 3 * (_ACROSS + 1)


def cells(count: int, x: float, y: float, fill: ColourRole, most: int = MOST) -> Iterator[Item]:
    """A row of cells from x on, the top at y."""
    if count > most:
        yield Box(Frame(x, y, cells_width(count, most), CELL + 1), fill, "image", 1.1, radius=1)
        return
    for index in range(count):
        yield Box(Frame(x + index * (_ACROSS + 1), y, _ACROSS, CELL + 1), fill, "image", 1.1, radius=1)
