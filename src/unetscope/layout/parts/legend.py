"""What the signs of a picture mean: entries for whatever it shows, in as many rows as they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from unetscope.choices import Look
from unetscope.families.module_names import DUAL
from unetscope.layout.chain import Ramp, ramp
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.conditioning import is_context, joins_time
from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.parts import samples
from unetscope.layout.pieces import Piece, sketch
from unetscope.layout.scene import Frame, Item, Text
from unetscope.model import Architecture
from unetscope.vocabulary import GLYPHS, GlyphKind, kind_of

_GAP, _ROW = 15.0, 20.0
_TIGHT = 16.0
"""Between the lines of what is one sentence."""
_SIZE, _PAPER_SIZE = 10.5, 12.0

CONVOLVED = GLYPHS["conv-block"].word

Entry = tuple[float, samples.Sampler, str]
"""Width of the sample, what draws it around a middle y, and its words."""


def legend(
    architecture: Architecture,
    chain: Chain,
    left: float,
    right: float,
    y: float,
    look: Look,
    *,
    lettered: bool,
    railed: bool = False,
) -> tuple[list[Item], float]:
    """The rows of entries with the middle of the first at y, and the middle of what follows."""
    entries = [*_entries(architecture, chain, look, lettered=lettered, railed=railed)]
    items, y = rows(entries, left, right, y)
    steps = ramp(chain, look)
    if steps:
        scale, y = rows(shade_entries(steps), left, right, y)
        items += scale
    return items, y


def paper_legend(
    architecture: Architecture,
    chain: Chain,
    left: float,
    right: float,
    y: float,
    look: Look,
    basis: str,
    *,
    lettered: bool = False,
) -> tuple[list[Item], float]:
    """One line for a figure with a caption: what the signs are, and what the numbers hold for."""
    entries = [*_paper_entries(architecture, chain, look, lettered=lettered)]
    steps = ramp(chain, look)
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
    entries: Iterable[Entry], left: float, right: float, y: float, size: float = _SIZE, high: float = _ROW
) -> tuple[list[Item], float]:
    """Samples with their words, in as many rows as they need from y on, and the y below them."""
    items: list[Item] = []
    x = left
    for wide, sample, label in entries:
        needed = wide + 5 + width(label, size)
        if x > left and x + needed > right:
            x, y = left, y + high
        items += sample(x, y)
        items.append(
            text(x + wide + 5, y + 0.36 * size, label, size=size, role="dim", limit=right - x - wide - 5)
        )
        x += needed + _GAP
    return items, y + (high if items else 0)


def entries_piece(entries: Sequence[Entry], room: float, size: float) -> Piece:
    """The same as a piece, each row as high as a lettered badge."""
    high = max(_ROW, 1.9 * size)

    def draw(frame: Frame) -> Iterator[Item]:
        yield from rows(entries, frame.x, frame.right, frame.y + high / 2, size, high)[0]

    return sketch(room if entries else 0, rows(entries, 0, room, 0, size, high)[1], draw)


def _entries(
    architecture: Architecture, chain: Chain, look: Look, *, lettered: bool, railed: bool
) -> Iterator[Entry]:
    blocks = chain.blocks()
    closed = look.detail == "stage"
    if closed and not lettered:
        yield -5.0, samples.nothing, "box width: a fixed part + parameters"
    yield from _kinds(blocks, shade=int(look.shaded), closed=closed)
    yield from _layers(blocks)
    if any(block.kind == "concat" for block in blocks):
        if not closed:
            yield from samples.joins(blocks, 7.0)
        yield 26.0, samples.skip, _skip_words(look, lettered=lettered)
        yield from dense_words(blocks, drawn=not closed, in_rows=lettered)
    yield from (_read if railed else _badges)(architecture, blocks)


def _badges(architecture: Architecture, blocks: Sequence[Block]) -> Iterator[Entry]:
    """What badges say, small ones before those with a letter."""
    if any(block.times for block in blocks):
        yield 26.0, samples.time, f"t: {joins_time(architecture)}"
    if any(block.texts for block in blocks):
        yield 26.0, samples.context, f"c: {is_context(architecture)}"


def _read(architecture: Architecture, blocks: Sequence[Block]) -> Iterator[Entry]:
    """What the marks on the rails say."""
    if any(block.times for block in blocks):
        yield 7.0, samples.dot, f"t: {joins_time(architecture)}"
    if any(block.texts for block in blocks):
        yield 7.0, samples.square, f"c: {is_context(architecture)}"


def _skip_words(look: Look, *, lettered: bool) -> str:
    if look.detail == "stage":
        return "skips, count × channels"
    return "skip, C×H×W" if lettered else "skip, channels"


IN_ROWS = "dense skips: each joins all before it in its row"


def dense_words(blocks: Sequence[Block], *, drawn: bool, in_rows: bool) -> Iterator[Entry]:
    """What the line of dense skips says, where it is drawn; what a row means; else how many skips are not
    drawn."""
    count = sum(len(block.dense) for block in blocks)
    drawn = drawn and not any(block.layers for block in blocks)
    if count and drawn and in_rows:
        yield 26.0, samples.skip, IN_ROWS
    elif count and drawn:
        yield 26.0, samples.dense, "dense skips, channels in all"
    elif count:
        yield -5.0, samples.nothing, f"{count} dense skips inside stages, not drawn"


def _kinds(blocks: Sequence[Block], *, shade: int, closed: bool) -> Iterator[Entry]:
    kinds = {block.kind for block in blocks}
    if "residual" in kinds:
        yield 14.0, samples.sample("residual", "R", shade=shade), "residual"
    if "conv-block" in kinds:
        yield 14.0, samples.sample("conv-block", "C", shade=shade), CONVOLVED
    if "attention" in kinds:
        words = _attention(blocks) if closed else attention_words(blocks)
        yield 14.0, samples.sample("attention", "A", shade=shade), words
    yield from _others(blocks, shade=shade)
    if kinds & {"down", "up"}:
        yield 25.0, samples.resampling, "resampling"
    elif any(block.resamples for block in blocks):
        yield 25.0, partial(samples.resampling, kind=_resampled(blocks, shade)), "resampling"
    if any(block.beside for block in blocks):
        yield 14.0, samples.beside, "runs beside, is added"
    if any(block.type == DUAL and block.layers for block in blocks):
        yield 14.0, samples.sample("attention", "A", shade=shade), "side by side, drawn once"


def _resampled(blocks: Sequence[Block], shade: int) -> GlyphKind:
    """The kind of the blocks that resample, where no sampler stands by itself."""
    kinds: set[GlyphKind] = {block.kind for block in blocks if block.resamples}
    return "conv" if shade else "conv-block" if kinds == {"conv-block"} else "residual"


def _others(blocks: Sequence[Block], *, shade: int) -> Iterator[Entry]:
    """Blocks that are neither R nor A, by their letter and class; what runs along the frames of a video."""
    named = {(block.letter, block.type) for block in blocks if block.kind == "other" and not block.temporal}
    for letter, name in sorted(named, key=lambda entry: entry[::-1]):
        yield 14.0, samples.sample("other", letter, shade=shade), name
    alone = sorted({block.type for block in blocks if block.temporal and block.kind == "other"})
    if alone:
        yield 14.0, samples.sample("other", "T", shade=shade), f"along the frames: {', '.join(alone)}"
    for words in beside_letters(blocks, "T with R, A"):
        yield -5.0, samples.nothing, words


def beside_letters(blocks: Sequence[Block], temporal: str) -> Iterator[str]:
    """What stands beside letters, or is true of them: how often a unit comes, what runs along frames too."""
    if any(block.kind == "other" and block.repeat > 1 for block in blocks):
        yield "×N beside each other: equal units in turn"
    if any(block.temporal and block.kind != "other" for block in blocks):
        yield f"{temporal}: along the frames too"


def _layers(blocks: Sequence[Block]) -> Iterator[Entry]:
    """The thin glyph in opened blocks, and what a closed one beside them holds."""
    if any(block.layers for block in blocks):
        yield 7.0, samples.norm, "norm"
        opened = {block.kind for block in blocks if block.layers}
        if any(block.kind in opened and not block.layers for block in blocks):
            yield -5.0, samples.nothing, "closed: like the open one before"


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
    architecture: Architecture, chain: Chain, look: Look, *, lettered: bool
) -> Iterator[Entry]:
    """As few words as a figure needs, and what blocks read."""
    blocks = chain.blocks()
    shade, closed = int(look.shaded), look.detail == "stage"
    if closed and not lettered:
        yield -5.0, samples.nothing, "box width: a fixed part + parameters"
    if not closed or lettered:
        if any(block.kind == "residual" for block in blocks):
            yield 14.0, samples.sample("residual", "R", shade=shade), "residual"
        if any(block.kind == "conv-block" for block in blocks):
            yield 14.0, samples.sample("conv-block", "C", shade=shade), CONVOLVED
        if any(block.kind == "attention" for block in blocks):
            yield 14.0, samples.sample("attention", "A", shade=shade), _attention(blocks)
        yield from _others(blocks, shade=shade)
        if any(block.kind in ("down", "up") for block in blocks) or not any(b.resamples for b in blocks):
            yield 43.0, samples.convolutions, "conv, resampling"
        else:
            yield 14.0, samples.sample("conv", "Cv"), "conv"
            yield 25.0, partial(samples.resampling, kind=_resampled(blocks, shade)), "resampling"
        yield from _layers(blocks)
    if any(block.kind == "concat" for block in blocks):
        if not closed:
            yield from samples.joins(blocks, 8.0)
        yield 26.0, samples.skip, "skip"
        yield from dense_words(blocks, drawn=not closed, in_rows=lettered)
    yield from _read(architecture, blocks)


_MEASURES = {"params": "parameters", "macs": "MACs", "flops": "FLOPs", "change": "‖A − B‖ / ‖A‖"}


def shade_entries(steps: Ramp) -> list[Entry]:
    """The steps, the first one with the word for what they measure."""
    word = _MEASURES[steps.what]
    samples_of = zip(steps.used(), steps.labels(), strict=True)
    entries = [(16.0, partial(samples.swatch, step=step), label) for step, label in samples_of]
    heading: Entry = (-5.0, samples.nothing, f"fill: {word} of each part")
    return [heading, *entries]
