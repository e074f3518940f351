"""The page of a column: the stacks at the left, the insides of their blocks at the right or below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.choices import Look
from unetscope.layout.chain import Ramp, ramp_over
from unetscope.layout.column.drawing.around import ColumnPage, head, surroundings
from unetscope.layout.column.drawing.flowchart import (
    RAIL,
    ColumnNetwork,
    condition_box,
    end_box,
    image_box,
    text_box,
)
from unetscope.layout.column.drawing.rails import rails
from unetscope.layout.column.drawing.routes import streams
from unetscope.layout.column.drawing.run_cards import beside as beside_stacks
from unetscope.layout.column.drawing.run_cards import cards_of
from unetscope.layout.column.drawing.sayings import described
from unetscope.layout.column.drawing.sizes import measures
from unetscope.layout.page import COLUMN, README
from unetscope.layout.parts.scale import scale
from unetscope.layout.pieces import (
    Marks,
    Piece,
    place,
)
from unetscope.layout.scene import Frame, Item, Line, Scene

_LEFT, _GUTTER = 318.0, 28.0
_ARROW = 30.0


def composed(network: ColumnNetwork, options: Look) -> Scene:
    """The whole picture."""
    look = _look(network, options)
    items, top = head(network, look)
    column, insets = cards_of(network, look)
    picture, bottom = _placed(network, look, column, insets, top)
    below = surroundings(network, look)
    room = look.page - 2 * look.margin
    more, _ = place(below, Frame(look.margin, bottom + 18, room, below.height))
    height = bottom + 18 + below.height + (8 if options.paper else 16)
    title = network.architecture.title
    return Scene(look.page, height, title, described(network), (*items, *picture, *more))


def _look(network: ColumnNetwork, options: Look) -> ColumnPage:
    architecture = network.architecture
    costs = scale(architecture.cost, [run.blocks.cost for run in network.runs], unit=options.unit)
    sizes = measures(options)
    margin = 8.0 if options.paper else 14.0 if sizes.narrow else 24.0
    steps = _steps(network, options)
    opens = options.detail != "stage"
    if sizes.narrow:
        room = COLUMN - 2 * margin
        return ColumnPage(options, sizes, costs, steps, margin, room, room, COLUMN)
    if not opens:
        return ColumnPage(options, sizes, costs, steps, margin, README - 2 * margin, 0, README)
    inset = README - 2 * margin - _LEFT - _GUTTER
    distinct = {run.shown_by for run in network.runs}
    kinds = len(distinct) if options.width == "full" else 1
    page = 2 * margin + _LEFT + kinds * (_GUTTER + inset)
    return ColumnPage(options, sizes, costs, steps, margin, _LEFT, inset, page)


def _steps(network: ColumnNetwork, options: Look) -> Ramp | None:
    """The steps of fills that mean costs, those of boxes or, where blocks stay closed, of stacks."""
    costs = [run.blocks.cost for run in network.runs]
    if options.detail != "stage":
        costs = [cell.cost for run in network.runs for cell in run.inside.cells]
    return ramp_over(costs, options)


def _placed(
    network: ColumnNetwork, look: ColumnPage, cards: list[Piece], insets: dict[int, Piece], top: float
) -> tuple[list[Item], float]:
    """The column with its insides; the bottom of all."""
    marks: Marks = {}
    items: list[Item] = []
    x, right = look.margin, look.margin + look.left
    tops = _inset_tops(look, insets, top)
    y = _sources(network, look, x, top, items, marks)
    rail = RAIL if network.modulates else 0.0
    arrow = _arrow(network, look, cards, y, top, insets)
    beside = not look.sizes.narrow and look.options.width != "full"
    for number, card in enumerate(cards):
        y += arrow
        if beside and number and number in tops:
            y = max(y, tops[number])
        _put(card, Frame(x + rail, y, look.left - beside_stacks(network, look), card.height), items, marks)
        y = marks[f"card {number}"].bottom + 6
    end = end_box(network, (look.left - beside_stacks(network, look)) * 0.86, look.sizes, look.options.unit)
    if end.height:
        y += arrow - 6
        above = marks[f"card {len(cards) - 1}"]
        _put(end, Frame(above.centre - end.width / 2, y, end.width, end.height), items, marks)
        y += end.height
    bottom = _put_insets(look, insets, tops, y, items, marks)
    lines = [*_leaders(look, marks), *streams(network, marks, look.sizes.plain, x, right)]
    return [*lines, *items, *rails(network, marks, x, right)], bottom


def _arrow(
    network: ColumnNetwork,
    look: ColumnPage,
    cards: Sequence[Piece],
    y: float,
    top: float,
    insets: dict[int, Piece],
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
    placed, placed_marks = place(piece, frame)
    items += placed
    marks.update(placed_marks)


def _inset_tops(look: ColumnPage, insets: dict[int, Piece], top: float) -> dict[int, float]:
    """Where the insides begin: below each other, or all at the top where they stand side by side."""
    if look.options.width == "full":
        return dict.fromkeys(insets, top)
    tops = {}
    for number, inset in insets.items():
        tops[number] = top
        top += inset.height + 16
    return tops


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
    for at, (number, inset) in enumerate(insets.items()):
        if look.sizes.narrow:
            frame = Frame(look.margin, bottom + 18, look.inset, inset.height)
        elif look.options.width == "full":
            frame = Frame(x + at * (look.inset + _GUTTER), tops[number], look.inset, inset.height)
        else:
            frame = Frame(x, tops[number], look.inset, inset.height)
        _put(inset, frame, items, marks)
        bottom = max(bottom, frame.bottom)
    return bottom


def _sources(
    network: ColumnNetwork, look: ColumnPage, x: float, top: float, items: list[Item], marks: Marks
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
