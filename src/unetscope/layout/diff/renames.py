"""The card of renamed keys: which module of A each renamed module of B is loaded from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from unetscope.analysis.diff.renames import Renames, renames
from unetscope.analysis.diff.transfer import counts
from unetscope.difference import Diff
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card, CardRow
from unetscope.layout.diff.marks import Mark, sign
from unetscope.layout.measure import text
from unetscope.layout.scene import Frame, Item

_MOST = 8
_HALF = 0.47


def card(diff: Diff) -> Card | None:
    """Patterns of renamed keys and how many tensors keep theirs; None where none is renamed."""
    renameses = renames(diff)
    if not renameses:
        return None
    plan = counts(diff.transfer)
    rows = [
        CardRow(18.0, _heads),
        *(CardRow(18.0, partial(_pattern, rename)) for rename in renameses[:_MOST]),
    ]
    if len(renameses) > _MOST:
        rows.append(cards.words(f"and {len(renameses) - _MOST} more patterns: see --map-out"))
    rows.append(CardRow(8.0, lambda frame: iter(())))
    counted: tuple[tuple[Mark, int, str], ...] = (
        ("renamed", plan["renamed"], "load under another name"),
        ("kept", plan["same"], "keep their name"),
        ("changed", plan["partial"], "fit in part"),
        ("added", plan["missing"], f"missing from {diff.a.id}"),
        ("removed", plan["unused"], f"of {diff.a.id} left out"),
    )
    rows += [
        CardRow(19.0, partial(_count, mark, f"{count:,} {word}")) for mark, count, word in counted if count
    ]
    return Card("Renamed keys", "what a checkpoint gives, as --map-out writes it", tuple(rows),
                f"{plan['renamed']:,} tensors")  # fmt: skip


def _heads(frame: Frame) -> Iterator[Item]:
    yield text(frame.x, frame.y + 12, "key", size=10.5, role="dim", bold=True)
    yield text(frame.x + _HALF * frame.width, frame.y + 12, "loaded from", size=10.5, role="dim", bold=True)
    yield text(frame.right, frame.y + 12, "i", size=10.5, role="dim", bold=True, anchor="end")


def _pattern(renames: Renames, frame: Frame) -> Iterator[Item]:
    numbers = _range(renames.indices)
    left, y = frame.x + _HALF * frame.width, frame.y + 12
    room = _HALF * frame.width
    yield text(frame.x, y, renames.target, size=10, mono=True, limit=room - 18)
    yield text(left - 14, y, "←", size=11, role="moved", bold=True)
    yield text(left, y, renames.source, size=10, mono=True, limit=frame.right - left - 34)
    if numbers:
        yield text(frame.right, y, numbers, size=10, role="dim", anchor="end")


def _range(numbers: tuple[int, ...]) -> str:
    """0…3, or each number where there are gaps."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{numbers[0]}…{numbers[-1]}"
    return ", ".join(map(str, numbers))


def _count(mark: Mark, words: str, frame: Frame) -> Iterator[Item]:
    yield from sign(mark, frame.x + 8.5, frame.y + 9, radius=6.5)
    yield text(frame.x + 24, frame.y + 12.5, words, size=10.5, limit=frame.width - 24)
