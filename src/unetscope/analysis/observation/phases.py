"""Which part of a U every block is: encoder, middle, decoder, each level of them a stage; or what the network
is instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias

from unetscope.analysis.observation.blocks import PathBlock
from unetscope.analysis.observation.joins import Join
from unetscope.analysis.observation.levels import Levels
from unetscope.model import Role

PathForm: TypeAlias = Literal["u", "hourglass", "down", "up", "flat", "flat with skips", "branches"]
"""What a network is: a U; one without skips; one that only goes down or up; one of a single resolution;
several branches, of which the running path is the longest."""


@dataclass(frozen=True, slots=True)
class ObservedStage:
    """The blocks of one level on one way, in order."""

    role: Role
    level: int | None
    blocks: tuple[PathBlock, ...]


def form(stages: Sequence[ObservedStage], joins: Sequence[Join]) -> PathForm:
    """What a network is, by its stages."""
    levels = [stage.level for stage in stages if stage.level is not None]
    roles = {stage.role for stage in stages}
    if len(set(levels)) < 2:
        return "flat with skips" if any(join.on_path for join in joins) else "flat"
    if _wanders(stages) or (joins and not any(join.on_path for join in joins)):
        return "branches"
    if joins:
        return "u"
    return "hourglass" if {"down", "up"} <= roles else "down" if "down" in roles else "up"


def _wanders(stages: Sequence[ObservedStage]) -> bool:
    """Whether a decoder goes coarser again, or an encoder finer."""
    levels = {role: [stage.level or 0 for stage in stages if stage.role == role] for role in ("down", "up")}
    return levels["down"] != sorted(levels["down"]) or levels["up"] != sorted(levels["up"], reverse=True)


def stages(blocks: Sequence[PathBlock], joins: Sequence[Join], levels: Levels) -> tuple[ObservedStage, ...]:
    """Blocks by stages, in order, first the stem and last the head where these stand apart."""
    heights = [_level(block, levels, started=_has_begun(blocks, at)) for at, block in enumerate(blocks)]
    first = next((at for at, block in enumerate(blocks) if block.weighted), 0)
    heights[:first] = heights[first : first + 1] * first  # what pads or scales the sample opens no stage
    on_path = [join for join in joins if join.on_path]
    roles = _by_joins(blocks, heights, on_path, levels) if on_path else _by_levels(heights, blocks)
    roles = _with_ends(blocks, roles, on_path, levels)
    labelled = [
        (role, height if role in ("down", "mid", "up") else None)
        for role, height in zip(roles, heights, strict=True)
    ]
    parts = groupby(zip(labelled, blocks, strict=True), key=lambda labelled_block: labelled_block[0])
    return tuple(
        ObservedStage(role, level, tuple(block for _, block in members)) for (role, level), members in parts
    )


def _has_begun(blocks: Sequence[PathBlock], at: int) -> bool:
    return any(block.weighted for block in blocks[:at])


def _level(block: PathBlock, levels: Levels, *, started: bool) -> int:
    """The level at which a block works: most of its weights, if two halves are equal, the coarser. A block
    that only resamples belongs to the level it leads from, unless it is a stem."""
    if block.content in ("down", "up"):
        return levels.at(block.first - 1) if started else levels.at(block.last)
    if not block.weighted:
        return levels.at(block.last)
    if not started:
        return levels.at(block.last)
    read = [levels.at(at - 1) for at in block.weighted]
    return max(set(read), key=lambda level: (read.count(level), level))


def _by_joins(
    blocks: Sequence[PathBlock], heights: Sequence[int], joins: Sequence[Join], levels: Levels
) -> list[Role]:
    """Encoder to the last source, decoder from the first join; between, down to the bottom and up from it."""
    first = min(join.reached for join in joins)
    sources = [
        join.left for join in joins if join.left < first and levels.at(join.left) <= levels.at(join.reached)
    ]
    last = max(sources, default=-1)
    between = [at for at, block in enumerate(blocks) if block.last > last and block.first < first]
    bottom = max((heights[at] for at in between), default=0)
    lowest = [at for at in between if heights[at] == bottom]

    def role(at: int) -> Role:
        if blocks[at].last <= last:
            return "down"
        if blocks[at].first >= first:
            return "up"
        return "down" if at < lowest[0] else "up" if at > lowest[-1] else "mid"

    return [role(at) for at in range(len(blocks))]


def _by_levels(heights: Sequence[int], blocks: Sequence[PathBlock]) -> list[Role]:
    """Without skips: down to the coarsest level, and up from it."""
    # norms and activations are at the level of what they follow
    known = [height for height, block in zip(heights, blocks, strict=True) if not block.is_layer]
    if len(set(known)) < 2:
        return ["body"] * len(heights)
    bottom = max(known)
    lowest = [at for at, height in enumerate(heights) if height == bottom]
    goes_down, goes_up = min(heights[: lowest[0]], default=bottom) < bottom, heights[-1] < bottom

    def role(at: int) -> Role:
        if at < lowest[0]:
            return "down"
        if at > lowest[-1]:
            return "up"
        return "mid" if goes_down and goes_up else "down" if goes_down else "up"

    return [role(at) for at in range(len(heights))]


def _with_ends(
    blocks: Sequence[PathBlock], roles: list[Role], joins: Sequence[Join], levels: Levels
) -> list[Role]:
    """Roles with a stem, a first convolution whose result is a skip's source or that precedes a stack, and a
    head, a last one behind others of its level."""
    weighted = [at for at, block in enumerate(blocks) if block.weighted]
    if len(weighted) < 3:
        return roles
    ends, first, last = list(roles), weighted[0], weighted[-1]
    after = blocks[weighted[1]].first
    is_source = any(blocks[first].last <= join.left < after for join in joins)
    same = levels.at(blocks[first].last) == levels.at(blocks[weighted[1]].weighted[0] - 1)
    if _is_single(blocks[first]) and same and (is_source or roles[first] == "body"):
        ends[: first + 1] = ["stem"] * (first + 1)
    before = blocks[weighted[-2]]
    joined = any(before.last < join.reached <= blocks[last].first for join in joins)
    if _is_single(blocks[last]) and not joined and roles[last] == roles[weighted[-2]]:
        same = levels.at(before.last) == levels.at(blocks[last].last)
        ends[last:] = ["head"] * (len(ends) - last) if same else ends[last:]
    return ends


def _is_single(block: PathBlock) -> bool:
    return len(block.weighted) == 1 and block.content in ("conv", "linear", "down")
