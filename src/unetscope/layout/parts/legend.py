"""What the signs of a picture mean: entries for whatever it shows, in as many rows as they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from unetscope.choices import Look
from unetscope.cost import Cost
from unetscope.families.module_names import DUAL
from unetscope.layout.chain import Ramp, ramp
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.ends import is_context, joins_time
from unetscope.layout.measure import shorten, text, width, wrapped
from unetscope.layout.parts.glyphs import (
    badge_context,
    badge_time,
    body,
    glyph,
    own_colours,
    resampling_arrow,
)
from unetscope.layout.parts.lanes import DOTS
from unetscope.layout.scene import Box, Circle, Frame, Item, Line, Text
from unetscope.layout.shades import SHADES
from unetscope.model import Architecture
from unetscope.vocabulary import GlyphKind, kind_of

_GAP, _ROW = 15.0, 20.0
_TIGHT = 16.0
"""Between the lines of what is one sentence."""
_SIZE, _PAPER_SIZE = 10.5, 12.0

_Sampler = Callable[[float, float], Sequence[Item]]
Entry = tuple[float, _Sampler, str]
"""Width of the sample, what draws it around a middle y, and its words."""


def legend(
    architecture: Architecture,
    drawn: Chain,
    left: float,
    right: float,
    y: float,
    look: Look,
    *,
    lettered: bool,
    railed: bool = False,
) -> tuple[list[Item], float]:
    """The rows of entries with the middle of the first at y, and the middle of what follows."""
    entries = [*_entries(architecture, drawn, look, lettered=lettered, railed=railed)]
    items, y = rows(entries, left, right, y)
    steps = ramp(drawn, look)
    if steps:
        scale, y = rows(shade_entries(steps), left, right, y)
        items += scale
    return items, y


def paper_legend(
    architecture: Architecture,
    drawn: Chain,
    left: float,
    right: float,
    y: float,
    look: Look,
    basis: str,
    *,
    lettered: bool = False,
) -> tuple[list[Item], float]:
    """One line for a figure with a caption: what the signs are, and what the numbers hold for."""
    entries = [*_paper_entries(architecture, drawn, look, lettered=lettered)]
    steps = ramp(drawn, look)
    entries += shade_entries(steps) if steps else []
    items, below = rows(entries, left, right, y, _PAPER_SIZE)
    below = max(below, y + _ROW)
    words = [item for item in items if isinstance(item, Text)]
    last = max((word.y for word in words), default=y + 0.36 * _PAPER_SIZE)
    end = max((word.x + word.width for word in words if word.y == last), default=left)
    if end + 16 + width(basis, _PAPER_SIZE) > right:
        last, below = last + _ROW, below + _ROW
    lines = wrapped(basis, right - left, _PAPER_SIZE)
    for index, line in enumerate(lines):
        items.append(text(right, last + _TIGHT * index, line, size=_PAPER_SIZE, anchor="end"))
    return items, below - 6 + _TIGHT * (len(lines) - 1)


def rows(
    entries: Iterable[Entry], left: float, right: float, y: float, size: float = _SIZE
) -> tuple[list[Item], float]:
    """Samples with their words, in as many rows as they need from y on, and the y below them."""
    items: list[Item] = []
    x = left
    for wide, sample, label in entries:
        needed = wide + 5 + width(label, size)
        if x > left and x + needed > right:
            x, y = left, y + _ROW
        items += sample(x, y)
        items.append(
            text(x + wide + 5, y + 0.36 * size, label, size=size, role="dim", limit=right - x - wide - 5)
        )
        x += needed + _GAP
    return items, y + (_ROW if items else 0)


def _entries(
    architecture: Architecture, drawn: Chain, look: Look, *, lettered: bool, railed: bool
) -> Iterator[Entry]:
    blocks = drawn.blocks()
    if look.detail != "stage":
        yield from _kinds(blocks, shade=int(look.shaded))
        yield from _layers(blocks)
    if any(block.kind == "concat" for block in blocks):
        if look.detail != "stage":
            yield from _joins(blocks, 7.0)
        yield 26.0, _skip, _skip_words(look, lettered=lettered)
    if look.detail == "stage":
        return
    if railed:
        yield from _read(architecture, blocks)
        return
    yield from _badges(architecture, blocks, shapes=() if lettered and look.detail == "block" else (4.0,))


def _badges(
    architecture: Architecture, blocks: Sequence[Block], *, shapes: Sequence[float] = ()
) -> Iterator[Entry]:
    """What badges with letters say, small ones without a letter before them."""
    wide = 26.0 if shapes else 15.0
    if any(block.times for block in blocks):
        yield wide, partial(_time, shapes=shapes), f"t: {joins_time(architecture)}"
    if any(block.texts for block in blocks):
        yield wide, partial(_context, shapes=shapes), f"c: {is_context(architecture)}"


def _read(architecture: Architecture, blocks: Sequence[Block]) -> Iterator[Entry]:
    """What the marks on the rails or at the foot of glyphs say."""
    if any(block.times for block in blocks):
        yield 7.0, _dot, f"t: {joins_time(architecture)}"
    if any(block.texts for block in blocks):
        yield 7.0, _square, f"c: {is_context(architecture)}"


def _skip_words(look: Look, *, lettered: bool) -> str:
    if look.detail == "stage":
        return "skips, count × channels"
    return "skip, C×H×W" if lettered else "skip, channels"


def _kinds(blocks: Sequence[Block], *, shade: int) -> Iterator[Entry]:
    kinds = {block.kind for block in blocks}
    if "residual" in kinds:
        yield 14.0, _sample("residual", "R", shade=shade), "residual"
    if "attention" in kinds:
        yield 14.0, _sample("attention", "A", shade=shade), attention_words(blocks)
    for name, letter in sorted({(block.type, block.letter) for block in blocks if block.kind == "other"}):
        yield 14.0, _sample("other", letter, shade=shade), shorten(name, 200, _SIZE)
    if kinds & {"down", "up"}:
        yield 25.0, _resampling, "resampling"
    elif any(block.resamples for block in blocks):
        yield 25.0, partial(_resampling, kind="conv" if shade else "residual"), "resampling"
    if any(block.beside for block in blocks):
        yield 14.0, _beside, "runs beside, is added"
    if any(block.type == DUAL and block.layers for block in blocks):
        yield 14.0, _sample("attention", "A", shade=shade), "side by side, drawn once"


def _layers(blocks: Sequence[Block]) -> Iterator[Entry]:
    """The thin glyph in opened blocks, and what a closed one beside them holds."""
    if any(block.layers for block in blocks):
        yield 7.0, _norm, "norm"
        opened = {block.kind for block in blocks if block.layers}
        if any(block.kind in opened and not block.layers for block in blocks):
            yield -5.0, _nothing, "closed: as one opened before it"


def attention_words(blocks: Sequence[Block]) -> str:
    """What an A is, and what ×N at one counts."""
    return _attention(blocks) + _stacked(blocks)


def _attention(blocks: Sequence[Block]) -> str:
    return "transformer" if any(block.repeat for block in blocks) else "attention"


def _stacked(blocks: Sequence[Block]) -> str:
    """What ×N at an A counts: the layers of a transformer, or equal blocks in a row."""
    several = [block for block in blocks if block.kind == "attention" and block.repeat > 1]
    alone = all(kind_of(block.type) == "transformer block" for block in several)
    return "" if not several else " block, ×blocks" if alone else ", ×layers"


def _paper_entries(
    architecture: Architecture, drawn: Chain, look: Look, *, lettered: bool
) -> Iterator[Entry]:
    """As few words as a figure needs, and what blocks read."""
    blocks = drawn.blocks()
    shade = int(look.shaded)
    if look.detail != "stage":
        if any(block.kind == "residual" for block in blocks):
            yield 14.0, _sample("residual", "R", shade=shade), "residual"
        if any(block.kind == "attention" for block in blocks):
            yield 14.0, _sample("attention", "A", shade=shade), _attention(blocks)
        for name, letter in sorted({(block.type, block.letter) for block in blocks if block.kind == "other"}):
            yield 14.0, _sample("other", letter, shade=shade), shorten(name, 200, _PAPER_SIZE)
        if any(block.kind in ("down", "up") for block in blocks) or not any(b.resamples for b in blocks):
            yield 43.0, _convolutions, "conv, resampling"
        else:
            yield 14.0, _sample("conv", "Cv"), "conv"
            yield 25.0, partial(_resampling, kind="conv" if shade else "residual"), "resampling"
        yield from _layers(blocks)
    if any(block.kind == "concat" for block in blocks):
        if look.detail != "stage":
            yield from _joins(blocks, 8.0)
        yield 26.0, _skip, "skip"
    if look.detail != "stage":
        yield from (_badges if lettered and look.detail == "block" else _read)(architecture, blocks)


_MEASURES = {"params": "parameters", "macs": "MACs", "flops": "FLOPs", "change": "‖A − B‖ / ‖A‖"}


def shade_entries(steps: Ramp) -> list[Entry]:
    """The steps, the first one with the word for what they measure."""
    word = _MEASURES[steps.what]
    told = zip(steps.used(), steps.labels(), strict=True)
    entries = [(16.0, partial(_swatch, step=step), label) for step, label in told]
    heading: Entry = (-5.0, _nothing, f"fill: {word} of each part")
    return [heading, *entries]


def _nothing(x: float, y: float) -> Sequence[Item]:
    del x, y
    return ()


def _swatch(x: float, y: float, *, step: int) -> Sequence[Item]:
    return (Box(Frame(x, y - 7, 16, 14), SHADES[step - 1][0], "flow", 1, radius=2.5),)


def _sample(kind: GlyphKind, letter: str, *, shade: int = 0) -> _Sampler:
    block = Block(kind, "", "", letter, Cost(), shade=shade)
    return lambda x, y: glyph(block, Frame(x, y - 8, 14, 16)).items


def _norm(x: float, y: float) -> Sequence[Item]:
    return (body(Block("norm", "", "", "", Cost()), Frame(x, y - 8, 6, 16), radius=1.5),)


def _resampling(x: float, y: float, *, kind: GlyphKind = "conv") -> Sequence[Item]:
    """Down and up in the colours of what resamples: a convolution, or a residual block."""
    frames = (Frame(x, y - 9, 11.5, 18), Frame(x + 13, y - 9, 11.5, 18))
    fill, ink = own_colours(kind)
    boxes = (Box(frame, fill, ink, 1.1, radius=2.5) for frame in frames)
    signs = (
        resampling_arrow(frame.centre, y, length=12, up=up, role=ink)
        for frame, up in zip(frames, (False, True), strict=True)
    )
    return (*boxes, *signs)


def _convolutions(x: float, y: float) -> Sequence[Item]:
    return (*_sample("conv", "Cv")(x, y), *_resampling(x + 17, y))


def _beside(x: float, y: float) -> Sequence[Item]:
    return (body(Block("conv", "", "", "", Cost(), beside=True), Frame(x, y - 8, 14, 16)),)


def _joins(blocks: Sequence[Block], wide: float) -> Iterator[Entry]:
    """The bars of skips: concatenated ones, then added ones, as far as there are any."""
    for kind, word in (("concat", "concat"), ("add", "add")):
        joining = (block.skip for block in blocks if block.kind == "concat" and block.skip)
        skip = next((skip for skip in joining if skip.kind == kind), None)
        if skip is not None:
            yield wide, partial(_joined, Block("concat", "", "", "", Cost(), skip=skip)), word


def _joined(block: Block, x: float, y: float) -> Sequence[Item]:
    return glyph(block, Frame(x, y - 8, 7.5, 16)).items


def _skip(x: float, y: float) -> Sequence[Item]:
    return (Line(((x, y), (x + 25, y)), "skip", 1.1, 0, DOTS, 6.5),)


def _dot(x: float, y: float) -> Sequence[Item]:
    return (Circle(x + 3.5, y, 3, "time"),)


def _square(x: float, y: float) -> Sequence[Item]:
    return tuple(badge_context(x + 3.5, y, size=6, lettered=False))


def _time(x: float, y: float, *, shapes: Sequence[float]) -> Sequence[Item]:
    small = (Circle(x + at, y, 3, "time") for at in shapes)
    return (*small, *badge_time(x + (18 if shapes else 7.5), y, size=15, lettered=True))


def _context(x: float, y: float, *, shapes: Sequence[float]) -> Sequence[Item]:
    small = (item for at in shapes for item in badge_context(x + at, y, size=6, lettered=False))
    return (*small, *badge_context(x + (18 if shapes else 7.5), y, size=14, lettered=True))
