"""The card of a run of equal blocks in the column: what they are, how many, what is inside in brief, what
it costs."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.layout.chain import Ramp
from unetscope.layout.column.drawing.boxes import shade
from unetscope.layout.column.drawing.minis import in_brief
from unetscope.layout.column.drawing.sizes import Measures
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.reading.runs import stack_word
from unetscope.layout.measure import text
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.pieces import (
    Piece,
    at_least,
    box,
    grouped,
    over,
    pad,
    paragraph,
    row,
    sketch,
    stack,
    words,
)
from unetscope.layout.scene import Box, Frame, Item
from unetscope.words import units

PAD = 14.0


def title_of(run: OpenedRun) -> str:
    """What the blocks are called, by their streams where these say it: "Double-stream blocks ×19"."""
    count = len(run.blocks.paths)
    lanes = run.inside.lanes
    two = len(lanes) > 1
    word = stack_word(run.blocks)
    if two:
        word = "double-stream" if len(lanes) == 2 else f"{len(lanes)}-stream"
    elif not two and lanes and "+" in lanes[0].word and "single" in run.blocks.stage.path:
        word = "single-stream"
    named = word[0].upper() + word[1:]
    return f"{named} ×{count}" if count > 1 else named


def subtitle_of(run: OpenedRun, kind: str) -> str:
    """The class of the blocks, with their numbers where their stack holds others too."""
    return kind if run.alone or not run.blocks.numbers else f"{kind} {run.blocks.numbers}"


def stack_card(
    run: OpenedRun,
    kind: str,
    scale: CostScale,
    room: float,
    sizes: Measures,
    *,
    name: str,
    steps: Ramp | None,
    brief: bool,
    bars: bool,
    note: str = "",
) -> Piece:
    """The card, in a width. `brief` shows its blocks' inside in short; `bars` its shares of the whole
    network.

    Parts that read t or c are marked "NAME t NUMBER".
    """
    inner = room - 2 * PAD
    parts = [
        heading(
            title_of(run),
            subtitle_of(run, kind),
            units.params(run.blocks.cost.params),
            scale.work_with_unit(run.blocks.cost),
            inner,
            sizes,
        )
    ]
    if brief:
        parts.append(in_brief(run.inside, inner, sizes, steps, name))
    if note:
        parts.append(paragraph(note, inner, size=sizes.plain, role="dim"))
    if len(run.blocks.paths) > 1:
        parts.append(_one_of(run, scale, inner, sizes))
    if bars:
        parts.append(_shares(run, scale, inner, sizes))
    body = at_least(pad(stack(*parts, gap=10), PAD, 11), room)
    framed = box(body, "card", "outline", radius=10, line=1.4)
    if steps and not brief:
        framed = over(framed, sketch(9, 9, lambda frame: _stripe(frame, steps, run)))
    tooltip = f"{title_of(run)}: {kind}, {units.exact(run.blocks.cost.params)} parameters"
    return grouped(_deck(framed) if len(run.blocks.paths) > 1 else framed, run.blocks.first, tooltip)


def heading(title: str, below: str, params: str, work: str, room: float, sizes: Measures) -> Piece:
    """Title and class at the left, parameters and work at the right; the title alone where that is too
    wide."""
    head = words(title, size=sizes.heading, bold=True)
    number = words(f"{params} params", size=sizes.strong, bold=True, side="end")
    name = paragraph(below, room, size=sizes.plain, role="dim")
    amount = words(work, size=sizes.plain, role="dim", side="end")
    first = row(head, number, gap=10, share="first")
    second = row(name, amount, gap=10, share="first")
    if first.width > room:
        first = paragraph(title, room, size=sizes.heading, bold=True)
        amount = words(f"{params} params · {work}", size=sizes.plain, bold=True, side="end")
        second = row(name, amount, gap=10, share="first")
    return stack(first, second if second.width <= room else stack(name, amount))


def _deck(card: Piece) -> Piece:
    """A card that stands for several, with the edges of two more behind it."""

    def draw(frame: Frame) -> Iterator[Item]:
        for step in (6.0, 3.0):
            yield Box(
                Frame(frame.x + step, frame.y + step, frame.width, frame.height), "card", "line", 1.2, 10
            )

    return over(sketch(card.width, card.height, draw), card)


def _stripe(frame: Frame, steps: Ramp, run: OpenedRun) -> Iterator[Item]:
    """The step of a card's cost, at its left edge."""
    yield Box(
        Frame(frame.x + 4, frame.y + 12, 7, frame.height - 24),
        shade(steps, run.blocks.cost)[0],
        "outline",
        1,
        2,
    )


def _one_of(run: OpenedRun, scale: CostScale, room: float, sizes: Measures) -> Piece:
    """What one block costs."""
    cost = f"{units.params(run.blocks.one.params)} params · {scale.work_with_unit(run.blocks.one)}"
    return row(
        words(f"each of {len(run.blocks.paths)}", size=sizes.plain, role="dim"),
        words(cost, size=sizes.plain, bold=True, side="end"),
        gap=8,
        share="first",
    )


def _shares(run: OpenedRun, scale: CostScale, room: float, sizes: Measures) -> Piece:
    """Two bars on one scale for all stacks."""
    shares, parts = scale.shares(run.blocks.cost), scale.heights(run.blocks.cost)
    names = (f"{shares[0]} params", f"{shares[1]} {scale.heading}")
    label = max(words(name, size=sizes.plain, bold=True).width for name in names) + 6
    longest = room - label

    def bars(frame: Frame) -> Iterator[Item]:
        for number, (name, part) in enumerate(zip(names, parts, strict=True)):
            high = sizes.plain + 1
            y = frame.y + number * (high + 4)
            bar = Frame(frame.x, y, max(1.5, part * longest), high)
            yield Box(bar, "params") if number == 0 else Box(bar, "macs", "macs-ink", 1)
            yield text(
                bar.right + 6,
                y + high - 2,
                name,
                size=sizes.plain,
                bold=True,
                role="params" if number == 0 else "macs-ink",
            )

    return sketch(room, 2 * (sizes.plain + 1) + 4, bars)
