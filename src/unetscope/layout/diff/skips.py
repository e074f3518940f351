"""The skip connections of a diff as nested lanes: kept, cut, joined to another source, or new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.difference import Diff
from unetscope.difference.changes import How, SkipChange, of
from unetscope.layout.diff.pairs import Columns
from unetscope.layout.diff.positions import PairRow
from unetscope.layout.parts.lanes import CORNER, DOTS, HEAD, pitch, skip_name
from unetscope.layout.scene import ColourRole, Group, Item, Line
from unetscope.layout.strip.skips import nearest
from unetscope.model import Skip

Fate: TypeAlias = Literal["kept", "cut", "rejoined", "new"]

STYLES: dict[Fate, tuple[ColourRole, float, tuple[float, float]]] = {
    "kept": ("kept", 1.1, DOTS),
    "cut": ("gone", 1.3, (4.0, 2.5)),
    "rejoined": ("rejoined", 1.8, (6.0, 2.0)),
    "new": ("new", 1.8, (6.0, 2.0)),
}
"""Role, width and dashes of the lane of each fate."""


_FATES: dict[How, Fate] = {"removed": "cut", "added": "new"}
"""What became of a skip; one that changed keeps its reader and takes another source."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A skip in its place: x of its source and of its ⧺. `name` is its own in a page, "" where kept."""

    source: float
    target: float
    fate: Fate
    name: str = ""


def fates(diff: Diff, columns: Columns, *, after: bool) -> dict[tuple[str, str], Fate]:
    """What became of the skips of one network that are not kept, by source and target.

    A skip between the same two blocks is kept, however wide it is.
    """
    found: dict[tuple[str, str], Fate] = {}
    for change in of(SkipChange, diff.changes):
        side = change.after if after else change.before
        if side is not None and not _is_kept(change, columns):
            found[side.source, side.target] = _FATES.get(change.change, "rejoined")
    return found


def name(skip: Skip) -> str:
    """What a skip is called among the paths of modules."""
    return skip_name(skip.source, skip.target)


def _is_kept(change: SkipChange, columns: Columns) -> bool:
    before, after = change.before, change.after
    return before is not None is not after and columns.alignment.moved(before.source) == after.source


def lanes_of(diff: Diff, columns: Columns, row: PairRow, *, after: bool) -> list[Lane]:
    """The skips of one of the networks, each between the glyphs that make and take it."""
    changed = fates(diff, columns, after=after)
    blocks = list(row.blocks(after=after))
    middles = {block.path: frame.centre for block, frame in blocks if block.skip is None}
    for one in row.placed:
        stage = one.column.after if after else one.column.before
        if stage is not None:
            middles.setdefault(stage.stage.path, one.frame.centre)
    found = []
    for block, frame in blocks:
        if block.skip is not None:
            fate = changed.get((block.skip.source, block.skip.target), "kept")
            source = nearest(block.skip.source, middles, row.left)
            found.append(Lane(source, frame.centre, fate, name(block.skip) if fate != "kept" else ""))
    return found


def above(lanes: Sequence[Lane], *, top: float, glyphs: float) -> Iterator[Item]:
    """Lanes over a strip, outermost first; what changed is drawn over what is kept."""
    yield from _drawn(lanes, top, pitch(len(lanes)), glyphs - 0.5)


def below(lanes: Sequence[Lane], *, bottom: float, glyphs: float) -> Iterator[Item]:
    """Lanes under a strip, outermost last."""
    yield from _drawn(lanes, bottom, -pitch(len(lanes)), glyphs + 0.5)


def _drawn(lanes: Sequence[Lane], first: float, step: float, glyphs: float) -> Iterator[Item]:
    outermost_first = sorted(lanes, key=lambda lane: (lane.source, -lane.target))
    placed = [(lane, first + index * step) for index, lane in enumerate(outermost_first)]
    for lane, y in sorted(placed, key=lambda one: one[0].fate != "kept"):
        role, wide, dashes = STYLES[lane.fate]
        points = ((lane.source, glyphs), (lane.source, y), (lane.target, y), (lane.target, glyphs))
        line = Line(points, role, wide, CORNER, dashes, HEAD)
        yield Group((line,), lane.name) if lane.name else line
