"""A table for a terminal: parts under the heading of their stage, whole at 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, chop_cells
from rich.text import Text

from unetscope.analysis.cost.rows import Row
from unetscope.analysis.cost.table import Table
from unetscope.model import Architecture
from unetscope.paths import parent
from unetscope.render.table import cells
from unetscope.render.text import NARROW, lines, plain
from unetscope.vocabulary import about

WIDE = 110
"""From this width on, work is shown to the unit where that fits."""

_LEAST = 16
"""Columns of a name at least; a longer one goes on in the next line."""
_KEPT = frozenset({"params", "macs", "flops", "torchinfo"})
_BLOCKS = frozenset({"resnet block", "transformer", "transformer block", "downsample", "upsample"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table; one without a row is a heading."""

    name: str
    indent: int
    row: Row | None = None


def table(given_table: Table, *, width: int = NARROW, colour: bool = False, chosen: bool = False) -> str:
    """Rows with their numbers; the last line is the exact sum of those above it, then the basis.

    Columns that there is no room for are left out, which is said; those that were `chosen`, and parameters
    and work in any case, stand below their row instead.
    """
    listed = list(_lines(given_table))
    whole, given_table = given_table, given_table if chosen else _fitted(given_table, width)
    left_out = [cells.heading(whole, column) for column in whole.columns if column not in given_table.columns]
    footer = [*cells.totals(whole), *[f"no room for: {', '.join(left_out)}"] * bool(left_out)]
    footer.append(cells.statement(given_table))
    body = (
        _cards(given_table, listed, width)
        if _needed(given_table) > width
        else _grid(given_table, listed, width)
    )
    return lines(
        Text(plain(cells.headline(given_table)), "bold"), Text(""), *body, width=width, colour=colour
    ) + lines(*(Text(plain(line), "dim") for line in ("", *footer)), width=width, colour=colour)


def _needed(table: Table) -> int:
    """Columns of a terminal that a table takes at least."""
    return _LEAST + 2 + sum(3 + size for size in _widths(table, brief=True))


def _fitted(table: Table, width: int) -> Table:
    """The table with the columns there is room for: shapes and classes of work go first, then shares."""
    columns = list(table.columns)
    spare = [
        column for column in columns if column.name not in _KEPT and column.quantity not in ("share", "name")
    ]
    spare = [*(column for column in columns if column.quantity == "share"), *spare]
    while spare and _needed(replace(table, columns=tuple(columns))) > width:
        columns.remove(spare.pop())
    return replace(table, columns=tuple(columns))


def _grid(table: Table, lines: Sequence[_Line], width: int) -> list[Text]:
    """A line for each row, its numbers under their headings."""
    widest = max([len("total"), *(2 * line.indent + cell_len(line.name) for line in lines if line.row)])
    brief = width < WIDE or _room(table, width, brief=False) < widest
    room = min(widest, max(_LEAST, _room(table, width, brief=brief)))
    sizes = [room, *_widths(table, brief=brief)]
    body = [text for line in lines for text in _drawn(table, line, sizes, brief=brief)]
    return [
        Text(_aligned(["part", *(column.heading for column in table.columns)], sizes), "dim"),
        Text(" " + "─" * (sum(sizes) + 3 * (len(sizes) - 1)), "dim"),
        *body,
        Text(""),
        Text(_aligned(["total", *_numbers(table, table.total, brief=brief)], sizes), "bold"),
    ]


def _cards(table: Table, lines: Sequence[_Line], width: int) -> list[Text]:
    """Where the columns do not fit beside each other: the name of a row, its numbers below."""
    rows = [*lines, _Line("total", 0, table.total)]
    return [text for line in rows for text in _card(table, line, width)]


def _card(table: Table, line: _Line, width: int) -> Iterator[Text]:
    indent = " " + "  " * line.indent
    if line.row is None:
        yield Text(indent + plain(line.name), "bold")
        return
    yield from (Text(f" {part}") for part in _wrapped(line, width - 1))
    values = zip(table.columns, _numbers(table, line.row, brief=True), strict=True)
    words = [
        f"{value} %" if column.heading == "%" else f"{column.heading} {value}"
        for column, value in values
        if value
    ]
    current = indent + " "
    for word in words:
        if current.strip() and len(current) + 2 + len(word) > width:
            yield Text(current, "dim")
            current = indent + " "
        current += f"  {word}" if current.strip() else f" {word}"
    yield Text(current, "dim")


