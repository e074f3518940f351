"""The skips of a strip in their places: from glyph to ⧺, or merged between boxes where none is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from unetscope.layout.chain.blocks import Block, Chain
from unetscope.layout.parts.lanes import skip_name
from unetscope.layout.parts.pills import Wire
from unetscope.layout.scene import Frame
from unetscope.layout.strip.widths import PlacedStage
from unetscope.paths import is_within, within

SkipEnds = Sequence[tuple[Block, Frame, str]]


def wires_of(placed: Sequence[PlacedStage], ends: SkipEnds) -> list[Wire]:
    """Every drawn skip with the x of the glyph that makes it and of the ⧺ that takes it; where skips are
    dense, one from each source to a stage, whose own line goes on from there."""
    middles = {block.path: frame.centre for block, frame, _ in ends}
    for placed_stage in placed:
        middles[placed_stage.plan.stage.stage.path] = placed_stage.frame.centre
        middles |= {block.path: frame.centre for block, frame in placed_stage.slots if block.skip is None}
    wires = []
    for index, placed_stage in enumerate(placed):
        is_dense = any(block.dense for block, _ in placed_stage.slots)
        entered = set[str]()
        for block, frame in placed_stage.slots:
            if block.skip is not None and not (is_dense and block.skip.source in entered):
                entered.add(block.skip.source)
                source = nearest(block.skip.source, middles, placed_stage.frame.x)
                name = skip_name(block.skip.source, block.skip.target)
                wires.append(Wire(source, frame.centre, index, block.skip.channels, name=name))
    return wires


def merged_skips(chain: Chain) -> list[tuple[int, int, int, int]]:
    """Skips by the stages that make and take them: (source, target, channels, how many).

    Stages are numbered in order; -1 is the convolution before the first. Those inside of one
    stage are left out.
    """
    counts: Counter[tuple[int, int, int]] = Counter()
    for target, stage in enumerate(chain.stages):
        for block in stage.blocks:
            maker = _maker(chain, block.skip.source) if block.skip is not None else target
            if block.skip is not None and maker != target:
                counts[maker, target, block.skip.channels] += 1
    return [(*ends, count) for ends, count in counts.items()]


def merged_wires(
    chain: Chain, placed: Sequence[PlacedStage], ends: SkipEnds, *, leftwards: bool = False
) -> list[Wire]:
    """The merged skips, their ends spread over the boxes so that lanes nest.

    `leftwards` says that the stages which take skips run from right to left.
    """
    frames = dict(enumerate(stage.frame for stage in placed))
    inlets = [frame for _, frame, word in ends if word == "in"]
    frames |= dict(zip((-1,), inlets, strict=False))
    merged = [merged_skip for merged_skip in merged_skips(chain) if merged_skip[0] in frames]
    makers = {key: sorted((s for s in merged if s[0] == key), key=lambda s: -s[1]) for key in frames}
    taken = {key: sorted((s for s in merged if s[1] == key), key=lambda s: -s[0]) for key in frames}
    return [
        Wire(
            _spread(frames[skip[0]], makers[skip[0]].index(skip), len(makers[skip[0]])),
            _spread(frames[skip[1]], taken[skip[1]].index(skip), len(taken[skip[1]]), backwards=leftwards),
            skip[1],
            skip[2],
            skip[3],
            skip_name(stage_path(chain, skip[0]), stage_path(chain, skip[1])),
        )
        for skip in merged
    ]


def _spread(frame: Frame, index: int, count: int, *, backwards: bool = False) -> float:
    """The x of one of several ends on a box."""
    place = count - 1 - index if backwards else index
    return frame.x + frame.width * (place + 1) / (count + 1)


def _maker(chain: Chain, path: str) -> int:
    """The number of the stage in which a module stands; -1 for one before all."""
    return next((index for index, stage in enumerate(chain.stages) if is_within(path, stage.stage.path)), -1)


def stage_path(chain: Chain, index: int) -> str:
    """The path of a stage by its number; of the convolution before the first for -1."""
    if index >= 0:
        return chain.stages[index].stage.path
    return chain.inlet.path if chain.inlet else ""


def nearest(path: str, middles: dict[str, float], otherwise: float) -> float:
    """The x of a module, or of the nearest drawn module above it."""
    near = within(path, middles)
    return otherwise if near is None else middles[near]
