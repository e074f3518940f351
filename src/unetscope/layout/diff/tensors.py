"""The card of tensors: reshaped ones by layer, with the axis that grew or shrank, and what came and went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from unetscope.analysis.diff import words
from unetscope.analysis.diff.alignment import stage_of
from unetscope.analysis.diff.changes import Change, Diff
from unetscope.analysis.diff.weights import counts
from unetscope.families.roles import role_of
from unetscope.layout.diff import cards
from unetscope.layout.diff.cards import Card, Row
from unetscope.layout.diff.labels import signed
from unetscope.layout.diff.marks import Mark, sign
from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, Frame, Item
from unetscope.model import is_within

_MOST = 8
_BAR = 74.0


@dataclass(frozen=True, slots=True)
class _Family:
    """Reshaped tensors of one layer name and one pair of shapes up to size."""

    name: str
    changes: tuple[Change, ...]

    @property
    def elements(self) -> int:
        return sum(prod(one.after["shape"]) - prod(one.before["shape"]) for one in self.changes)

    @property
    def shapes(self) -> list[str]:
        pairs = ((one.before["shape"], one.after["shape"]) for one in self.changes)
        return list(dict.fromkeys(f"{words.shape(one)} → {words.shape(other)}" for one, other in pairs))


def card(diff: Diff) -> Card | None:
    """Tensors reshaped, and those that came or went outside whole blocks; None where there are none."""
    families = _families(diff)
    rest = [*_beside_blocks(diff)]
    only_stem = len(families) == 1 and families[0].name == "conv_in" and not rest
    if not (families or rest) or only_stem:
        return None
    rows = [Row(33.0, partial(_family, family)) for family in families[:_MOST]]
    if len(families) > _MOST:
        rows.append(cards.words(f"and {len(families) - _MOST} more layers: unetscope diff --only tensors"))
    rows += [Row(19.0, partial(_count, *one)) for one in rest]
    plan = counts(diff.transfer)
    named: tuple[tuple[str, str], ...] = (("same", "same"), ("renamed", "renamed"))
    named += (("partial", "reshaped"), ("missing", "added"), ("unused", "removed"))
    # Where some are renamed, the card of these counts those that are the same.
    told = [one for one in named if plan[one[0]] and not (one[0] == "same" and plan["renamed"])]
    note = ", ".join(f"{plan[key]:,} {word}" for key, word in told)
    return Card("Tensors", note, tuple(rows), f"{len(diff.a.tensors):,} → {len(diff.b.tensors):,}")


def _families(diff: Diff) -> list[_Family]:
    """Reshaped tensors by the name of their layer, most elements first."""
    held: dict[str, list[Change]] = {}
    for change in diff.changes:
        if change.kind == "tensor" and change.change == "changed":
            held.setdefault(words.leaf(change.path), []).append(change)
    # The largest first, a weight before its bias: it shows what differs.
    found = [
        _Family(name, tuple(sorted(changes, key=lambda one: (-prod(one.after["shape"]), one.path))))
        for name, changes in held.items()
    ]
    return sorted(found, key=lambda family: (-abs(family.elements), family.name))


def _family(family: _Family, frame: Frame) -> Iterator[Item]:
    """A layer's name with how many there are, its shapes, and a bar of the axis that differs."""
    yield from sign("changed", frame.x + 8.5, frame.y + 12)
    left = frame.x + 26
    several = f" ×{len(family.changes)}" if len(family.changes) > 1 else ""
    right = signed(family.elements)
    room = frame.right - left - width(right, 10.5, bold=True) - 12
    name = text(left, frame.y + 11, family.name + several, size=11, bold=True, mono=True, limit=room)
    yield name
    yield text(frame.right, frame.y + 11, right, size=10.5, bold=True, anchor="end")
    before, after = family.changes[0].before["shape"], family.changes[0].after["shape"]
    room = frame.width - 26 - _BAR - 12
    shown = next((one for one in _shapes(family) if width(one, 10.5) <= room), family.shapes[0])
    yield text(left, frame.y + 25, shown, size=10.5, role="dim", limit=room)
    yield from _bar(before, after, Frame(frame.right - _BAR, frame.y + 17, _BAR, 9))


