"""A diff for one column of a two-column paper: a line of glyphs for each stage, A's over B's, all text at
12.6 px, which is 6.5 pt at 3.3 inches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from unetscope.analysis.diff.insight import insight
from unetscope.choices import Look
from unetscope.difference import Diff
from unetscope.layout.chain.blocks import Block
from unetscope.layout.diff import frame, labels, rails
from unetscope.layout.diff.pairs import Columns, Slot, StagePair
from unetscope.layout.measure import centred, width
from unetscope.layout.page import page_of
from unetscope.layout.parts.frame import command_lines
from unetscope.layout.parts.glyphs import body, colours, glyph, tooltip
from unetscope.layout.parts.legend import rows
from unetscope.layout.pieces import Piece, align, at_least, pad, paragraph, place, row, sketch, space, stack
from unetscope.layout.pieces import words as line
from unetscope.layout.scene import Frame, Group, Item, Line, Scene
from unetscope.words import basis, units
from unetscope.words import diff as words
from unetscope.words import insight as sentences

SIZE = 12.6
_HIGH, _WIDE, _BAR, _BETWEEN = 19.0, 10.5, 6.0, 1.5
_BESIDE = 10.0


def draw(diff: Diff, columns: Columns, look: Look, *, title: str, description: str) -> Scene:
    """Stages from first to last; what was removed, added or changed; totals and the meaning of the signs."""
    page = page_of(look)
    room = page.content
    pieces = [] if look.paper else [_heading(diff, columns, room), space(0, 4)]
    pieces += [_network(diff, columns, room, after=after) for after in (False, True)]
    pieces += [space(0, 4), *_stages(columns, room)]
    pieces += [rails.told(diff, columns, room, size=SIZE), _rule(room), *_totals(diff, room), _rule(room)]
    if not look.paper:
        sentence = sentences.of_diff(diff, insight(diff, columns.alignment))
        pieces += [paragraph(sentence, room, size=SIZE, bold=True), space(0, 4)]
    whole = stack(*pieces, gap=3)
    items, _ = place(whole, Frame(page.margin, page.margin, room, whole.height))
    y = page.margin + whole.height + 14
    entries, y = rows(frame.entries(diff, columns, skips=False), page.margin, page.right, y, SIZE)
    notes = stack(*_notes(diff, columns, look, room))
    more, _ = place(notes, Frame(page.margin, y - 8, room, notes.height))
    return Scene(page.width, y + notes.height, title, description, (*items, *entries, *more))


def _heading(diff: Diff, columns: Columns, room: float) -> Piece:
    verdict = sentences.verdict(diff, insight(diff, columns.alignment))
    return stack(
        paragraph(f"{diff.a.id} → {diff.b.id}", room, size=18, bold=True),
        paragraph(verdict, room, size=SIZE, role="dim" if diff.identical else "ink", bold=True),
        paragraph(_basis(diff), room, size=SIZE, role="dim"),
    )


def _basis(diff: Diff) -> str:
    if diff.common:
        return f"basis of both: {basis.short(diff.a)}"
    return f"basis of A: {basis.short(diff.a)}; of B: {basis.short(diff.b)}"


def _network(diff: Diff, columns: Columns, room: float, *, after: bool) -> Piece:
    """Which network a line of glyphs shows, and its skips."""
    network = diff.b if after else diff.a
    role = frame.roles(diff)[after]
    where = "below" if after else "above"
    heading = f"{where}, {role} {network.id}: {frame.skip_note(diff, columns, after=after)}"
    return paragraph(heading, room, size=SIZE)


def _stages(columns: Columns, room: float) -> Iterator[Piece]:
    """A row for each stage: its name, both lines of glyphs, and what became of it."""
    names = max((width(stage.stage.stage.name, SIZE, bold=True) for stage in columns.stages), default=0) + 8
    names = min(names, 0.45 * room)
    lines = [[*_lines(stage.slots, room - names)] for stage in columns.stages]
    glyphs = max((_wide(line) for stage in lines for line in stage), default=0)
    for pair, slots in zip(columns.stages, lines, strict=True):
        beside = room - names - glyphs - _BESIDE
        became = _told(pair, max(beside, 90.0))
        name = at_least(paragraph(pair.stage.stage.name, names - 4, size=SIZE, bold=True), names)
        piece = at_least(stack(*map(_glyphs, slots), gap=6), glyphs + _BESIDE)
        if beside >= 90:
            yield pad(
                row(align(name, "start", middle=True), piece, align(became, "start", middle=True)), 0, 3
            )
        else:  # glyphs of many layers leave no room beside them
            below = row(space(names), _told(pair, room - names))
            yield pad(stack(row(align(name, "start", middle=True), piece), below), 0, 3)


def _told(pair: StagePair, room: float) -> Piece:
    """The words of a stage, or that nothing of it differs."""
    lines = labels.words_of(pair, room=inf)
    if not lines:
        same = all(slot.states <= {"kept", "renamed"} for slot in pair.slots)
        return line("same" if same else "", size=SIZE, role="dim")
    return stack(*(paragraph(text, room, size=SIZE, role=ink, bold=bold) for text, ink, bold in lines))


def _lines(slots: Sequence[Slot], room: float) -> Iterator[list[Slot]]:
    """The glyphs of a stage in as many lines as they need."""
    line: list[Slot] = []
    for slot in slots:
        if line and _wide([*line, slot]) > room:
            yield line
            line = []
        line.append(slot)
    yield line


def _wide(slots: Sequence[Slot]) -> float:
    return sum(_width(slot.drawn) for slot in slots) + _BETWEEN * max(0, len(slots) - 1)


def _width(block: Block) -> float:
    if block.kind == "concat":
        return _BAR
    return width(f"×{block.repeat}", SIZE) + 9 if block.repeat > 1 else _WIDE


def _glyphs(slots: Sequence[Slot]) -> Piece:
    """A's line over B's; one line where they are equal."""
    equal = all(slot.states == {"kept"} for slot in slots)
    sides = (True,) if equal else (False, True)

    def draw(place: Frame) -> Iterator[Item]:
        for index, after in enumerate(sides):
            y = place.y + index * (_HIGH + 3)
            items: list[Item] = []
            x = place.x
            for slot in slots:
                block = slot.after if after else slot.before
                wide = _width(slot.drawn)
                at = Frame(x, y, wide, _HIGH)
                if block is None:
                    items.append(Line(((x - 1, at.middle), (at.right + 1, at.middle)), "kept", 1.2))
                else:
                    items.append(_glyph(block, at))
                x += wide + _BETWEEN
            yield Group(tuple(items), side="b" if after else "a")

    return sketch(_wide(slots), len(sides) * (_HIGH + 3) - 3, draw)


def _glyph(block: Block, at: Frame) -> Item:
    """A glyph; of several layers by their number, for which its fill leaves the letter out."""
    if block.repeat < 2:
        return glyph(block, at)
    many = centred(at, f"×{block.repeat}", size=SIZE, role=colours(block)[1])
    return Group((body(block, at), many), block.path, tooltip(block))


def _totals(diff: Diff, room: float) -> Iterator[Piece]:
    for name, before, after in (
        ("parameters", diff.a.cost.params, diff.b.cost.params),
        (words.macs(diff), diff.a.cost.macs, diff.b.cost.macs),
    ):
        change = words.percent(before, after) or "the same"
        sentence = f"{name} {units.exact(before)} → {units.exact(after)}, {change}"
        yield paragraph(sentence, room, size=SIZE)


def _rule(room: float) -> Piece:
    return sketch(room, 7, lambda at: iter((Line(((at.x, at.middle), (at.right, at.middle)), "line", 1),)))


def _notes(diff: Diff, columns: Columns, look: Look, room: float) -> Iterator[Piece]:
    legend = " · ".join(
        (*frame.letters(columns, "A transformer, ×layers"), f"dark bar: {frame.joined_by(diff)}")
    )
    legend += " · ↓ ↑ resampling · line: nothing there"
    yield paragraph(legend, room, size=SIZE, role="dim")
    if look.command and not look.paper:
        yield from (
            line(command_line, size=SIZE, role="dim", mono=True)
            for command_line in command_lines(look.command, room, SIZE)
        )
