"""What every picture shares: title lines, insight, legend and footnote, and the words of its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from unetscope import units
from unetscope.analysis.insight import insight
from unetscope.layout.blocks import Block, BlockKind, Chain
from unetscope.layout.costs import Scale
from unetscope.layout.glyphs import badge_text, badge_time, glyph, resampling_arrow
from unetscope.layout.lanes import DOTS
from unetscope.layout.measure import shorten, text, width
from unetscope.layout.scene import Box, Circle, Frame, Item, Line
from unetscope.model import Architecture, Cost

WIDTH, MARGIN = 900.0, 24.0
RIGHT = WIDTH - MARGIN
CONTENT = WIDTH - 2 * MARGIN

_LEGEND_GAP = 17.0


def title_lines(architecture: Architecture, on: Scale) -> Iterator[Item]:
    """Name; class, parameters and cost; and at the right the basis they hold for."""
    yield text(MARGIN, 40, architecture.title, size=22, bold=True, limit=CONTENT)
    basis = "basis: " + basis_words(architecture)
    counts = (
        f" · {units.params(architecture.cost.params)} parameters · {on.work_with_unit(on.whole)} per step"
    )
    left = CONTENT - width(basis, 12) - 16
    name = shorten(architecture.class_name, left - width(counts, 12), 12)
    yield text(MARGIN, 61, name + counts if name else counts[3:], size=12, role="dim")
    yield text(RIGHT, 61, basis, size=12, role="dim", anchor="end")


def basis_words(architecture: Architecture) -> str:
    """Size, batch and tokens: "1024² px, latent 4×128², batch 1, 77 text tokens"."""
    basis, factor = architecture.basis, architecture.facts.vae_factor or 0
    channels, *size = basis.input
    kind = "latent" if factor > 1 else "image" if factor else "input"
    parts = [f"{_area([factor * side for side in size])} px"] if factor > 1 else []
    parts.append(f"{kind} {channels}×{_area(size)}")
    parts.append(f"batch {basis.batch}")
    if basis.tokens is not None:
        parts.append(f"{basis.tokens} text tokens")
    return ", ".join(parts)


def bottom_lines(
    architecture: Architecture, drawn: Chain, on: Scale, *, y: float, command: str, lettered: bool = False
) -> tuple[list[Item], float]:
    """Insight, rule, legend and footnote from y on, and the height of the page below them.

    `lettered` says that the picture shows badges with letters and skips with whole sizes.
    """
    said = insight(architecture, unit=on.unit)
    items: list[Item] = [Line(((MARGIN, y + 13), (RIGHT, y + 13)), "line", 1)]
    if said:
        items.append(text(MARGIN, y, said, size=11, bold=True, limit=CONTENT))
    rows = _legend_rows(drawn, lettered=lettered)
    for index, row in enumerate(rows):
        items += row(y + 30 + 20 * index)
    foot = y + 53 + 20 * (len(rows) - 1)
    items += _footnote(architecture, on, foot, command, bars=not lettered)
    return items, foot + 16


def _footnote(architecture: Architecture, on: Scale, y: float, command: str, *, bars: bool) -> Iterator[Item]:
    one = "1 MAC = 2 FLOPs" if on.unit == "flops" else "1 MAC = 1 multiply-add"
    notes = [one, "norms, activations, biases not counted"]
    if architecture.uncounted:
        notes = [one, "not counted: norms, activations, biases, " + ", ".join(architecture.uncounted)]
    elif not bars:
        notes.append("% of the whole network")
    else:
        notes += ["hatched: QKᵀ and PV"] * bool(architecture.cost.attention) + ["Cv: resampling, stem"]
    shown = shorten(command, 380, 10.5, mono=True)
    taken = width(shown, 10.5, mono=True) + 16 if shown else 0
    while len(notes) > 1 and width(" · ".join(notes), 10) > CONTENT - taken:
        notes.pop()
    yield text(MARGIN, y, " · ".join(notes), size=10, role="dim", limit=CONTENT - taken)
    if shown:
        yield text(RIGHT, y, shown, size=10.5, role="dim", anchor="end", mono=True)


_Entry = tuple[float, Callable[[float, float], Sequence[Item]], str]


def _legend_rows(drawn: Chain, *, lettered: bool) -> list[Callable[[float], list[Item]]]:
    """The entries of the legend, broken into as many rows as they need."""
    rows: list[list[tuple[float, _Entry]]] = [[]]
    x = MARGIN
    for entry in _entries(drawn, lettered=lettered):
        needed = entry[0] + 5 + width(entry[2], 10.5)
        if rows[-1] and x + needed > RIGHT:
            rows.append([])
            x = MARGIN
        rows[-1].append((x, entry))
        x += needed + _LEGEND_GAP
    return [_row_drawer(row) for row in rows]


def _row_drawer(row: list[tuple[float, _Entry]]) -> Callable[[float], list[Item]]:
    def draw(y: float) -> list[Item]:
        items: list[Item] = []
        for x, (wide, sample, label) in row:
            items += sample(x, y)
            items.append(text(x + wide + 5, y + 3.8, label, size=10.5, role="dim"))
        return items

    return draw


def _entries(drawn: Chain, *, lettered: bool) -> Iterator[_Entry]:
    """Width of the sample, what draws it, and its words, for whatever the picture shows."""
    blocks = drawn.blocks()
    kinds = {block.kind for block in blocks}
    if "residual" in kinds:
        yield 14.0, _sample("residual", "R"), "residual"
    if "attention" in kinds:
        stacked = any(block.repeat > 1 for block in blocks)
        layered = any(block.repeat for block in blocks)
        words = "transformer, ×layers" if stacked else "transformer" if layered else "attention"
        yield 14.0, _sample("attention", "A"), words
    for name, letter in sorted({(block.type, block.letter) for block in blocks if block.kind == "other"}):
        yield 14.0, _sample("other", letter), shorten(name, 160, 10.5)
    if kinds & {"down", "up"} or any(block.resamples for block in blocks):
        yield 25.0, _resampling, "resampling"
    if "concat" in kinds:
        yield 7.0, _concat, "channel concat"
        yield 26.0, _skip, "skip, C×H×W" if lettered else "skip, channels"
    shapes = () if lettered else (4.0,)
    wide = 15.0 if lettered else 26.0
    if any(block.times for block in blocks):
        yield wide, partial(_time, shapes=shapes), "adds time"
    if any(block.texts for block in blocks):
        yield wide, partial(_text, shapes=shapes), "reads text"


def _sample(kind: BlockKind, letter: str) -> Callable[[float, float], Sequence[Item]]:
    block = Block(kind, "", "", letter, Cost())
    return lambda x, y: glyph(block, Frame(x, y - 8, 14, 16)).items


def _resampling(x: float, y: float) -> Sequence[Item]:
    frames = (Frame(x, y - 9, 11.5, 18), Frame(x + 13, y - 9, 11.5, 18))
    boxes = (Box(frame, "conv", "conv-ink", 1.1, radius=2.5) for frame in frames)
    signs = (
        resampling_arrow(frame.centre, y, length=12, up=up, role="conv-ink")
        for frame, up in zip(frames, (False, True), strict=True)
    )
    return (*boxes, *signs)


def _concat(x: float, y: float) -> Sequence[Item]:
    return glyph(Block("concat", "", "", "", Cost()), Frame(x, y - 8, 7.5, 16)).items


def _skip(x: float, y: float) -> Sequence[Item]:
    return (Line(((x, y), (x + 25, y)), "skip", 1.1, 0, DOTS, 6.5),)


def _time(x: float, y: float, *, shapes: Sequence[float]) -> Sequence[Item]:
    small = (Circle(x + at, y, 3, "time") for at in shapes)
    return (*small, *badge_time(x + (18 if shapes else 7.5), y, size=15, lettered=True))


def _text(x: float, y: float, *, shapes: Sequence[float]) -> Sequence[Item]:
    small = (item for at in shapes for item in badge_text(x + at, y, size=6, lettered=False))
    return (*small, *badge_text(x + (18 if shapes else 7.5), y, size=14, lettered=True))


def _area(size: Sequence[int]) -> str:
    """Height × width, or the side squared."""
    if len(size) == 2 and size[0] == size[1]:
        return f"{size[0]}²"
    return "×".join(str(side) for side in size)
