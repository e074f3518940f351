"""The card of tensors: reshaped ones by layer, with the axis that grew or shrank, and what came and went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from unetscope.analysis.cost.by_kind import STAGED
from unetscope.analysis.diff import places
from unetscope.analysis.diff.transfer import counts
from unetscope.difference import Diff
from unetscope.difference.changes import BlockChange, TensorChange, both, of, one_of
from unetscope.layout.chain.modules import called
from unetscope.layout.diff import cards, inputs
from unetscope.layout.diff.cards import Card, CardRow
from unetscope.layout.diff.labels import signed
from unetscope.layout.diff.marks import Mark, sign
from unetscope.layout.measure import text, width
from unetscope.layout.scene import Box, Frame, Item
from unetscope.model import Tensor
from unetscope.paths import is_within, leaf
from unetscope.words import diff as words

_MOST = 8
_BAR = 74.0


@dataclass(frozen=True, slots=True)
class _Family:
    """Reshaped tensors of one layer name and one pair of shapes up to size."""

    name: str
    pairs: tuple[tuple[Tensor, Tensor], ...]

    @property
    def elements(self) -> int:
        return sum(prod(other.shape) - prod(before.shape) for before, other in self.pairs)

    @property
    def shapes(self) -> list[str]:
        shapes = (f"{words.shape(before.shape)} → {words.shape(other.shape)}" for before, other in self.pairs)
        return list(dict.fromkeys(shapes))


def card(diff: Diff) -> Card | None:
    """Tensors reshaped, and those that came or went outside whole blocks; None where there are none."""
    families = _families(diff)
    rest = [*_beside_blocks(diff)]
    first = inputs.first_layer(diff)
    only_stem = first is not None and [family.pairs for family in families] == [(first,)] and not rest
    if not (families or rest) or only_stem:
        return None
    rows = [CardRow(33.0, partial(_family, family)) for family in families[:_MOST]]
    if len(families) > _MOST:
        rows.append(cards.words(f"and {len(families) - _MOST} more layers: unetscope diff --only tensors"))
    rows += [CardRow(19.0, partial(_count, *row_of)) for row_of in rest]
    plan = counts(diff.transfer)
    named: tuple[tuple[str, str], ...] = (("same", "same"), ("renamed", "renamed"))
    named += (("partial", "reshaped"), ("missing", "added"), ("unused", "removed"))
    # Where some are renamed, the card of these counts those that are the same.
    present = [entry for entry in named if plan[entry[0]] and not (entry[0] == "same" and plan["renamed"])]
    note = ", ".join(f"{plan[key]:,} {word}" for key, word in present)
    return Card("Tensors", note, tuple(rows), f"{len(diff.a.tensors):,} → {len(diff.b.tensors):,}")


def _families(diff: Diff) -> list[_Family]:
    """Reshaped tensors by the name of their layer, most elements first."""
    by_leaf: dict[str, list[tuple[Tensor, Tensor]]] = {}
    for change in of(TensorChange, diff.changes):
        if change.change == "changed":
            by_leaf.setdefault(leaf(change.path), []).append(both(change))
    # The largest first, a weight before its bias: it shows what differs.
    families = [
        _Family(name, tuple(sorted(pairs, key=lambda pair: (-prod(pair[1].shape), pair[1].name))))
        for name, pairs in by_leaf.items()
    ]
    return sorted(families, key=lambda family: (-abs(family.elements), family.name))


def _family(family: _Family, frame: Frame) -> Iterator[Item]:
    """A layer's name with how many there are, its shapes, and a bar of the axis that differs."""
    yield from sign("changed", frame.x + 8.5, frame.y + 12)
    left = frame.x + 26
    several = f" ×{len(family.pairs)}" if len(family.pairs) > 1 else ""
    right = signed(family.elements)
    room = frame.right - left - width(right, 10.5, bold=True) - 12
    name = text(left, frame.y + 11, family.name + several, size=11, bold=True, mono=True, limit=room)
    yield name
    yield text(frame.right, frame.y + 11, right, size=10.5, bold=True, anchor="end")
    before, after = (tensor.shape for tensor in family.pairs[0])
    room = frame.width - 26 - _BAR - 12
    fitting = next((shape for shape in _shapes(family) if width(shape, 10.5) <= room), family.shapes[0])
    yield text(left, frame.y + 25, fitting, size=10.5, role="dim", limit=room)
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
    wide, other = before[axes[-1]], after[axes[-1]]
    shared = frame.width * min(wide, other) / max(wide, other)
    mark: Mark = "added" if other > wide else "removed"
    role, hatch = ("new", "new-hatch") if mark == "added" else ("gone", None)
    rest = Frame(frame.x + shared, frame.y, frame.width - shared, frame.height)
    yield Box(rest, "background", role, 1.2, radius=1.5, hatch=hatch, dashed=mark == "removed")  # type: ignore[arg-type]
    yield Box(Frame(frame.x, frame.y, shared, frame.height), "kept-attention", "kept", 1, radius=1.5)


def _beside_blocks(diff: Diff) -> Iterator[tuple[Mark, str, int, int]]:
    """Tensors that came or went, but for those of whole blocks that the strips show: mark, where, counts."""
    blocks = [candidate for candidate in of(BlockChange, diff.changes) if _is_drawn(diff, candidate)]
    by_place: dict[tuple[Mark, str], list[int]] = {}
    for change in of(TensorChange, diff.changes):
        if change.change not in ("added", "removed"):
            continue
        mark: Mark = "added" if change.change == "added" else "removed"
        whole = any(removed.change == mark and is_within(change.place, removed.path) for removed in blocks)
        where = "whole blocks" if whole else _where(diff, change)
        by_place.setdefault((mark, where), []).append(prod(one_of(change).shape))
    for (mark, where), sizes in sorted(
        by_place.items(), key=lambda entry: (entry[0][1] == "whole blocks", entry[0])
    ):
        if len(by_place) > 1 or where != "whole blocks":
            yield mark, where, len(sizes), sum(sizes)


def _is_drawn(diff: Diff, change: BlockChange) -> bool:
    """Whether a block has a glyph or a box of its own in a strip: a stage, or what it calls itself."""
    network, stage = diff.a if change.after is None else diff.b, places.of_diff(change, diff)
    if stage is None or stage.role not in STAGED:
        return False
    return stage.path == change.path or change.path in {node.path for node in called(network, stage.path)}


def _where(diff: Diff, change: TensorChange) -> str:
    """The part that a tensor came to or went from: a module outside the stages, or blocks that stay."""
    stage = places.of_diff(change, diff)
    if stage is None:
        return change.path
    return "blocks that stay" if stage.role in STAGED else stage.path


def _count(mark: Mark, where: str, tensors: int, elements: int, frame: Frame) -> Iterator[Item]:
    yield from sign(mark, frame.x + 8.5, frame.y + 9, radius=6.5)
    signed_elements = signed(elements if mark == "added" else -elements)
    room = frame.width - 34 - width(signed_elements, 10.5, bold=True)
    several = "s" if tensors > 1 else ""
    whole = f"{where}: {tensors:,} tensor{several} {mark}"
    fitting = whole if width(whole, 10.5) <= room else f"{where}: {tensors:,} {mark}"
    yield text(frame.x + 26, frame.y + 12.5, fitting, size=10.5, limit=room)
    yield text(frame.right, frame.y + 12.5, signed_elements, size=10.5, bold=True, anchor="end")
