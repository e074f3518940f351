"""A box of an opened block as a piece: its title, what stands below it, its cost, badges of what it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from unetscope.cost import Cost
from unetscope.layout.chain import Ramp
from unetscope.layout.column.drawing.sizes import FILLS, Measures, fills_of
from unetscope.layout.column.reading.cells import Cell, Condition
from unetscope.layout.measure import text, width
from unetscope.layout.pieces import (
    Marks,
    Piece,
    align,
    at_least,
    box,
    grouped,
    pad,
    paragraph,
    row,
    stack,
    words,
)
from unetscope.layout.scene import Box, Circle, ColourRole, Frame, Item
from unetscope.layout.shades import SHADES
from unetscope.words import units

_SIDE, _TOP = 8.0, 5.0


def told(cost: Cost, unit: str) -> str:
    """Parameters and work of a box: "28.3 M params · 116 GMAC"; "" where it costs nothing."""
    name = "FLOP" if unit == "flops" else "MAC"
    params = [f"{units.params(cost.params)} params"] if cost.params else []
    work = [units.macs(cost.total(unit), name)] if cost.total(unit) else []
    return " · ".join([*params, *work])


def lines_of(parts: Sequence[str], room: float, size: float, *, bold: bool) -> list[str]:
    """Parts with a dot between them, in lines of at most `room` px; a line ends where a part does."""
    lines: list[str] = []
    for part in filter(None, parts):
        longer = f"{lines[-1]} · {part}" if lines else part
        if lines and width(longer, size, bold=bold) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def dotted(
    content: str | Sequence[str], room: float, *, size: float, role: ColourRole, bold: bool = False
) -> Piece:
    """Centred lines that break at dots where they can."""
    parts = [content] if isinstance(content, str) else content
    lines = lines_of([part for words in parts for part in words.split(" · ")], room, size, bold=bold)
    return stack(*(paragraph(line, room, size=size, role=role, bold=bold, side="centre") for line in lines))


def cell_box(
    cell: Cell, room: float, sizes: Measures, unit: str, *, steps: Ramp | None = None, layers: bool = False
) -> Piece:
    """The box of one cell, at least as wide as told."""
    fill, ink = fills_of(cell)
    if steps is not None:
        fill, ink = shade(steps, cell.cost)
    outline: ColourRole = ink if steps is None else "outline"
    side = 5.0 if sizes.narrow else _SIDE
    inner = room - 2 * side - ((1.3 * sizes.plain) if cell.reads else 0)
    if cell.mixes and steps is None:
        ink = FILLS["feed-forward"][1]
        inner -= max(
            width(str(cell.mixes[0]), sizes.plain, bold=True) + 10, room * cell.mixes[0] / sum(cell.mixes)
        )
    cost = told(cell.cost, unit) if cell.kind != "norm" or not cell.notes else ""
    named = "matmuls" if cell.title.startswith("linear") else "QKᵀ, PV"
    cost = f"{named} {cost}" if cell.kind == "scores" and cost else cost
    lines = [dotted(cell.title, inner, size=sizes.strong, role=ink, bold=True)]
    lines += [dotted(note, inner, size=sizes.plain, role=ink) for note in cell.notes]
    if layers and len(cell.layers) > 1:
        rows = _layer_rows(cell, inner - 8, sizes, unit, ink)
        lines.append(pad(rows, 0, 0, 10, 0) if cell.reads else rows)
    lines.append(dotted(cost, inner, size=sizes.plain, role=ink))
    body = at_least(pad(align(stack(*lines), "fill", middle=True), side, _TOP), room)
    framed = box(body, fill, outline, dashed=cell.kind == "norm")
    if cell.mixes and steps is None:
        framed = _mixed(cell, lines, room, sizes)
    return grouped(badged(framed, cell.reads, sizes), cell.path, cell.title)


def shade(steps: Ramp, cost: Cost) -> tuple[ColourRole, ColourRole]:
    """Fill and ink where fills mean costs."""
    return SHADES[steps.step(cost) - 1]


def _mixed(cell: Cell, lines: list[Piece], room: float, sizes: Measures) -> Piece:
    """A box with two fills: the part of attention's width, and the part of the MLP's, which holds the
    words."""
    first, ink = FILLS["projection"]
    second, other = FILLS["feed-forward"]
    number = words(str(cell.mixes[0]), size=sizes.plain, role=ink, bold=True, side="centre")
    left = max(number.width + 10, room * cell.mixes[0] / sum(cell.mixes))
    part = box(at_least(align(number, middle=True), left), first, ink)
    rest = box(at_least(pad(stack(*lines), _SIDE, _TOP), room - left), second, other)
    return row(part, rest, gap=0)


def _layer_rows(cell: Cell, room: float, sizes: Measures, unit: str, ink: ColourRole) -> Piece:
    """A row for each layer: its name and form at the left, its cost at the right."""
    rows = []
    for layer in cell.layers:
        left = words(f"{layer.name}  {layer.form}", size=sizes.plain, role=ink)
        lines = lines_of(told(layer.cost, unit).split(" · "), room, sizes.plain, bold=False)
        cost = stack(*(words(line, size=sizes.plain, role=ink, side="end") for line in lines))
        if len(lines) == 1 and left.width + cost.width + 10 <= room:
            rows.append(row(left, cost, gap=10, share="first"))
            continue
        texts = (
            [left]
            if left.width <= room
            else [
                paragraph(wording, room, size=sizes.plain, role=ink) for wording in (layer.name, layer.form)
            ]
        )
        rows.append(stack(*texts, cost))
    return pad(stack(*rows), 0, 3)


def badged(piece: Piece, reads: Iterable[Condition], sizes: Measures) -> Piece:
    """A box with a badge on its right edge for each condition that it reads."""
    letters = sorted(reads, reverse=True)
    if not letters:
        return piece

    def draw(frame: Frame, marks: Marks) -> Iterator[Item]:
        yield from piece.paint(frame, marks)
        first = frame.middle - 9.5 * (len(letters) - 1)
        for index, letter in enumerate(letters):
            yield from badge(letter, frame.right - 1, first + 19 * index, size=sizes.strong)

    return Piece(piece.width, piece.height, draw)


def badge(letter: Condition, x: float, y: float, *, size: float) -> Iterator[Item]:
    """A disc with t, or a square with c, on a ground of its own."""
    half = size * 0.8
    if letter == "t":
        yield Circle(x, y, half + 1.4, "background")
        yield Circle(x, y, half, "time")
    else:
        yield Box(Frame(x - half - 1, y - half - 1, 2 * half + 2, 2 * half + 2), "background", radius=4)
        yield Box(Frame(x - half + 0.4, y - half + 0.4, 2 * half - 0.8, 2 * half - 0.8), "context", radius=3)
    yield text(x, y + size * 0.355, letter, size=size, role="background", anchor="middle", bold=True)
