"""The strips of a diff: one grey strip with what changed in colour, or two aligned ones with brackets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from unetscope.analysis.diff.transfer import counts
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, of
from unetscope.layout.chain.blocks import Block, StageBlocks
from unetscope.layout.diff import labels, skips
from unetscope.layout.diff.marks import INKS, Mark, bracket, sign
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.positions import PairRow, PlacedPair
from unetscope.layout.measure import centred, text, width
from unetscope.layout.page import Page
from unetscope.layout.parts import lanes
from unetscope.layout.parts.glyphs import arrow, colours, glyph, tooltip
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line, moved
from unetscope.vocabulary import GlyphKind

_LINE = 12.0
_LEAST_LANES = 10.0


def lanes_height(diff: Diff) -> float:
    """The room that the lanes of the network with more skips need."""
    count = max(len(diff.a.skips), len(diff.b.skips))
    return lanes.pitch(count) * max(0, count - 1) + 14 if count else _LEAST_LANES


def one_strip(
    diff: Diff, columns: Columns, row: PairRow, page: Page, *, top: float
) -> tuple[list[Item], float]:
    """Both networks in one strip, drawn as B's, and the y below it."""
    first = row.placed[0].frame if row.placed else Frame(row.left, top, 0, row.form.box)
    glyphs = first.y + row.form.glyph_top
    items: list[Item] = [*_flow(row, row.placed, first.y + row.form.glyph_top + row.form.glyph / 2)]
    items += [item for one in row.placed for item in _box(one, one.column.after, row, dy=0)]
    items += skips.above(skips.lanes_of(diff, columns, row, after=True), top=top, glyphs=glyphs)
    items += [glyph(block, frame, placed=row.form.placed) for block, frame in _inner(row, after=True)]
    items += _ends(diff, row, after=True, dy=0)
    for one in row.placed:
        if any("changed" in slot.states for slot in one.column.slots):
            items += sign("changed", one.frame.right - 3, one.frame.y + 1, radius=7)
    summary, y = _summary(diff, columns, row, page, y=first.bottom + 9)
    return [Group((*items, *summary), side="b")], y


def two_strips(diff: Diff, columns: Columns, row: PairRow, *, top: float) -> tuple[list[Item], float]:
    """A above, B below on the same places, with brackets and words between, and the y below both."""
    first = row.placed[0].frame
    glyphs, flow = first.y + row.form.glyph_top, first.y + row.form.glyph_top + row.form.glyph / 2
    ours = skips.lanes_of(diff, columns, row, after=False)
    items: list[Item] = [*_flow(row, [one for one in row.placed if one.column.before], flow)]
    items += [item for one in row.placed for item in _box(one, one.column.before, row, dy=0)]
    items += skips.above(ours, top=top, glyphs=glyphs)
    items += [glyph(block, frame, placed=row.form.placed) for block, frame in _inner(row, after=False)]
    items += _ends(diff, row, after=False, dy=0)
    between, y = _between(row, y=first.bottom + 5)
    return [Group(tuple(items), side="a"), *between], y


def second_strip(diff: Diff, columns: Columns, row: PairRow, *, y: float) -> tuple[list[Item], float]:
    """B's strip, mirrored: names above glyphs, skips below; the tops of its boxes at y."""
    frame = row.placed[0].frame
    dy = y - frame.y
    # Names stand above the glyphs here.
    inner = dy + row.form.box - 2 * row.form.glyph_top - row.form.glyph
    glyphs = frame.y + row.form.glyph_top + inner + row.form.glyph
    theirs = skips.lanes_of(diff, columns, row, after=True)
    foot = frame.bottom + dy
    bottom = foot + 8 + lanes_height(diff) - 14 * bool(theirs)
    present = [one for one in row.placed if one.column.after]
    items: list[Item] = [*_flow(row, present, glyphs - row.form.glyph / 2)]
    items += [item for one in row.placed for item in _box(one, one.column.after, row, dy=dy, above=True)]
    items += _gaps(row, glyphs - row.form.glyph / 2)
    items += skips.below(theirs, bottom=bottom, glyphs=glyphs)
    drawn = ((block, moved(frame, dy=inner)) for block, frame in _inner(row, after=True))
    items += [glyph(block, frame, placed=row.form.placed) for block, frame in drawn]
    items += _ends(diff, row, after=True, dy=inner)
    return [Group(tuple(items), side="b")], bottom if theirs else foot


