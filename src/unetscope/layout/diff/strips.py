"""The strips of a diff: one grey strip with what changed in colour, or two aligned ones with brackets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from unetscope.analysis.diff.transfer import counts
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, of
from unetscope.layout.chain.blocks import Block
from unetscope.layout.diff import labels, rails, skips
from unetscope.layout.diff.marks import INKS, Mark, bracket, sign
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.positions import FOOT, PairRow, PlacedPair, Standing
from unetscope.layout.measure import centred, text, width
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import arrow, colours, glyph, tooltip
from unetscope.layout.scene import Box, ColourRole, Frame, Group, Item, Line
from unetscope.vocabulary import GlyphKind
from unetscope.words import units

_LINE = 12.0


def one_strip(
    diff: Diff, columns: Columns, row: PairRow, page: Page, *, top: float
) -> tuple[list[Item], float, float]:
    """Both networks in one strip, drawn as B's; the line it stands on, and the y below it."""
    items, standing, foot = _strip(diff, columns, row, top=top, after=True)
    for placed in row.placed:
        if any("changed" in slot.states for slot in placed.column.slots):
            frame = standing.frame(placed.frame)
            items += sign("changed", frame.right - 3, frame.bottom + 3, radius=7)
    read, foot = rails.below(diff, columns, row, page, y=foot + 4)
    summary, y = _summary(diff, columns, standing, page, y=foot + 5)
    return [Group((*items, *read, *summary), side="b")], standing.line, y


def two_strips(
    diff: Diff, columns: Columns, row: PairRow, page: Page, *, top: float
) -> tuple[list[Item], float]:
    """A, and below it brackets and words, then rails of what both read and differs; the y where B begins."""
    items, _, foot = _strip(diff, columns, row, top=top, after=False)
    between, y = _between(diff, columns, row, page, y=foot + 5)
    return [Group(tuple(items), side="a"), *between], y


def strip_apart(
    diff: Diff, columns: Columns, row: PairRow, *, top: float, after: bool
) -> tuple[list[Item], float]:
    """One of two networks without a stage in common, with what each stage holds, and the y below it."""
    items, _, foot = _strip(diff, columns, row, top=top, after=after)
    for placed in row.placed:
        stage = placed.column.stage
        amount = f"{units.params(stage.cost.params)}"
        items.append(text(placed.frame.centre, foot + 14, amount, size=10.5, role="dim", anchor="middle"))
    return [Group(tuple(items), side="b" if after else "a")], foot + 20


def second_strip(diff: Diff, columns: Columns, row: PairRow, *, y: float) -> tuple[list[Item], float]:
    """B's strip, mirrored: the tops of its boxes at y, names above glyphs, skips below."""
    standing = Standing(row, y + FOOT, hung=True)
    rising = skips.rises(skips.lanes_of(diff, columns, standing, after=True), standing, after=True)
    items = _drawn(diff, rising, standing, after=True)
    return [Group(tuple(items), side="b")], standing.y(max([row.high, *(rise for _, rise in rising)]))


def _strip(
    diff: Diff, columns: Columns, row: PairRow, *, top: float, after: bool
) -> tuple[list[Item], Standing, float]:
    """A strip that stands below `top`, its lanes above it; where it stands, and the foot of its boxes."""
    unplaced = Standing(row, 0)
    rising = skips.rises(skips.lanes_of(diff, columns, unplaced, after=after), unplaced, after=after)
    standing = Standing(row, top + max([row.high, *(rise for _, rise in rising)]))
    return _drawn(diff, rising, standing, after=after), standing, standing.line + FOOT


def _drawn(
    diff: Diff, rising: Sequence[tuple[skips.SkipLane, float]], standing: Standing, *, after: bool
) -> list[Item]:
    """The flow, boxes, lanes, glyphs and ends of one network."""
    row = standing.row
    present = [placed for placed in row.placed if (placed.column.after if after else placed.column.before)]
    items: list[Item] = [*_flow(standing, present, after=after)]
    items += [item for placed in present for item in _box(placed, standing, after=after)]
    items += skips.draw(rising, standing)
    for block, frame in _inner(row, after=after):
        items.append(glyph(block, standing.frame(frame), placed=row.form.placed, core=standing.core(frame)))
    items += _gaps(standing, after=after)
    items += _ends(diff, standing, after=after)
    return items


def _inner(row: PairRow, *, after: bool) -> Iterator[tuple[Block, Frame]]:
    """The blocks of one network without those at its ends."""
    for placed in row.placed:
        for slot, frame in placed.slots:
            block = slot.after if after else slot.before
            if block is not None:
                yield block, frame


def _box(pair: PlacedPair, standing: Standing, *, after: bool) -> Iterator[Item]:
    """The rounded box of a stage with its name."""
    stage = pair.column.after if after else pair.column.before
    assert stage is not None
    frame, form = standing.frame(pair.frame), standing.row.form
    mark = pair.column.mark
    ink: ColourRole = INKS[mark] if mark else "ink"
    outline: ColourRole = INKS[mark] if mark else "kept"
    y = standing.line + (-8.0 if standing.hung else 15.5)
    name = text(frame.centre, y, stage.stage.name, size=form.name, role=ink, anchor="middle", bold=True,
                frame=frame, limit=frame.width - 4)  # fmt: skip
    box = Box(frame, "card", outline, 1.3, radius=6, dashed=mark == "removed")
    yield Group((box, name), stage.stage.path, stage.stage.path)


