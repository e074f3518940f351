"""The page of a column: the column at the left, insides at the right of it or below, bars and words below
all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from unetscope import units
from unetscope.choices import Look
from unetscope.cost import Cost
from unetscope.layout.chain import Ramp, ramp_over
from unetscope.layout.column.bars import spent_bars
from unetscope.layout.column.boxes import badge
from unetscope.layout.column.cells import Cell
from unetscope.layout.column.flowchart import (
    RAIL,
    Network,
    condition_box,
    end_box,
    image_box,
    rails,
    text_box,
)
from unetscope.layout.column.inside_card import inside
from unetscope.layout.column.reading import OpenedRun
from unetscope.layout.column.routes import streams
from unetscope.layout.column.sayings import counts_line, described, remarks_of, sentence
from unetscope.layout.column.sizes import Measures, measures
from unetscope.layout.column.spent import spent_on
from unetscope.layout.column.stack_card import heading, stack_card, subtitle_of, title_of
from unetscope.layout.measure import text, width
from unetscope.layout.page import COLUMN, README
from unetscope.layout.parts.frame import command_lines
from unetscope.layout.parts.scale import CostScale, scale
from unetscope.layout.pieces import (
    Marks,
    Piece,
    box,
    grouped,
    marked,
    pad,
    paragraph,
    place,
    row,
    sketch,
    space,
    stack,
    words,
)
from unetscope.layout.scene import ColourRole, Frame, Item, Line, Scene
from unetscope.words import basis

_LEFT, _GUTTER = 318.0, 28.0
_INSET = 506.0
_ARROW = 30.0


@dataclass(frozen=True, slots=True)
class ColumnPage:
    """What is to be drawn how wide: measures, shares, steps of colour, room for the column and for
    insides."""

    options: Look
    sizes: Measures
    on: CostScale
    steps: Ramp | None
    margin: float
    left: float
    inset: float
    page: float


def composed(network: Network, options: Look) -> Scene:
    """The whole picture."""
    look = _look(network, options)
    items, top = _head(network, look)
    column, insets = _cards(network, look)
    picture, bottom = _placed(network, look, column, insets, top)
    below = _below(network, look)
    room = look.page - 2 * look.margin
    more, _ = place(below, Frame(look.margin, bottom + 18, room, below.height))
    height = bottom + 18 + below.height + (8 if options.paper else 16)
    title = network.architecture.title
    return Scene(look.page, height, title, described(network), (*items, *picture, *more))


def _look(network: Network, options: Look) -> ColumnPage:
    architecture = network.architecture
    on = scale(architecture.cost, [run.blocks.cost for run in network.runs], unit=options.unit)
    sizes = measures(options)
    margin = 8.0 if options.paper else 14.0 if sizes.narrow else 24.0
    steps = _steps(network, options)
    opens = options.detail != "stage"
    if sizes.narrow:
        room = COLUMN - 2 * margin
        return ColumnPage(options, sizes, on, steps, margin, room, room, COLUMN)
    if not opens:
        return ColumnPage(options, sizes, on, steps, margin, README - 2 * margin, 0, README)
    inset = README - 2 * margin - _LEFT - _GUTTER
    shown = {run.shown_by for run in network.runs}
    kinds = len(shown) if options.width == "full" else 1
    page = 2 * margin + _LEFT + kinds * (_GUTTER + inset)
    return ColumnPage(options, sizes, on, steps, margin, _LEFT, inset, page)


def _steps(network: Network, options: Look) -> Ramp | None:
    """The steps of fills that mean costs, those of boxes or, where blocks stay closed, of stacks."""
    shown = [run.blocks.cost for run in network.runs]
    if options.detail != "stage":
        shown = [cell.cost for run in network.runs for cell in run.inside.cells]
    return ramp_over(shown, options)


def _head(network: Network, look: ColumnPage) -> tuple[list[Item], float]:
    """Title, class and counts, basis; nothing on paper. And the y below."""
    if look.options.paper:
        return [], 10.0
    architecture, sizes = network.architecture, look.sizes
    room = look.page - 2 * look.margin
    small = 12.6 if sizes.narrow else 12.0
    counts = counts_line(architecture, look.on)
    holds = "basis: " + basis.short(architecture)
    name = architecture.class_name
    title = paragraph(architecture.title, room, size=sizes.title, bold=True)
    left = f"{name} · {counts}"
    if sizes.narrow:
        lines = (name, counts, holds)
        head = stack(title, *(paragraph(one, room, size=small, role="dim") for one in lines))
        items, _ = place(head, Frame(look.margin, 12, room, head.height))
        return items, 12 + head.height + 14
    if width(left, small) + width(holds, small) + 20 <= room:
        second = row(
            words(left, size=small, role="dim"),
            words(holds, size=small, role="dim", side="end"),
            share="first",
        )
    else:
        second = stack(*(paragraph(one, room, size=small, role="dim") for one in (left, holds)))
    head = stack(title, second, gap=3)
    items, _ = place(head, Frame(look.margin, 16, room, head.height))
    return items, 16 + head.height + 20


def _cards(network: Network, look: ColumnPage) -> tuple[list[Piece], dict[int, Piece]]:
    """The cards of the column and, where blocks are opened, those of their insides."""
    architecture, sizes, options = network.architecture, look.sizes, look.options
    opens = options.detail != "stage"
    room = look.left - _beside(network, look)
    cards: list[Piece] = []
    insets: dict[int, Piece] = {}
    for number, run in enumerate(network.runs):
        kind = architecture.by_path[run.blocks.first].type
        elsewhere = opens and run.shown_by != number
        note = f"built as {title_of(network.runs[run.shown_by])}" if elsewhere else ""
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


def _beside(network: Network, look: ColumnPage) -> float:
    """What rails and the deck of a card take of the column's width."""
    c = (network.attends and not network.text_flows) or network.bypasses
    return (RAIL if network.modulates and network.of("t") else 0) + (RAIL if c else 8)