def _shapes(family: _Family) -> Iterator[str]:
    """The shapes of a family, from long words to short ones."""
    first, *rest = family.shapes
    yield ", ".join(family.shapes[:3]) if len(rest) < 3 else f"{first} and {len(rest)} other sizes"
    if rest:
        yield f"{first} and {len(rest)} other size{'s' if len(rest) > 1 else ''}"
        yield f"{first} +{len(rest)}"


def _bar(before: Sequence[int], after: Sequence[int], frame: Frame) -> Iterator[Item]:
    """What both have in common of the axis that differs, and what came or went, to scale."""
    axes = [axis for axis in range(min(len(before), len(after))) if before[axis] != after[axis]]
    if len(before) != len(after) or not axes:
        words_of = "now linear" if len(before) == 4 else "now conv"
        yield text(frame.right, frame.bottom - 1, words_of, size=10, role="dim", anchor="end", limit=_BAR)
        return
    one, other = before[axes[-1]], after[axes[-1]]
    shared = frame.width * min(one, other) / max(one, other)
    mark: Mark = "added" if other > one else "removed"
    role, hatch = ("new", "new-hatch") if mark == "added" else ("gone", None)
    rest = Frame(frame.x + shared, frame.y, frame.width - shared, frame.height)
    yield Box(rest, "background", role, 1.2, radius=1.5, hatch=hatch, dashed=mark == "removed")  # type: ignore[arg-type]
    yield Box(Frame(frame.x, frame.y, shared, frame.height), "kept-attention", "kept", 1, radius=1.5)


def _beside_blocks(diff: Diff) -> Iterator[tuple[Mark, str, int, int]]:
    """Tensors that came or went, but for those of whole blocks that the strips show: mark, where, counts."""
    gone = {change.path for change in diff.changes if change.kind == "block" and change.before is not None
            and change.change == "removed" and _is_drawn(change.path)}  # fmt: skip
    came = {change.path for change in diff.changes if change.kind == "block" and change.after is not None
            and change.change == "added" and _is_drawn(change.path)}  # fmt: skip
    found: dict[tuple[Mark, str], list[int]] = {}
    for change in diff.changes:
        if change.kind != "tensor" or change.change not in ("added", "removed"):
            continue
        mark: Mark = "added" if change.change == "added" else "removed"
        whole = any(is_within(change.path, block) for block in (came if mark == "added" else gone))
        side = change.after or change.before
        where = "whole blocks" if whole else _where(change.path)
        found.setdefault((mark, where), []).append(prod(side["shape"]))
    for (mark, where), sizes in sorted(found.items(), key=lambda one: (one[0][1] == "whole blocks", one[0])):
        if len(found) > 1 or where != "whole blocks":
            yield mark, where, len(sizes), sum(sizes)


def _is_drawn(path: str) -> bool:
    """Whether a block has a glyph or a box of its own in a strip."""
    return role_of(stage_of(path)) in ("down", "mid", "up") and "transformer_blocks" not in path


def _where(path: str) -> str:
    """The part that a tensor came to or went from: a module outside the stages, or blocks that stay."""
    stage = stage_of(path)
    return "blocks that stay" if role_of(stage) in ("down", "mid", "up") else stage


def _count(mark: Mark, where: str, tensors: int, elements: int, frame: Frame) -> Iterator[Item]:
    yield from sign(mark, frame.x + 8.5, frame.y + 9, radius=6.5)
    several = "s" if tensors > 1 else ""
    words_of = f"{where}: {tensors:,} tensor{several} {mark}"
    yield text(frame.x + 26, frame.y + 12.5, words_of, size=10.5, limit=frame.width - 110)
    signed_elements = signed(elements if mark == "added" else -elements)
    yield text(frame.right, frame.y + 12.5, signed_elements, size=10.5, bold=True, anchor="end")