def _gaps(standing: Standing, *, after: bool) -> Iterator[Item]:
    """A line through the places of what this network lacks, and words where it lacks a stage."""
    y = standing.flow
    for placed in standing.row.placed:
        if (placed.column.after if after else placed.column.before) is None:
            words = f"no {placed.column.stage.stage.name}"
            label = text(placed.frame.centre, y - 9, words, size=10, role="dim", anchor="middle")
            yield Group((label,), tells=labels.told(placed.column.slots))
            continue
        present = [(slot.after if after else slot.before) is not None for slot, _ in placed.slots]
        frames = [frame for _, frame in placed.slots]
        for has, run in groupby(range(len(present)), key=present.__getitem__):
            places = list(run)
            if not has:
                start = frames[places[0] - 1].right if places[0] else frames[0].x
                end = frames[places[-1] + 1].x if places[-1] + 1 < len(present) else frames[-1].right
                line = Line(((start, y), (end, y)), "kept", 1.2)
                yield Group((line,), tells=labels.told([placed.slots[place][0] for place in places]))


def _flow(standing: Standing, present: Sequence[PlacedPair], *, after: bool) -> Iterator[Item]:
    """Arrows between all that a network has, and those into and out of the picture."""
    row, y = standing.row, standing.flow
    inlet, outlet = (end and (end[0].after if after else end[0].before) for end in (row.inlet, row.outlet))
    frames = [pair.frame for pair in present]
    frames = [row.inlet[1], *frames] if row.inlet and inlet else frames
    frames = [*frames, row.outlet[1]] if row.outlet and outlet else frames
    if not frames:
        return
    lead = min(row.form.lead, frames[0].x - 1)  # without a convolution there the page may end
    yield arrow((frames[0].x - lead, y), (frames[0].x - 0.5, y))
    for before, following in pairwise(frames):
        yield arrow((before.right, y), (following.x - 0.5, y))
    yield arrow((frames[-1].right, y), (frames[-1].right + lead, y))


def _ends(diff: Diff, standing: Standing, *, after: bool) -> Iterator[Item]:
    """The convolutions at both ends with their word."""
    row = standing.row
    for end, word in ((row.inlet, "in"), (row.outlet, "out")):
        if end is None:
            continue
        slot, frame = end[0], standing.frame(end[1])
        block = slot.after if after else slot.before
        if block is None:
            continue
        if frame.width > row.form.end:
            yield from _enlarged(diff, block, frame)
            continue
        yield glyph(block, frame, core=standing.core(frame))
        y = standing.line + (-8.0 if standing.hung else 15.5)
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


def leader(frame: Frame, start: float, end: float) -> Item:
    """From an enlarged convolution that stands on a line, below its name, to the card that opens it."""
    return Line(((frame.centre, start + 22), (frame.centre, end)), "gone", 1.4)


def _channels(diff: Diff, path: str) -> tuple[str, bool]:
    """Input channels of a convolution at the start, output channels at the end: "4 → 9"; whether any came."""
    for change in of(TensorChange, diff.changes):
        if change.path == f"{path}.weight" and change.before and change.after:
            before, after = change.before.shape, change.after.shape
            axis = 1 if before[1] != after[1] else 0
            return f"{before[axis]} → {after[axis]}", before[axis] < after[axis]
    return "", False


def _summary(
    diff: Diff, columns: Columns, standing: Standing, page: Page, *, y: float
) -> tuple[list[Item], float]:
    """Below one strip: what is unchanged, under a bracket where it is all but the ends."""
    row = standing.row
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
    same = Counter[GlyphKind]()
    for slot in columns.slots:
        same[slot.drawn.kind] += slot.drawn.count if slot.states <= {"kept", "renamed"} else 0
    nouns: tuple[tuple[GlyphKind, str], ...] = (
        ("residual", "residual block"), ("conv-block", "convolution block"), ("attention", "transformer")
    )  # fmt: skip
    parts = [f"{same[kind]} {noun}{'s' if same[kind] > 1 else ''}" for kind, noun in nouns if same[kind]]
    changed = len(skips.fates(diff, columns, after=True))
    if len(diff.b.skips) > changed:
        parts.append(f"{len(diff.b.skips) - changed} skips")
    plan = counts(diff.transfer)
    parts.append(f"{plan['same']:,} tensors load as they are")
    return "unchanged: " + " · ".join(parts)


def _between(diff: Diff, columns: Columns, row: PairRow, page: Page, *, y: float) -> tuple[list[Item], float]:
    """Brackets under what went and over what came, with the words of each column and rails of conditioning
    that differs, and the y below."""
    lines = {id(placed): labels.words_of(placed.column) for placed in row.placed}
    high = max((len(line) for line in lines.values()), default=0) * _LINE
    items, foot = rails.below(diff, columns, row, page, y=y + 16 + high)
    bottom = foot + 16
    for stage_place in row.placed:
        sides: tuple[tuple[Mark, float, float], ...] = (("removed", y, 7.0), ("added", bottom, -7.0))
        for mark, at, depth in sides:
            for start, end in labels.runs(stage_place.column, mark):
                slots, frames = zip(*stage_place.slots[start : end + 1], strict=True)
                bracketed = bracket(frames[0].x, frames[-1].right, at, role=INKS[mark], depth=depth)
                items.append(Group((bracketed,), tells=labels.told(slots)))
        texts = [
            text(stage_place.frame.centre, y + 21 + index * _LINE, words, size=labels.SIZE, role=role,
                 anchor="middle", bold=bold)
            for index, (words, role, bold) in enumerate(lines[id(stage_place)])
        ]  # fmt: skip
        if texts:
            items.append(Group(tuple(texts), tells=labels.told(stage_place.column.slots)))
    return items, bottom + 5