def _inner(row: PairRow, *, after: bool) -> Iterator[tuple[Block, Frame]]:
    """The blocks of one network without those at its ends."""
    for one in row.placed:
        for slot, frame in one.slots:
            block = slot.after if after else slot.before
            if block is not None:
                yield block, frame


def _box(
    one: PlacedPair, stage: StageBlocks | None, row: PairRow, *, dy: float, above: bool = False
) -> Iterator[Item]:
    """The rounded box of a stage with its name; nothing where this network lacks it."""
    if stage is None:
        return
    frame, form = moved(one.frame, dy=dy), row.form
    lacks = one.column.before is None or one.column.after is None
    mark: Mark = "kept" if not lacks else "added" if one.column.before is None else "removed"
    ink: ColourRole = INKS[mark] if lacks else "ink"
    outline: ColourRole = INKS[mark] if lacks else "kept"
    room = (form.name_room + form.name) / 2 - 1.5
    y = frame.y + room + 1 if above else frame.bottom - form.name_room + room - 1
    name = text(frame.centre, y, stage.stage.name, size=form.name, role=ink, anchor="middle", bold=True,
                frame=frame, limit=frame.width - 4)  # fmt: skip
    box = Box(frame, "card", outline, 1.3, radius=6, dashed=mark == "removed")
    yield Group((box, name), stage.stage.path, stage.stage.path)


def _gaps(row: PairRow, y: float) -> Iterator[Item]:
    """In B's strip: a line through the places of what went, and words where a stage went."""
    for one in row.placed:
        if one.column.after is None:
            words = f"no {one.column.stage.stage.name}"
            told = text(one.frame.centre, y - 9, words, size=10, role="dim", anchor="middle")
            yield Group((told,), tells=((one.column.stage.stage.path,), ()))
            continue
        for start, end in labels.runs(one.column, "removed"):
            slots = one.slots[start : end + 1]
            line = Line(((slots[0][1].x, y), (slots[-1][1].right, y)), "kept", 1.3)
            yield Group((line,), tells=labels.told([slot for slot, _ in slots]))


def _flow(row: PairRow, present: Sequence[PlacedPair], y: float) -> Iterator[Item]:
    """The arrows between the stages that a network has, and those into and out of the picture."""
    frames = [one.frame for one in present]
    frames = [row.inlet[1], *frames] if row.inlet else frames
    frames = [*frames, row.outlet[1]] if row.outlet else frames
    if not frames:
        return
    lead = row.form.lead
    yield arrow((frames[0].x - lead, y), (frames[0].x - 0.5, y))
    for before, after in pairwise(frames):
        yield arrow((before.right, y), (after.x - 0.5, y))
    yield arrow((frames[-1].right, y), (frames[-1].right + lead, y))


def _ends(diff: Diff, row: PairRow, *, after: bool, dy: float) -> Iterator[Item]:
    """The convolutions at both ends with their word."""
    for end, word in ((row.inlet, "in"), (row.outlet, "out")):
        if end is None:
            continue
        slot, frame = end[0], moved(end[1], dy=dy)
        block = slot.after if after else slot.before
        if block is None:
            continue
        if frame.width > row.form.end:
            yield from _enlarged(diff, block, frame)
            continue
        yield glyph(block, frame)
        y = frame.y - 8 if dy else frame.bottom + row.form.name + 5.5
        yield text(frame.centre, y, word, size=row.form.name, role="dim", anchor="middle")


def _enlarged(diff: Diff, block: Block, frame: Frame) -> Iterator[Item]:
    """A convolution at one end that differs: its channels on both sides."""
    path = block.path
    fill, ink, outline = colours(block)
    box = Box(frame, fill, outline, 2.4, radius=5)
    words, grows = _channels(diff, path)
    ink_of: ColourRole = "new" if grows else "gone"
    high = frame.middle - (7 if words else 0)
    name = centred(Frame(frame.x, high - 8, frame.width, 16), "Cv", size=13, role=ink, bold=True)
    below = [centred(Frame(frame.x, high + 8, frame.width, 16), words, size=11, role=ink_of, bold=True)]
    yield Group((box, name, *(below if words else [])), path, tooltip(block))
    yield text(frame.centre, frame.bottom + 16.5, path, size=11, role="ink", anchor="middle", bold=True)
    yield from sign("changed", frame.right - 1, frame.y + 1)