def _lines(table: Table) -> Iterator[_Line]:
    """Rows, each below headings for its stage and block where the table is deep enough for them."""
    if not table.in_order or table.by in ("stage", "kind"):
        for row in table.rows:
            yield _Line(cells.name(table, row), 0, row)
        return
    before: tuple[str, ...] = ()
    for row in table.rows:
        above = _above(table.architecture, row)
        for depth in range(len(above)):
            if above[: depth + 1] != before[: depth + 1]:
                yield _Line(_heading(table.architecture, above, depth), depth)
        before = above
        text = cells.name(table, row)
        yield _Line(text[len(above[-1]) + 1 :] if above else text, len(above), row)


def _above(architecture: Architecture, row: Row) -> tuple[str, ...]:
    """Paths of the stage and of the innermost block around a row, as far as it stands below them."""
    if not row.stage or row.path == row.stage:
        return ()
    path = parent(row.members[0])
    while len(path) > len(row.stage) and not about(architecture.by_path[path].kind).block:
        path = parent(path)
    if len(path) <= len(row.stage):
        return (row.stage,)
    # The row's own path shows sets of indices where its first member has one.
    return row.stage, ".".join(row.path.split(".")[: path.count(".") + 1])


def _heading(architecture: Architecture, above: Sequence[str], depth: int) -> str:
    if depth:
        return above[1][len(above[0]) + 1 :]
    name = next(stage.name for stage in architecture.stages if stage.path == above[0])
    return name if name == above[0] else f"{name} · {above[0]}"


def _numbers(table: Table, row: Row, *, brief: bool) -> list[str]:
    """A row's cells; work by class is in G at any width, as only its sum is read to the unit."""
    return [
        cells.cell(
            column,
            column.value(row, table.total),
            brief=brief or column.name in ("conv", "linear", "attention", "other"),
        )
        for column in table.columns
    ]


def _widths(table: Table, *, brief: bool) -> list[int]:
    """Characters each column takes beside the names."""
    texts = [_numbers(table, row, brief=brief) for row in (*table.rows, table.total)]
    headings = [column.heading for column in table.columns]
    return [max(map(len, column)) for column in zip(headings, *texts, strict=True)]


def _room(table: Table, width: int, *, brief: bool) -> int:
    """Characters left for the names: one stands at either side, three between columns."""
    taken = _widths(table, brief=brief)
    return width - 2 - sum(taken) - 3 * len(taken)


def _drawn(table: Table, line: _Line, sizes: Sequence[int], *, brief: bool) -> Iterator[Text]:
    """A heading across the table, or a row; a long name goes on in further lines."""
    if line.row is None:
        yield Text(" " + "  " * line.indent + plain(line.name), "bold")
        return
    first, *rest = _wrapped(line, sizes[0])
    yield Text(_aligned([first, *_numbers(table, line.row, brief=brief)], sizes))
    yield from (Text(f" {more}") for more in rest)


def _aligned(texts: Sequence[str], sizes: Sequence[int]) -> str:
    """A name flush left, numbers flush right."""
    name, *numbers = texts
    padded = [name + " " * (sizes[0] - cell_len(name))]
    padded += [text.rjust(size) for text, size in zip(numbers, sizes[1:], strict=True)]
    return " " + "   ".join(padded)


def _wrapped(line: _Line, room: int) -> list[str]:
    """A name broken before its dots where it is too long, each further line set in."""
    indent = "  " * line.indent
    pieces, current = [], indent
    for index, part in enumerate(plain(line.name).split(".")):
        word = part if index == 0 else f".{part}"
        if cell_len(current + word) > room and current.strip():
            pieces.append(current)
            current = f"{indent} "
        *whole, current = chop_cells(current + word, room) or [indent]
        pieces += whole
    return [*pieces, current]
