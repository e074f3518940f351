"""The two cards of each run of blocks: that in the column, and that of its inside."""

from __future__ import annotations

from dataclasses import replace

from unetscope.cost import Cost
from unetscope.layout.column.drawing.around import ColumnPage
from unetscope.layout.column.drawing.flowchart import (
    RAIL,
    ColumnNetwork,
)
from unetscope.layout.column.drawing.inside_card import inside
from unetscope.layout.column.drawing.stack_card import heading, stack_card, subtitle_of, title_of
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.reading.cells import Cell
from unetscope.layout.pieces import (
    Piece,
    box,
    grouped,
    marked,
    pad,
    paragraph,
    stack,
)
from unetscope.words import units


def cards_of(network: ColumnNetwork, look: ColumnPage) -> tuple[list[Piece], dict[int, Piece]]:
    """The cards of the column and, where blocks are opened, those of their insides."""
    architecture, sizes, options = network.architecture, look.sizes, look.options
    opens = options.detail != "stage"
    room = look.left - beside(network, look)
    cards: list[Piece] = []
    insets: dict[int, Piece] = {}
    for number, run in enumerate(network.runs):
        kind = architecture.by_path[run.blocks.first].type
        elsewhere = opens and run.shown_by != number
        note = f"inside as in {title_of(network.runs[run.shown_by])}" if elsewhere else ""
        card = stack_card(
            run,
            kind,
            look.on,
            room,
            sizes,
            name=f"card {number}",
            steps=look.steps,
            brief=opens,
            bars=not options.paper,
            note=note,
        )
        cards.append(marked(card, f"card {number}"))
        if opens and not elsewhere and not (options.paper and sizes.narrow):
            insets[number] = marked(_inset(run, kind, look), f"inset {number}")
    return cards, insets


def beside(network: ColumnNetwork, look: ColumnPage) -> float:
    """What rails and the deck of a card take from the column's width."""
    c = (network.attends and not network.text_flows) or network.bypasses
    return (RAIL if network.modulates else 0) + (RAIL if c else 8)


def _inset(run: OpenedRun, kind: str, look: ColumnPage) -> Piece:
    """The card of a block's inside."""
    sizes, side = look.sizes, 8.0 if look.sizes.narrow else 16.0
    inner = look.inset - 2 * side
    word = title_of(run).partition(" ×")[0].lower()
    cost = run.blocks.one
    word = f"{word} block" if word.endswith(("stream", "refiner")) else word
    head = heading(
        f"Inside one {word}",
        subtitle_of(run, kind),
        units.params(cost.params),
        look.on.work_with_unit(cost),
        inner,
        sizes,
    )
    remarks = [*run.inside.remarks, *_skip_words(run)]
    remarks += [f"the {lane.word}'s tokens end in it" for lane in run.inside.lanes if not lane.goes_on]
    notes = [paragraph(remark, inner, size=sizes.plain, role="dim") for remark in remarks]
    opened = replace(run.inside, entry=(*_join(run), *run.inside.entry))
    piece = inside(
        opened, inner, sizes, look.options.unit, steps=look.steps, layers=look.options.detail == "layer"
    )
    body = pad(stack(head, *notes, pad(piece, 0, 8, 0, 0)), side, 12)
    framed = box(Piece(look.inset, body.height, body.paint), "card", "line", radius=10)
    return grouped(framed, run.blocks.first, f"inside of {run.blocks.first}")


def _join(run: OpenedRun) -> tuple[Cell, ...]:
    """The box in which a block with a long skip joins what an earlier block made."""
    if not run.skips:
        return ()
    earlier = run.skips[0][1].rpartition(".")[2]
    return (Cell("other", f"join with what block {earlier} made", run.blocks.first, Cost()),)


def _skip_words(run: OpenedRun) -> list[str]:
    """Which earlier blocks' results the blocks take in: long skips."""
    if not run.skips:
        return []
    pairs = [(source.rpartition(".")[2], target.rpartition(".")[2]) for source, target in run.skips]
    first, last = pairs[0], pairs[-1]
    sentence = f"block {first[0]} is joined with what block {first[1]} made"
    return [
        f"{len(pairs)} long skips: {sentence}" + (f", …, {last[0]} with {last[1]}" if len(pairs) > 1 else "")
    ]
