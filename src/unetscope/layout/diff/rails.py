"""Rails below one strip for conditioning that differs: of the time embedding, of the context, or of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from unetscope.analysis.diff import places
from unetscope.difference import Diff
from unetscope.difference.changes import TensorChange, of
from unetscope.layout.chain.blocks import chain
from unetscope.layout.chain.ends import conditioned
from unetscope.layout.diff.marks import sign
from unetscope.layout.diff.positions import PairRow
from unetscope.layout.measure import text, wrapped
from unetscope.layout.page import Page
from unetscope.layout.parts.glyphs import rail_mark
from unetscope.layout.scene import ColourRole, Item, Line

_HIGH, _MIDDLE, _SIZE = 33.0, 10.0, 10.5
"""Of a rail with its words; from its top to its line; of its words."""
_LEAD, _LINE = 28.0, 13.0
"""From the letter to the rail; between two lines of words."""
_INKS: tuple[ColourRole, ColourRole] = ("time", "context")


def differing(diff: Diff) -> dict[int, list[str]]:
    """The modules that differ by the rail they lead to, 0 of time and 1 of the context; what is made of both
    is context."""
    reads = {**conditioned(diff.a), **conditioned(diff.b)}
    found: dict[int, list[str]] = {}
    for change in of(TensorChange, diff.changes):
        stage = places.of_diff(change, diff)
        if stage is None or stage.role != "conditioning":
            continue
        read = reads.get(stage.path, frozenset())
        paths = found.setdefault(int("context" in read), []) if read else []
        if stage.path not in paths:
            paths.append(stage.path)
    return dict(sorted(found.items()))


def below(diff: Diff, row: PairRow, page: Page, *, y: float) -> tuple[list[Item], float]:
    """A rail from y on for each kind of conditioning that differs, with a mark below every block that reads
    it; and the y below."""
    blocks = chain(diff.b, one_by_one=True).blocks()
    badges = {(block.kind, block.path): (block.times, block.texts) for block in blocks}
    items: list[Item] = []
    for index, paths in differing(diff).items():
        marks = sorted(
            frame.centre
            for block, frame in row.blocks(after=True)
            if badges.get((block.kind, block.path), (False, False))[index]
        )
        if marks:
            x, line = row.left + _LEAD, y + _MIDDLE
            said = f"{_INKS[index]}: {', '.join(paths)} differ{'s' if len(paths) == 1 else ''}"
            lines = wrapped(said, page.right - x, _SIZE)
            items += _rail(marks, row.left, line, index)
            items += [
                text(x, line + 16 + _LINE * at, words, size=_SIZE, role="dim")
                for at, words in enumerate(lines)
            ]
            y += _HIGH + _LINE * (len(lines) - 1)
    return items, y


def _rail(marks: Sequence[float], left: float, y: float, index: int) -> Iterator[Item]:
    """The rail with its letter and ≠."""
    yield text(left, y + 0.36 * _SIZE, "tc"[index], size=_SIZE, role=_INKS[index], bold=True)
    yield Line(((left + _LEAD, y), (marks[-1], y)), _INKS[index], 1)
    yield from (rail_mark(mark, y, index) for mark in marks)
    yield from sign("changed", left + 19, y, radius=7)