def leader(frame: Frame, y: float) -> Item:
    """From an enlarged convolution, below its name, down to the card at y that opens it."""
    return Line(((frame.centre, frame.bottom + 22), (frame.centre, y)), "gone", 1.4)


def _channels(diff: Diff, path: str) -> tuple[str, bool]:
    """Input channels of a convolution at the start, output channels at the end: "4 → 9"; whether any came."""
    for change in of(TensorChange, diff.changes):
        if change.path == f"{path}.weight" and change.before and change.after:
            before, after = change.before.shape, change.after.shape
            axis = 1 if before[1] != after[1] else 0
            return f"{before[axis]} → {after[axis]}", before[axis] < after[axis]
    return "", False


def _summary(diff: Diff, columns: Columns, row: PairRow, page: Page, *, y: float) -> tuple[list[Item], float]:
    """Below one strip: what is unchanged, under a bracket where it is all but the ends."""
    items: list[Item] = []
    whole = all(slot.states <= {"kept", "renamed"} for slot in columns.slots) and bool(row.placed)
    if whole:
        right = row.placed[-1].frame.right
        if row.outlet and "kept" in row.outlet[0].states:
            right = row.outlet[1].right
        left = row.placed[0].frame.x
        if row.inlet and "kept" in row.inlet[0].states:
            left = row.inlet[1].x
        y += 16 if left < row.placed[0].frame.x or right > row.placed[-1].frame.right else 0
        items.append(bracket(left, right, y, role="dim"))
        y += 8
    words = _unchanged(diff, columns)
    x = (page.width - width(words, 12, bold=True)) / 2 + 10
    items += sign("kept", x - 18, y + 18)
    items.append(text(x, y + 22.3, words, size=12, role="dim", bold=True))
    return items, y + 34


def _unchanged(diff: Diff, columns: Columns) -> str:
    """How much of the networks is the same: blocks, skips, tensors."""
    kept = Counter[GlyphKind]()
    for slot in columns.slots:
        kept[slot.drawn.kind] += slot.drawn.count if slot.states <= {"kept", "renamed"} else 0
    nouns: tuple[tuple[GlyphKind, str], ...] = (("residual", "residual block"), ("attention", "transformer"))
    found = [f"{kept[kind]} {noun}{'s' if kept[kind] > 1 else ''}" for kind, noun in nouns if kept[kind]]
    changed = len(skips.fates(diff, columns, after=True))
    if len(diff.b.skips) > changed:
        found.append(f"{len(diff.b.skips) - changed} skips")
    plan = counts(diff.transfer)
    found.append(f"{plan['same']:,} tensors load as they are")
    return "unchanged: " + " · ".join(found)


def _between(row: PairRow, *, y: float) -> tuple[list[Item], float]:
    """Brackets under what went and over what came, with the words of each column, and the y below."""
    lines = {id(one): labels.words_of(one.column) for one in row.placed}
    high = max((len(found) for found in lines.values()), default=0) * _LINE
    bottom = y + 8 + 8 + high + 16
    items: list[Item] = []
    for one in row.placed:
        sides: tuple[tuple[Mark, float, float], ...] = (("removed", y, 7.0), ("added", bottom, -7.0))
        for mark, at, depth in sides:
            for start, end in labels.runs(one.column, mark):
                slots, frames = zip(*one.slots[start : end + 1], strict=True)
                drawn = bracket(frames[0].x, frames[-1].right, at, role=INKS[mark], depth=depth)
                items.append(Group((drawn,), tells=labels.told(slots)))
        said = [
            text(one.frame.centre, y + 21 + index * _LINE, words, size=labels.SIZE, role=role,
                 anchor="middle", bold=bold)
            for index, (words, role, bold) in enumerate(lines[id(one)])
        ]  # fmt: skip
        if said:
            items.append(Group(tuple(said), tells=labels.told(one.column.slots)))
    return items, bottom + 5
