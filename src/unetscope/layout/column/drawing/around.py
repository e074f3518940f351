"""Around a column: title and counts above it; bars, a sentence, the legend and the foot below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unetscope.analysis.remarks import remarks
from unetscope.choices import Look
from unetscope.layout.chain import Ramp
from unetscope.layout.column.drawing.boxes import badge
from unetscope.layout.column.drawing.flowchart import ColumnNetwork
from unetscope.layout.column.drawing.sayings import counts_line, remarks_of, sentence
from unetscope.layout.column.drawing.sizes import Measures, dashes_of
from unetscope.layout.column.drawing.spent import feed_forward_word, spent_on
from unetscope.layout.column.reading.cells import Condition
from unetscope.layout.measure import width
from unetscope.layout.parts.frame import command_lines, notes_of
from unetscope.layout.parts.legend import Entry, entries_piece, shade_entries
from unetscope.layout.parts.samples import nothing
from unetscope.layout.parts.scale import CostScale
from unetscope.layout.parts.spent_bars import Grouping, spent_bars
from unetscope.layout.pieces import Piece, paragraph, place, row, sketch, stack, words
from unetscope.layout.scene import ColourRole, Frame, Item, Line
from unetscope.words import basis, units


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


_ATTENTION = ("projection", "scores")


def head(network: ColumnNetwork, look: ColumnPage) -> tuple[list[Item], float]:
    """Title, class and counts, basis; nothing on paper. And the y below."""
    if look.options.paper:
        return [], 10.0
    architecture, sizes = network.architecture, look.sizes
    room = look.page - 2 * look.margin
    small = 12.6 if sizes.narrow else 12.0
    counts = counts_line(architecture, look.on)
    holds = "basis: " + basis.short(architecture)
    name = architecture.class_name
    size = _title_size(architecture.title, room, sizes)
    title = [paragraph(architecture.title, room, size=size, bold=True)] if look.options.title else []
    left = f"{name} · {counts}"
    if sizes.narrow:
        lines = (name, counts, holds)
        head = stack(*title, *(paragraph(line, room, size=small, role="dim") for line in lines))
        items, _ = place(head, Frame(look.margin, 12, room, head.height))
        return items, 12 + head.height + 14
    if width(left, small) + width(holds, small) + 20 <= room:
        second = row(
            words(left, size=small, role="dim"),
            words(holds, size=small, role="dim", side="end"),
            share="first",
        )
    else:
        second = stack(*(paragraph(line, room, size=small, role="dim") for line in (left, holds)))
    head = stack(*title, second, gap=3)
    items, _ = place(head, Frame(look.margin, 16, room, head.height))
    return items, 16 + head.height + 20


def _title_size(title: str, room: float, sizes: Measures) -> float:
    """The size at which the longest word of a title fits the page, but never too small to read."""
    longest = max((width(word, sizes.title, bold=True) for word in title.split()), default=0.0)
    return max(sizes.plain, min(sizes.title, sizes.title * room / max(longest, 1.0)))


def surroundings(network: ColumnNetwork, look: ColumnPage) -> Piece:
    """Bars, the sentence, the legend and the foot."""
    architecture, options, sizes = network.architecture, look.options, look.sizes
    room = look.page - 2 * look.margin
    legend = _legend(network, look, room)
    if options.paper:
        holds = f"{counts_line(architecture, look.on)}, {basis.short(architecture)}"
        size = sizes.plain if sizes.narrow else 11
        return stack(
            legend, paragraph(holds, room, size=size, bold=True), *_remarks(network, room, sizes), gap=6
        )
    spent = spent_on(architecture, network.runs)
    word = feed_forward_word(network.runs)
    statement = sentence(spent, architecture.cost, look.on, word)
    notes = " · ".join(notes_of(architecture))
    small = sizes.plain
    foot = _foot(notes, options.command, room, small)
    work = f"{units.exact(architecture.cost.total(options.unit))} {look.on.heading}"
    exact = f"{units.exact(architecture.cost.params)} parameters · {work}"
    return stack(
        spent_bars(spent, look.on, room, Grouping(_ATTENTION, "attention", word, sizes.strong, sizes.narrow)),
        paragraph(statement, room, size=sizes.strong + 0.5, bold=True),
        _rule(room),
        legend,
        paragraph(exact, room, size=small, bold=True),
        *_remarks(network, room, sizes),
        foot,
        gap=7,
    )


def _remarks(network: ColumnNetwork, room: float, sizes: Measures) -> list[Piece]:
    """What of the config the picture does not show, and what was traced that its config does not tell."""
    return [paragraph(remark, room, size=sizes.plain, role="dim") for remark in remarks(network.architecture)]


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


def _legend(network: ColumnNetwork, look: ColumnPage, room: float) -> Piece:
    """What arrows, badges and words mean, in as many lines as they need."""
    size = look.sizes.plain
    entries = [_entry(remark, size) for remark in remarks_of(network)]
    lanes = {lane.word for run in network.runs for lane in run.inside.lanes}
    if "text" in lanes:
        entries += [_arrow_entry("image", "image tokens"), _arrow_entry("context", "text tokens")]
    if look.options.detail != "stage" and not (look.options.paper and look.sizes.narrow):
        entries.append(_arrow_entry("skip", "residual"))
    steps = shade_entries(look.steps) if look.steps else []
    return stack(entries_piece(entries, room, size), entries_piece(steps, room, size))


def _entry(remark: str, size: float) -> Entry:
    """A remark; one on t or c begins with its badge."""
    letters: dict[str, Condition] = {"t ": "t", "c ": "c"}
    letter = letters.get(remark[:2])
    if letter is None:
        return -5.0, nothing, remark
    return 19.0, lambda x, y: tuple(badge(letter, x + 9, y, size=size)), remark[2:]


def _arrow_entry(role: ColourRole, word: str) -> Entry:
    return 27.0, lambda x, y: (Line(((x, y), (x + 26, y)), role, 1.7, head=7, dashes=dashes_of(role)),), word
