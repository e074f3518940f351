"""Below a folded strip: the layers inside its blocks where they are asked for, the sentence, what signs mean,
and the totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from unetscope.analysis.cost.by_kind import outside_cost
from unetscope.analysis.cost.insight import insight
from unetscope.analysis.remarks import remarks
from unetscope.choices import Look
from unetscope.cost import Cost
from unetscope.layout.chain import ramp
from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.chain.conditioning import is_context, joins_time, rail_widths
from unetscope.layout.fold.cells import cell
from unetscope.layout.fold.elements import Fold
from unetscope.layout.fold.layers import layers
from unetscope.layout.fold.places import CELL
from unetscope.layout.fold.widths import SIZE
from unetscope.layout.page import Page
from unetscope.layout.parts import samples
from unetscope.layout.parts.frame import command_lines, notes_of
from unetscope.layout.parts.glyphs import badge_context, badge_time
from unetscope.layout.parts.legend import (
    CONVOLVED,
    Entry,
    attention_words,
    beside_letters,
    rows,
    shade_entries,
)
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.pieces import Piece, paragraph, place, stack, words
from unetscope.layout.scene import Frame, Item, Line
from unetscope.model import Architecture
from unetscope.vocabulary import GlyphKind
from unetscope.words import basis, units
from unetscope.words.conventions import per
from unetscope.words.insight import of_network


def below(
    architecture: Architecture,
    chain: Chain,
    fold: Fold,
    scale: CostScale,
    page: Page,
    look: Look,
    *,
    y: float,
) -> tuple[list[Item], float]:
    """Everything below the picture, and the height of the page."""
    opened = layers(chain, scale, page.content) if look.detail == "layer" else stack()
    sentence = of_network(insight(architecture), architecture.counting, unit=scale.unit)
    lines = [] if look.paper or not sentence else [paragraph(sentence, page.content, size=SIZE, bold=True)]
    above = stack(opened, *lines, gap=8)
    items, _ = place(above, Frame(page.margin, y, page.content, above.height))
    y += above.height + (6 if above.height else 0)
    items.append(Line(((page.margin, y), (page.right, y)), "line", 1))
    entries, y = rows(_entries(architecture, chain, look), page.margin, page.right, y + 15, SIZE)
    steps = ramp(chain, look)
    shades, y = rows(shade_entries(steps) if steps else [], page.margin, page.right, y, SIZE)
    foot = stack(*_foot(architecture, fold, scale, look, page.content), gap=2)
    last, _ = place(foot, Frame(page.margin, y - 8, page.content, foot.height))
    return [*items, *entries, *shades, *last], y - 8 + foot.height + page.margin


def _foot(
    architecture: Architecture, fold: Fold, scale: CostScale, look: Look, room: float
) -> Iterator[Piece]:
    """One line of totals, what they hold for, and how to draw the picture again."""
    whole = architecture.cost
    work = f"{scale.work_with_unit(whole)}" + ("" if look.paper else f" {per(architecture.counting)}")
    yield paragraph(f"{units.exact(whole.params)} parameters · {work}", room, size=SIZE, bold=True)
    if look.paper:
        yield paragraph(f"at {basis.short(architecture)}", room, size=SIZE, role="dim")
    else:
        cost = outside_cost(architecture)
        spent = f"{units.params(cost.params)} parameters, {scale.work_with_unit(cost)}"
        yield paragraph(f"of these outside the stages: {spent}", room, size=SIZE)
    if fold.undrawn:
        several = "s within one half are" if fold.undrawn > 1 else " within one half is"
        yield paragraph(f"{fold.undrawn} skip{several} not drawn", room, size=SIZE)
    for remark in remarks(architecture):
        yield paragraph(remark, room, size=SIZE, role="dim")
    if look.paper:
        return
    yield paragraph(" · ".join(notes_of(architecture)), room, size=SIZE, role="dim")
    for line in command_lines(look.command, room, SIZE) if look.command else ():
        yield words(line, size=SIZE, role="dim", mono=True)


def _entries(architecture: Architecture, chain: Chain, look: Look) -> Iterator[Entry]:
    """What the signs mean, and the lines beside the stages."""
    blocks = chain.blocks()
    shade = int(look.color_by != "kind")
    if look.detail == "stage":
        yield from _letters(blocks)
    else:
        yield from _kinds(blocks, shade)
    if any(block.kind == "concat" for block in blocks):
        words = "skips, count × channels" if look.detail == "stage" else "skip, channels"
        yield 26.0, samples.skip, words
    if look.detail != "stage":
        time, context = rail_widths(architecture)
        if any(block.times for block in blocks):
            yield 7.0, partial(_mark, badge=badge_time), f"t{_wide(time)}: {joins_time(architecture)}"
        if any(block.texts for block in blocks):
            yield 7.0, partial(_mark, badge=badge_context), f"c{_wide(context)}: {is_context(architecture)}"
    work = "FLOPs" if look.unit == "flops" else "MACs"
    yield -5.0, samples.nothing, f"beside a stage: channels × size, parameters, {work}"


def _wide(width: int) -> str:
    return f" ({width})" if width else ""


def _letters(blocks: Sequence[Block]) -> Iterator[Entry]:
    """The letters in the boxes of closed stages."""
    kinds = {block.kind for block in blocks}
    if "residual" in kinds:
        yield -5.0, samples.nothing, "R: residual"
    if "conv-block" in kinds:
        yield -5.0, samples.nothing, f"C: {CONVOLVED}"
    if "attention" in kinds:
        yield -5.0, samples.nothing, f"A: {attention_words(blocks)}"
    for name, letter in sorted({(block.type, block.letter) for block in blocks if block.kind == "other"}):
        yield -5.0, samples.nothing, f"{letter}: {name}"
    if kinds & {"down", "up"}:
        yield -5.0, samples.nothing, "↓ ↑: resampling"


def _kinds(blocks: Sequence[Block], shade: int) -> Iterator[Entry]:
    kinds = {block.kind for block in blocks}
    if "residual" in kinds:
        yield 20.0, _sample("residual", "R", shade), "residual"
    if "conv-block" in kinds:
        yield 20.0, _sample("conv-block", "C", shade), CONVOLVED
    if "attention" in kinds:
        yield 20.0, _sample("attention", "A", shade), attention_words(blocks)
    for name, letter in sorted({(block.type, block.letter) for block in blocks if block.kind == "other"}):
        yield 20.0, _sample("other", letter, shade), name
    for sentence in beside_letters(blocks, "R, A"):
        yield -5.0, samples.nothing, sentence
    yield 26.0, _sample("conv", "Cv", shade, wide=26), "conv"
    if kinds & {"down", "up"} or any(block.resamples for block in blocks):
        yield 31.0, _resampling, "resampling"
    if "concat" in kinds:
        yield 22.0, _concat, "concat"
    if any(block.beside for block in blocks):
        yield 20.0, _beside, "runs beside, is added"


def _sample(kind: GlyphKind, letter: str, shade: int, wide: float = 20) -> partial[Sequence[Item]]:
    return partial(_box, block=Block(kind, "", "", letter, Cost(), shade=shade), wide=wide)


def _box(x: float, y: float, *, block: Block, wide: float = 20, high: float = CELL - 2) -> Sequence[Item]:
    return (cell(block, Frame(x, y - high / 2, wide, high), x + wide / 2),)


def _resampling(x: float, y: float) -> Sequence[Item]:
    down, up = (Block(kind, "", "", "", Cost()) for kind in ("down", "up"))
    return (*_box(x, y, block=down, wide=14.5), *_box(x + 16.5, y, block=up, wide=14.5))


def _concat(x: float, y: float) -> Sequence[Item]:
    return _box(x, y, block=Block("concat", "", "", "", Cost()), wide=22, high=12)


def _beside(x: float, y: float) -> Sequence[Item]:
    return _box(x, y, block=Block("conv", "", "", "", Cost(), beside=True))


def _mark(x: float, y: float, *, badge: object) -> Sequence[Item]:
    assert callable(badge)
    return tuple(badge(x + 3.5, y, size=6.2, lettered=False))
