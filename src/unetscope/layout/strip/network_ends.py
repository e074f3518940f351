"""The ends of a strip: what the network is given and what it makes, a cell for each channel, with names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unetscope.layout.chain.blocks import Chain
from unetscope.layout.chain.ends import input_groups, made, output_shape, sample_shape, sides
from unetscope.layout.measure import text, width, wrapped
from unetscope.layout.parts.glyphs import CELL, HIGH, PITCH, arrow, fill_of
from unetscope.layout.scene import Anchor, Box, ColourRole, Frame, Item, Line
from unetscope.layout.strip import costs
from unetscope.layout.strip.stage_boxes import StripRow
from unetscope.layout.strip.widths import Form
from unetscope.model import Architecture
from unetscope.sizes import Shape

_BETWEEN = 5.0
_LINE = 1.15
"""From line to line, in sizes."""
_MOST_HIGH = 9
"""More channels above one another are one cell: they would be higher than the stages."""
_ARROW = 12.0
OUT = _ARROW + CELL + 1
"""Behind the last convolution."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What stands at the ends of a network: groups of channels with names, and both shapes."""

    architecture: Architecture
    drawn: Chain
    form: Form

    @property
    def groups(self) -> list[tuple[int, str]]:
        return input_groups(self.architecture)

    @property
    def output(self) -> Shape | None:
        return output_shape(self.architecture)


def out_of(architecture: Architecture, chain: Chain, form: Form) -> float:
    """What stands behind the last convolution: its cells, and a size that the one before it leaves room."""
    shape = output_shape(architecture)
    if shape is None:
        return OUT
    size = max(_beside_size(shape, chain.stages[-1].output if chain.stages else None, form) - 2,
               1.5 * width(str(shape[1]), form.size, bold=True) + 4 - form.end - form.gap / 2)  # fmt: skip
    named = max(width(word, form.size, bold=True) for word in made(architecture).split())
    # The name stands over what follows the last concatenation, so that no skip falls through it.
    behind = form.end + form.gap + form.pad + form.narrowest + form.bar / 2
    return max(OUT, size, named - behind)


def lead_of(architecture: Architecture, chain: Chain, form: Form) -> float:
    """What the names and cells of the input need before the first convolution."""
    if not chain.inlet:
        return max(OUT, costs.headings_width(form))
    groups = input_groups(architecture)
    names = [line for group in groups for line in _lines(*group, form.size, single=len(groups) == 1)]
    wide = max((width(line, form.size, bold=len(groups) == 1) for line in names), default=0.0)
    named = max(wide + 4, CELL + _ARROW) if len(groups) < 2 else wide + CELL + _ARROW + 8
    first = chain.stages[0].input if chain.stages else None
    return max(named, _beside_size(sample_shape(architecture), first, form))


def _beside_size(shape: Shape | None, next_shape: Shape | None, form: Form) -> float:
    """What the size of an end needs beside it, so that it keeps clear of that behind its convolution."""
    if not shape:
        return 0.0
    own = width(sides(shape), form.size)
    other = width(sides(next_shape), form.size) if next_shape and len(next_shape) > 2 else 0.0
    return own + max(own, other) / 2 + 6 - form.end - form.gap / 2


def lead_of_rows(architecture: Architecture, chain: Chain, form: Form) -> float:
    """The same where the output stands below the input."""
    made_lines = _made_lines(architecture, form)
    named = max(width(line, form.size, bold=True) + 6 for line in made_lines)
    last = chain.stages[-1].output if chain.stages else None
    return max(form.lead, named, _beside_size(output_shape(architecture), last, form))


def _lines(count: int, name: str, size: float, *, single: bool) -> list[str]:
    name = name.replace("-image latent", " image")
    parts = (part for word in name.split() for part in _broken(word, size))
    if single:
        return wrapped(" ".join(parts), 6.4 * size, size, bold=True)
    wording = " ".join(parts)
    return wrapped(f"{count} {wording}", 5.8 * size, size)


def _broken(word: str, size: float) -> list[str]:
    """A word, or both halves of one that has a hyphen and no room on a line."""
    first, hyphen, second = word.partition("-")
    return [first + hyphen, second] if hyphen and width(word, size) > 5.8 * size else [word]


def over_outlet(ends: Ends, row: StripRow) -> float:
    """The first baseline of what the network makes, over its last convolution and the cells."""
    tops = [
        min(frame.y, row.flow - _column(_channels(ends)) / 2) for _, frame, word in row.ends if word == "out"
    ]
    tops += [placed.frame.y for placed in row.placed[-1:]] if tops else []
    return (
        min(tops, default=row.box.y + 16)
        - 6
        - _LINE * ends.form.size * (len(_made_lines(ends.architecture, ends.form)) - 1)
    )


def _channels(ends: Ends) -> int:
    return ends.output[1] if ends.output else 0


def _made_lines(architecture: Architecture, form: Form) -> list[str]:
    return wrapped(made(architecture), 6.4 * form.size, form.size, bold=True)


def over_inlet(ends: Ends, row: StripRow) -> float:
    """The top of what the network is given: of the names over its cells, or of the cells."""
    if not any(word == "in" for _, _, word in row.ends) or not ends.groups:
        return row.box.y
    y = _inlet_top(ends, row)
    single = ends.groups[0] if len(ends.groups) == 1 else None
    lines = _lines(*single, ends.form.size, single=True) if single else []
    return y - (5 + _LINE * ends.form.size * len(lines) if single else 0)


