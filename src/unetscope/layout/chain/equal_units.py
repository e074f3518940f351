"""Blocks that come in equal units in a row, such as Stable Cascade's 28 of three: one unit stands for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from unetscope.cost import total
from unetscope.vocabulary import kind_of

if TYPE_CHECKING:
    from unetscope.layout.chain.blocks import Block, StageBlocks

_LONGEST, _LEAST_UNITS, _LEAST_BLOCKS = 4, 3, 6
"""Blocks in a unit at most; units, and blocks in all, that are worth one."""


def in_units(
    stages: Sequence[StageBlocks], sources: Collection[str]
) -> tuple[tuple[StageBlocks, ...], dict[str, str]]:
    """The stages with the first of equal units for all of them, `repeat` saying how many; and for each path
    that is not drawn then the one that stands for it. No skip, of which `sources` are the paths, leaves in
    the midst of a run."""
    blockses: list[StageBlocks] = []
    hidden: dict[str, str] = {}
    for stage in stages:
        blocks, left_out = _folded(stage.blocks, sources)
        blockses.append(replace(stage, blocks=blocks))
        hidden |= left_out
    return tuple(blockses), hidden


def lettered(stages: Sequence[StageBlocks]) -> tuple[StageBlocks, ...]:
    """The stages, blocks of unknown kinds with the first letter in which their classes differ."""
    types = {block.type for stage in stages for block in stage.blocks if block.kind == "other"}
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*types, strict=False))
    shared = len(list(alike)) if len(types) > 1 else 0
    if not shared or not all(name[shared : shared + 1].isupper() for name in types):
        return tuple(stages)

    def letter(block: Block) -> Block:
        return replace(block, letter=block.type[shared]) if block.kind == "other" else block

    return tuple(replace(stage, blocks=tuple(map(letter, stage.blocks))) for stage in stages)


def _folded(blocks: Sequence[Block], sources: Collection[str]) -> tuple[tuple[Block, ...], dict[str, str]]:
    """The same for one stage."""
    folded: list[Block] = []
    hidden: dict[str, str] = {}
    at = 0
    while at < len(blocks):
        length, number = max(
            ((length, _units(blocks, at, length, sources)) for length in range(1, _LONGEST + 1)),
            key=lambda run: (run[0] * run[1], -run[0]),
        )
        if number < _LEAST_UNITS or length * number < _LEAST_BLOCKS:
            length, number = 1, 1
        for place in range(at, at + length):
            alike = blocks[place : at + length * number : length]
            hidden |= {block.path: alike[0].path for block in alike[1:]}
            cost = total(block.cost for block in alike)
            folded.append(replace(alike[0], repeat=number, cost=cost) if number > 1 else alike[0])
        at += length * number
    return tuple(folded), hidden


def _units(blocks: Sequence[Block], at: int, length: int, sources: Collection[str]) -> int:
    """How many equal units of that length follow from a place on, up to the first that a skip leaves."""
    unit = blocks[at : at + length]
    if any(block.kind == "concat" or kind_of(block.type) != block.type for block in unit):
        return 0  # classes that the field knows are drawn one by one
    first = [_kind(block) for block in unit]
    number, place = 0, at
    while [_kind(block) for block in blocks[place : place + length]] == first:
        unit = blocks[place : place + length]
        number, place = number + 1, place + length
        if any(block.path in sources for block in unit):
            break
    return number


def _kind(block: Block) -> tuple[object, ...]:
    return (block.kind, block.type, block.cost, block.times, block.texts, block.resamples)