def _inset(run: OpenedRun, kind: str, look: ColumnPage) -> Piece:
    """The card of a block's inside."""
    sizes, side = look.sizes, 8.0 if look.sizes.narrow else 16.0
    inner = look.inset - 2 * side
    word = title_of(run).partition(" ×")[0].lower()
    one = run.blocks.one
    word = f"{word} block" if word.endswith(("stream", "refiner")) else word
    head = heading(
        f"Inside one {word}",
        subtitle_of(run, kind),
        units.params(one.params),
        look.on.work_with_unit(one),
        inner,
        sizes,
    )
    remarks = [*run.inside.remarks, *_skip_words(run)]
    remarks += [f"the {lane.word}'s tokens end in it" for lane in run.inside.lanes if not lane.goes_on]
    notes = [paragraph(remark, inner, size=sizes.plain, role="dim") for remark in remarks]
    opened = replace(run.inside, entry=(*_join(run), *run.inside.entry))
    drawn = inside(
        opened, inner, sizes, look.options.unit, steps=look.steps, layers=look.options.detail == "layer"
    )
    body = pad(stack(head, *notes, pad(drawn, 0, 8, 0, 0)), side, 12)
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
    pairs = [(one.rpartition(".")[2], two.rpartition(".")[2]) for one, two in run.skips]
    first, last = pairs[0], pairs[-1]
    told = f"block {first[0]} is joined with what block {first[1]} made"
    return [f"{len(pairs)} long skips: {told}" + (f", …, {last[0]} with {last[1]}" if len(pairs) > 1 else "")]


def _placed(
    network: Network, look: ColumnPage, cards: list[Piece], insets: dict[int, Piece], top: float
) -> tuple[list[Item], float]:
    """The column with its insides; the bottom of all."""
    marks: Marks = {}
    items: list[Item] = []
    x, right = look.margin, look.margin + look.left
    tops = _inset_tops(look, insets, top)
    y = _sources(network, look, x, top, items, marks)
    rail = RAIL if network.modulates and network.of("t") else 0.0
    arrow = _arrow(network, look, cards, y, top, insets)
    beside = not look.sizes.narrow and look.options.width != "full"
    for number, card in enumerate(cards):
        y += arrow
        if beside and number and number in tops:
            y = max(y, tops[number])
        _put(card, Frame(x + rail, y, look.left - _beside(network, look), card.height), items, marks)
        y = marks[f"card {number}"].bottom + 6
    end = end_box(network, (look.left - _beside(network, look)) * 0.86, look.sizes, look.options.unit)
    if end.height:
        y += arrow - 6
        above = marks[f"card {len(cards) - 1}"]
        _put(end, Frame(above.centre - end.width / 2, y, end.width, end.height), items, marks)
        y += end.height
    bottom = _put_insets(look, insets, tops, y, items, marks)
    lines = [*_leaders(look, marks), *streams(network, marks, look.sizes.plain, x, right)]
    return [*lines, *items, *rails(network, marks, x, right)], bottom