def _inlet_top(ends: Ends, row: StripRow) -> float:
    high = sum(_rows(ends)) + _BETWEEN * (len(ends.groups) - 1)
    line, middle = row.line(ends.form), row.flow - high / 2
    return max(middle, line - 2) if row.hangs else min(middle, line + 2 - high)


def _rows(ends: Ends) -> list[float]:
    """The height of each group: of its cells, of several groups also of its words."""
    size, rows = ends.form.size, [_column(count) for count, _ in ends.groups]
    if len(rows) == 1:
        return rows
    needed = (_LINE * size * len(_lines(count, name, size, single=False)) for count, name in ends.groups)
    return [max(pair) for pair in zip(rows, needed, strict=True)]


def drawn_ends(ends: Ends, row: StripRow, *, sizes: float) -> Iterator[Item]:
    """Cells, names, sizes and arrows at both ends, or at the one that a row has."""
    for _, frame, word in row.ends:
        if word == "in":
            yield from _inlet(ends, row, frame)
            yield from _size(sample_shape(ends.architecture), row.box.x, sizes, ends.form, "start")
            continue
        leftwards = frame.x < min((placed.frame.x for placed in row.placed), default=row.box.x)
        yield from _outlet(ends, row, frame, leftwards=leftwards)
        side: Anchor = "start" if leftwards else "end"
        yield from _size(ends.output, row.box.x if leftwards else row.box.right, sizes, ends.form, side)


def _size(shape: Shape | None, x: float, y: float, form: Form, side: Anchor) -> Iterator[Item]:
    """Channels over height and width, in line with those between the stages."""
    if shape:
        yield text(x, y, str(shape[1]), size=form.size, bold=True, anchor=side)
        yield text(x, y + 1.3 * form.size, sides(shape), size=form.size, role="dim", anchor=side)


def _column(count: int) -> float:
    """The height of the cells of a group."""
    return count * PITCH - 1 if count <= _MOST_HIGH else 3 * PITCH


def _cells(count: int, x: float, y: float, fill: ColourRole) -> Iterator[Item]:
    if count > _MOST_HIGH:
        yield Box(Frame(x, y, CELL, _column(count)), fill, "image", 1.1, radius=1)
        return
    for index in range(count):
        yield Box(Frame(x, y + index * PITCH, CELL, HIGH), fill, "image", 1.1, radius=1)


def _inlet(ends: Ends, row: StripRow, frame: Frame) -> Iterator[Item]:
    groups, size = ends.groups, ends.form.size
    single = len(groups) == 1
    rows = _rows(ends)
    high = sum(rows) + _BETWEEN * (len(rows) - 1)
    y = _inlet_top(ends, row)
    x = row.box.x if single else frame.x - _ARROW - 5 - CELL
    if single:
        yield from _named(_lines(*groups[0], size, single=True), x, (y, y + high), size, below=row.hangs)
    top = y
    for index, ((count, name), tall) in enumerate(zip(groups, rows, strict=True)):
        yield from _cells(count, x, y + (tall - _column(count)) / 2, fill_of(name, index))
        if not single:
            yield from _beside(
                _lines(count, name, ends.form.size, single=False), x - 4, y + tall / 2, ends.form.size
            )
        y += tall + _BETWEEN
    right = x + CELL
    if not single:
        right = x + CELL + 5
        points = ((right - 2.5, top), (right, top), (right, top + high), (right - 2.5, top + high))
        yield Line(points, "skip", 1)
    yield arrow((right + 2, row.flow), (frame.x - 0.5, row.flow))


def _named(
    lines: Sequence[str], x: float, column: tuple[float, float], size: float, *, below: bool
) -> Iterator[Item]:
    """The name above the cells between two heights, or below them."""
    top, foot = column
    first = foot + 5 + 0.72 * size if below else top - 5 - _LINE * size * (len(lines) - 1)
    for index, line in enumerate(lines):
        yield text(x, first + _LINE * size * index, line, size=size, bold=True)


def _beside(lines: Sequence[str], x: float, middle: float, size: float) -> Iterator[Item]:
    first = middle - _LINE * size * (len(lines) - 1) / 2 + 0.36 * size
    for index, line in enumerate(lines):
        yield text(x, first + _LINE * size * index, line, size=size, anchor="end")


def _outlet(ends: Ends, row: StripRow, frame: Frame, *, leftwards: bool) -> Iterator[Item]:
    count, size = _channels(ends), ends.form.size
    half = _column(count) / 2
    x = row.box.x if leftwards else row.box.right - CELL - 1
    start, end = (frame.x, x + CELL + 0.5) if leftwards else (frame.right, x - 0.5)
    yield arrow((start, row.flow), (end, row.flow))
    yield from _cells(count, x, row.flow - half, "background")
    if leftwards:
        yield from _named(
            _made_lines(ends.architecture, ends.form),
            x,
            (row.flow - half, row.flow + half),
            size,
            below=False,
        )
        return
    y = over_outlet(ends, row)
    for index, line in enumerate(_made_lines(ends.architecture, ends.form)):
        yield text(row.box.right, y + _LINE * size * index, line, size=size, bold=True, anchor="end")
