"""What the brackets between two strips say about each stage: what was removed, what was added, and the
parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from unetscope.layout.chain.blocks import Block
from unetscope.layout.diff.marks import INKS, Mark
from unetscope.layout.diff.pairs import Slot, StagePair
from unetscope.layout.measure import width, wrapped
from unetscope.layout.scene import ColourRole
from unetscope.vocabulary import GLYPHS
from unetscope.words import units
from unetscope.words.messages import joined

SIZE = 10.0
_ROOM = 78.0
"""The usual room of words under a column."""

Words = tuple[str, ColourRole, bool]
"""A line of a label: its words, their colour, whether they are bold."""


def words_of(column: StagePair, *, room: float = _ROOM) -> list[Words]:
    """The lines under a column: removed, added, changed; then the difference in parameters.

    Words wider than `room` at SIZE take another line.
    """
    lines: list[Words] = []
    marks: tuple[Mark, ...] = ("removed", "added")
    by_mark = {mark: [slot.drawn for slot in column.slots if mark in slot.states] for mark in marks}
    for mark in marks:
        blocks = by_mark[mark]
        if blocks:
            whole = column.stage.stage.name.replace(" ", "\u00a0")
            named = f"all of {whole}" if column.mark else _blocks(blocks)
            words = f"{named} {mark}" if all(by_mark.values()) else named
            lines += [(line, INKS[mark], True) for line in wrapped(words, room, SIZE, bold=True)]
    for words, mark in _changes(column):
        lines += [(line, INKS[mark], True) for line in wrapped(words, room, SIZE, bold=True)]
    if column.params:
        ink: ColourRole = "gone" if column.params < 0 else "new"
        lines.append((signed(column.params), ink, False))
    return lines


def signed(number: int) -> str:
    """Parameters with their sign: "−4.80 M"."""
    return ("+" if number > 0 else "−" if number < 0 else "±") + units.params(abs(number))


def label_width(column: StagePair) -> float:
    """The width of the widest line under a column."""
    return max((width(line, SIZE, bold=bold) for line, _, bold in words_of(column)), default=0.0)


def runs(column: StagePair, mark: Mark) -> Iterator[tuple[int, int]]:
    """First and last index of each run of slots with a mark; a ⧺ joins the run of what it stands before."""
    marked = [mark in slot.states for slot in column.slots]
    for is_marked, group in groupby(range(len(marked)), key=marked.__getitem__):
        if is_marked:
            indices = list(group)
            yield indices[0], indices[-1]


def numbers_units(column: StagePair) -> bool:
    """Whether a bracket's words number units."""
    return any(line.startswith("unit") for line, _, _ in words_of(column))


def told(slots: Iterable[Slot]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The paths, in A and in B, of the blocks in some places that differ."""
    differing = [slot for slot in slots if not slot.states <= {"kept", "renamed"}]
    before, after = ([getattr(slot, side) for slot in differing] for side in ("before", "after"))
    return tuple(block.path for block in before if block), tuple(block.path for block in after if block)


def _blocks(blocks: Sequence[Block]) -> str:
    """The blocks by their units: "unit 2 with its concat", "2 A", "unit 2 and ↓"; skips that are all added
    are sums."""
    others = [block for block in blocks if block.kind != "concat"]
    numbers = {block.place.partition(",")[2] for block in others if block.kind == "residual"}
    in_units = [block for block in others if block.place and block.place.partition(",")[2] in numbers]
    rest = [block for block in others if block not in in_units]
    parts = []
    if numbers:
        parts.append(f"unit{'s' if len(numbers) > 1 else ''} {_numbers(numbers)}")
    parts += [_counted(kind, list(group)) for kind, group in groupby(rest, key=lambda block: block.kind)]
    skips = [block.skip for block in blocks if block.kind == "concat"]
    word = "sum" if all(skip and skip.kind == "add" for skip in skips) else "concat"
    several = "s" if len(skips) > 1 else ""
    if not others:
        return f"{len(skips)} {word}s" if several else word
    owner = "their" if len(numbers) > 1 or len(parts) > 1 else "its"
    return joined(parts) + (f" with {owner} {word}{several}" if skips else "")


def _counted(kind: str, blocks: Sequence[Block]) -> str:
    short = GLYPHS[kind].short
    number = sum(block.count for block in blocks)
    return short.removesuffix("s") if number == 1 else f"{number} {short}"


def _numbers(numbers: set[str]) -> str:
    ordered = sorted(map(int, numbers))
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}–{ordered[-1]}"
    return ", ".join(map(str, ordered))


def _changes(column: StagePair) -> list[tuple[str, Mark]]:
    """How changed blocks differ, where a few words say it: "A ×1 → ×10"; layers alone come or go."""
    changed = [slot for slot in column.slots if "changed" in slot.states and slot.before and slot.after]
    depths = sorted({slot.heights for slot in changed if slot.heights})
    changes: list[tuple[str, Mark]] = [
        (f"A ×{before} → ×{after}", "added" if before < after else "removed") for before, after in depths
    ]
    rest = [slot for slot in changed if not slot.heights]
    letters = sorted({slot.drawn.letter for slot in rest if slot.drawn.letter})
    what = "/".join(letters) or ("blocks" if len(rest) > 1 else "block")
    return changes + ([(f"≠ {len(rest)} {what}", "changed")] if rest else [])