def _arrow(
    network: Network, look: ColumnPage, cards: Sequence[Piece], y: float, top: float, insets: dict[int, Piece]
) -> float:
    """The length of an arrow: longer where the insides are higher than the column."""
    end = end_box(network, look.left, look.sizes, look.options.unit)
    number = len(cards) + bool(end.height)
    high = y + sum(card.height + 6 for card in cards) + end.height + _ARROW * number
    if look.sizes.narrow or look.options.width == "full" or len(cards) > 1:
        return _ARROW
    spare = top + sum(inset.height for inset in insets.values()) - high
    return _ARROW + max(0.0, min(40.0, spare / number))


def _put(piece: Piece, frame: Frame, items: list[Item], marks: Marks) -> None:
    made, found = place(piece, frame)
    items += made
    marks.update(found)


def _inset_tops(look: ColumnPage, insets: dict[int, Piece], top: float) -> dict[int, float]:
    """Where the insides begin: below each other, or all at the top where they stand side by side."""
    if look.options.width == "full":
        return dict.fromkeys(insets, top)
    found = {}
    for number, inset in insets.items():
        found[number] = top
        top += inset.height + 16
    return found


def _put_insets(
    look: ColumnPage,
    insets: dict[int, Piece],
    tops: dict[int, float],
    y: float,
    items: list[Item],
    marks: Marks,
) -> float:
    """The insides at the right of the column or, in one column of a paper, below it; the bottom of all."""
    x, bottom = look.margin + look.left + _GUTTER, y
    for place_, (number, inset) in enumerate(insets.items()):
        if look.sizes.narrow:
            frame = Frame(look.margin, bottom + 18, look.inset, inset.height)
        elif look.options.width == "full":
            frame = Frame(x + place_ * (look.inset + _GUTTER), tops[number], look.inset, inset.height)
        else:
            frame = Frame(x, tops[number], look.inset, inset.height)
        _put(inset, frame, items, marks)
        bottom = max(bottom, frame.bottom)
    return bottom


def _sources(
    network: Network, look: ColumnPage, x: float, top: float, items: list[Item], marks: Marks
) -> float:
    """What goes in: t's box, then the sample beside the text; the y below."""
    sizes, unit = look.sizes, look.options.unit
    y = top
    condition = condition_box(network, look.left, sizes, unit)
    if condition.height:
        _put(condition, Frame(x, y, look.left, condition.height), items, marks)
        y += condition.height + 16
    half = (look.left - RAIL - 14) / 2
    image, tokens = image_box(network, half, sizes, unit), text_box(network, half, sizes, unit)
    left = x + (RAIL if condition.height else 0)
    wide = look.left - (left - x)
    if tokens.height:
        half = (wide - 14) / 2
        _put(image, Frame(left, y, half, image.height), items, marks)
        _put(tokens, Frame(left + half + 14, y, half, tokens.height), items, marks)
    else:
        _put(image, Frame(left + wide / 2 - half / 2, y, half, image.height), items, marks)
    return y + max(image.height, tokens.height)


def _leaders(look: ColumnPage, marks: Marks) -> Iterator[Item]:
    """Thin lines from a card to the inside of one of its blocks."""
    if look.sizes.narrow or look.options.width == "full":
        return
    for name, inset in marks.items():
        if not name.startswith("inset "):
            continue
        card = marks["card " + name.removeprefix("inset ")]
        top, bottom = max(inset.y + 10, card.y - 16), min(inset.bottom - 10, card.bottom + 24)
        yield Line(((card.right, card.y + 10), (inset.x, top)), "line", 1.2)
        yield Line(((card.right + 6, card.bottom - 4), (inset.x, bottom)), "line", 1.2)


