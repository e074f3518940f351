"""Stages and blocks that were removed, inserted, renumbered, or are of another type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from unetscope.analysis.diff.alignment import Alignment, align
from unetscope.difference import Pair
from unetscope.difference.changes import BlockChange, BlockSide, Cause, sides
from unetscope.model import Architecture, Node
from unetscope.paths import in_list, is_within, parent
from unetscope.vocabulary import CONTAINERS, GLYPHS, about

_NAMED = ("stage", "attention", "conditioning embedding")
"""What a diff names beside blocks."""


def changes(a: Architecture, b: Architecture, alignment: Alignment) -> list[BlockChange]:
    """One change for each outermost block or stage that differs, those of A first."""
    back = align(b, a)
    names = _names(a, b, alignment)
    removed = [
        BlockChange("removed", _side(node, names[0]), None) for node in lacking(a, b, alignment, stages=True)
    ]
    added = [BlockChange("added", None, _side(node, names[1])) for node in lacking(b, a, back, stages=True)]
    return removed + added + list(_changed(a, b, alignment, names))


def runs(changes: Iterable[BlockChange]) -> list[list[BlockChange]]:
    """Changes of blocks, those without a label in one list (or at one place in its entries), alike and of one
    cause, taken together."""
    alike: dict[tuple[str, str, tuple[str, ...], Cause], list[BlockChange]] = {}
    for change in changes:
        before, number, after = in_list(change.path)
        stays = len({side.path for side in sides(change)}) == 1
        listed = bool(number) and not sides(change)[0].labels and stays
        types = tuple(side.type for side in sides(change)) if change.change == "changed" else ()
        key = (change.change, f"{before}*{after}" if listed else change.path, types, change.cause)
        alike.setdefault(key, []).append(change)
    return list(alike.values())


def in_running_order(changes: Iterable[BlockChange]) -> list[BlockChange]:
    """Blocks of one stage as they run: labelled ones R1,1 A1,1 R1,2, then the others by their numbers."""

    def order(change: BlockChange) -> tuple[bool, list[tuple[int, int, bool]], int, str]:
        side = sides(change)[0]
        number = side.path.rpartition(".")[2]
        return not side.labels, list(map(_place, side.labels)), len(side.path), number

    return sorted(changes, key=order)


def labels(network: Architecture) -> dict[str, str]:
    """R1,2 and A1,2, as the BK-SDM paper counts: stages through down, mid and up, then blocks in each."""
    stages = [stage.path for stage in network.stages if stage.role in ("down", "mid", "up")]
    numbers = {stage: number for number, stage in enumerate(stages, 1)}
    names = {}
    for node in network.nodes:
        above, _, index = node.path.rpartition(".")
        stage, letter = parent(above), _letter(node)
        if letter and stage in numbers and index.isdecimal():
            names[node.path] = f"{letter}{numbers[stage]},{int(index) + 1}"
    return names


def _letter(node: Node) -> str:
    """R or A, "" for other modules."""
    glyph = about(node.kind).glyph
    return GLYPHS[glyph].letter if glyph in ("residual", "attention") else ""


def _names(a: Architecture, b: Architecture, alignment: Alignment) -> tuple[dict[str, str], dict[str, str]]:
    """Labels by path on each side: the larger network's, so that a student keeps its teacher's."""
    ours, theirs = labels(a), labels(b)
    if len(ours) > len(theirs):
        moved = {alignment.moved(path): label for path, label in ours.items()}
        return ours, {path: moved.get(path, label) for path, label in theirs.items()}
    if len(theirs) > len(ours):
        return {p: theirs.get(alignment.moved(p) or "", label) for p, label in ours.items()}, theirs
    return ours, theirs


def lacking(
    network: Architecture, other: Architecture, alignment: Alignment, *, stages: bool
) -> Iterator[Node]:
    """Outermost blocks of one side that the other lacks; a stage as one block, or each block in it."""
    gone: set[str] = set()
    top = {stage.path for stage in network.stages}
    stacks = {stage.path for stage in network.stages if stage.role == "body"}
    for node in network.nodes[1:]:
        target = alignment.moved(node.path)
        if target is not None and target in other.by_path:
            continue
        if parent(node.path) in gone:
            gone.add(node.path)
        elif node.kind == "stage" and not stages:
            continue
        elif (
            about(node.kind).block
            or node.kind in _NAMED
            or parent(node.path) in stacks
            or (node.path in top and node.type not in CONTAINERS)
        ):
            gone.add(node.path)
            yield node


def _changed(
    a: Architecture, b: Architecture, alignment: Alignment, names: tuple[dict[str, str], dict[str, str]]
) -> Iterator[BlockChange]:
    """Stages and units with another number or type."""
    for pair in (*alignment.stages, *alignment.units):
        node = a.by_path.get(pair.before) if pair.before is not None else None
        other = b.by_path.get(pair.after) if pair.after is not None else None
        if node is None or other is None:
            continue
        numbers = node.path.rpartition(".")[2], other.path.rpartition(".")[2]
        if node.type != other.type or numbers[0] != numbers[1]:
            before, after = _tied(pair, _side(node, names[0]), _side(other, names[1]))
            yield BlockChange("renamed" if node.type == other.type else "changed", before, after)


def _place(label: str) -> tuple[int, int, bool]:
    """Where a labelled block runs: R1,1 A1,1 R1,2."""
    stage, number = label[1:].split(",")
    return int(stage), int(number), label[0] == "A"


def _tied(pair: Pair, before: BlockSide, after: BlockSide) -> tuple[BlockSide, BlockSide]:
    """Both sides; the one in which the unit has the higher number also names the other candidates."""
    number, other = (side.path.rpartition(".")[2] for side in (before, after))
    if not pair.ties or int(number) == int(other):
        return before, after
    if int(number) > int(other):
        return replace(before, could_be=pair.ties), after
    return before, replace(after, could_be=pair.ties)


def _side(node: Node, names: dict[str, str]) -> BlockSide:
    """A block with its path, type, and the labels of the blocks it is or holds."""
    contained = sorted((label for path, label in names.items() if is_within(path, node.path)), key=_place)
    return BlockSide(node.path, node.type, tuple(contained))