def _below(network: Network, look: ColumnPage) -> Piece:
    """Bars, the sentence, the legend and the foot."""
    architecture, options, sizes = network.architecture, look.options, look.sizes
    room = look.page - 2 * look.margin
    legend = _legend(network, look, room)
    if options.paper:
        holds = f"{counts_line(architecture, look.on)}, {basis.short(architecture)}"
        return stack(
            legend, paragraph(holds, room, size=sizes.plain if sizes.narrow else 11, bold=True), gap=6
        )
    spent = spent_on(architecture, network.runs)
    told = sentence(spent, architecture.cost, look.on)
    notes = " · ".join(basis.notes(architecture.counting, architecture.uncounted))
    small = sizes.plain
    foot = _foot(notes, options.command, room, small)
    work = f"{units.exact(architecture.cost.total(options.unit))} {look.on.heading}"
    exact = f"{units.exact(architecture.cost.params)} parameters · {work}"
    return stack(
        spent_bars(spent, look.on, room, sizes),
        paragraph(told, room, size=sizes.strong + 0.5, bold=True),
        _rule(room),
        legend,
        paragraph(exact, room, size=small, bold=True),
        foot,
        gap=7,
    )


def _foot(notes: str, command: str, room: float, size: float) -> Piece:
    """Notes on the numbers, and the command that draws the picture again: beside each other where both
    fit."""
    note = words(notes, size=size, role="dim")
    lines = command_lines(command, room, size) if command else []
    again = [words(line, size=size, role="dim", mono=True) for line in lines]
    if len(again) == 1 and note.width + again[0].width + 20 <= room:
        return row(note, again[0], gap=20, share="first")
    return stack(paragraph(notes, room, size=size, role="dim"), *again)


def _rule(room: float) -> Piece:
    def line(frame: Frame) -> Iterator[Item]:
        yield Line(((frame.x, frame.middle), (frame.right, frame.middle)), "line", 1)

    return sketch(room, 6, line)


def _legend(network: Network, look: ColumnPage, room: float) -> Piece:
    """What arrows, badges and words mean, in as many lines as they need."""
    size = look.sizes.plain
    remarks = [_entry(one[0] if one[1] == " " else "", one, size) for one in remarks_of(network)]
    entries: list[Piece] = []
    lanes = {lane.word for run in network.runs for lane in run.inside.lanes}
    if "text" in lanes:
        entries += [_arrow_entry("image", "image tokens", size), _arrow_entry("context", "text tokens", size)]
    if look.options.detail != "stage" and not (look.options.paper and look.sizes.narrow):
        entries.append(_arrow_entry("skip", "residual", size))
    steps = _step_entries(look.steps, size) if look.steps else []
    return stack(*_rows([*remarks, *entries], room), *_rows(steps, room), gap=5)


def _rows(entries: Sequence[Piece], room: float) -> list[Piece]:
    """Entries beside each other, in as many rows as they need."""
    rows: list[Piece] = []
    line: list[Piece] = []
    for entry in entries:
        if line and sum(one.width for one in line) + 18 * len(line) + entry.width > room:
            rows.append(row(*line, gap=18))
            line = []
        line.append(entry)
    return [*rows, row(*line, gap=18)]


def _step_entries(steps: Ramp, size: float) -> list[Piece]:
    """What the fills stand for where they mean costs."""
    what = {"params": "parameters", "macs": "MACs", "flops": "FLOPs"}[steps.what]
    found = [words(f"{what} of a box:", size=size, role="dim")]
    for number, label in enumerate(steps.labels(), start=1):
        role: ColourRole = f"scale-{number}"  # type: ignore[assignment]
        swatch = box(space(22, size * 1.2), role, "outline", radius=2)
        found.append(row(swatch, words(label, size=size, role="dim"), gap=6))
    return found


def _entry(letter: str, remark: str, size: float) -> Piece:
    if letter not in ("t", "c"):
        return words(remark, size=size, role="dim")

    def draw(frame: Frame) -> Iterator[Item]:
        yield from badge(letter, frame.x + 9, frame.middle, size=size)  # type: ignore[arg-type]

    return row(sketch(18, 1.8 * size, draw), words(remark[2:], size=size, role="dim"), gap=6)


def _arrow_entry(role: str, word: str, size: float) -> Piece:
    def draw(frame: Frame) -> Iterator[Item]:
        yield Line(((frame.x, frame.middle), (frame.x + 26, frame.middle)), role, 1.7, head=7)  # type: ignore[arg-type]

    return row(sketch(26, 18, draw), words(word, size=size, role="dim"), gap=6)


__all__ = ["composed", "grouped", "text"]
