"""Architecture → the sequence a diagram draws: stages, their blocks in the order of execution,
the concatenations before them, and what conditions each block. Knows no coordinates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf, prod
from typing import Literal, TypeAlias

from unetscope.analysis.cost.by_kind import STAGED, known_in_stage
from unetscope.analysis.dataflow.repeats import repeats
from unetscope.cost import Cost, total
from unetscope.families.module_names import BRANCHED, runs_along_frames
from unetscope.layout.chain.conditioning import Reads, conditioned
from unetscope.layout.chain.ends import with_frames
from unetscope.layout.chain.equal_units import in_units, lettered
from unetscope.layout.chain.lone_blocks import gathered
from unetscope.layout.chain.modules import called, side_by_side
from unetscope.model import Architecture, Node, Skip, Stage
from unetscope.paths import is_within, parent, within
from unetscope.vocabulary import (
    GLYPHS,
    OBSERVED_STAGE,
    GlyphKind,
    kind_of,
)

State: TypeAlias = Literal["", "kept", "renamed", "changed", "removed", "added"]
"""What became of a block in a diff; "" outside one."""


@dataclass(frozen=True, slots=True)
class Block:
    """One glyph: a module, or the concatenation before one. `repeat` counts stacked layers, 0 for none.

    `times` and `texts` say whether it reads the time embedding and the context. `skip` is the tensor
    that a concatenation takes in, `dense` what it takes in beside it, of which some was made in its own
    stage; `resamples` is set for residual and convolution blocks that change the size.
    `place` is "stage,position" as BK-SDM numbers blocks. `layers` are those of an opened block,
    `letter` then being the words of each. `shade` is 1 to 5 where fills mean costs, else 0. `beside` is
    set for what runs parallel to the main path and is added to it; `state` is what became of the block
    in a diff.
    """

    kind: GlyphKind
    path: str
    type: str
    letter: str
    cost: Cost
    repeat: int = 0
    times: bool = False
    texts: bool = False
    skip: Skip | None = None
    dense: tuple[Skip, ...] = ()
    resamples: Literal["down", "up", ""] = ""
    place: str = ""
    layers: tuple[Block, ...] = ()
    shade: int = 0
    beside: bool = False
    temporal: bool = False
    state: State = ""

    @property
    def count(self) -> int:
        """How many blocks it stands for: `repeat` where the block itself is what repeats."""
        itself = kind_of(self.type) in (self.type, "transformer block")
        return max(1, self.repeat) if itself else 1


@dataclass(frozen=True, slots=True)
class StageBlocks:
    """A stage with its glyphs in order; `input` and `output` are shapes with batch; `observed` is set for one
    that no module is."""

    stage: Stage
    blocks: tuple[Block, ...]
    cost: Cost
    input: tuple[int, ...] | None
    output: tuple[int, ...] | None
    shade: int = 0
    observed: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """The drawn network from left to right."""

    inlet: Block | None
    stages: tuple[StageBlocks, ...]
    outlet: Block | None

    def blocks(self) -> tuple[Block, ...]:
        """All blocks of all stages, in order."""
        return tuple(block for stage in self.stages for block in stage.blocks)


def chain(architecture: Architecture, *, one_by_one: bool = False) -> Chain:
    """The sequence of one network, from its conv in through down, mid and up to its conv out.

    Equal blocks in a row of a stack, and equal units, are one, unless `one_by_one`.
    """
    reads = conditioned(architecture)
    staged = [stage for stage in architecture.stages if stage.role in STAGED]
    opened = (
        _stage(architecture, stage, reads, number=number, one_by_one=one_by_one)
        for number, stage in enumerate(staged, start=1)
    )
    stages = lettered(gathered(architecture, opened, lambda node: _block(architecture, node, {})))
    last = _drawn_for(architecture, stages)
    if not one_by_one:
        stages, hidden = in_units(stages, {skip.source for skip in architecture.skips})
        last = hidden | {path: hidden.get(shown_path, shown_path) for path, shown_path in last.items()}
    inlet = _end(architecture, "stem")
    if inlet:  # it stands for all that runs before the first stage
        last |= {stage.path: inlet.path for stage in architecture.stages if stage.role == "stem"}
    return Chain(inlet, _settled(stages, last), _end(architecture, "head"))


def convolution(architecture: Architecture, path: str) -> Node | None:
    """The outermost convolution at or below a path that has one; the last where there are several."""
    own = {"kernel_size", "out_channels"}  # what each class of convolution has, whatever its name
    below = architecture.below(path)
    convolutions = [node for node in below if node.kind == "conv" or own <= node.attributes.keys()]
    return convolutions[-1] if convolutions else None


def _stage(
    architecture: Architecture, stage: Stage, reads: Reads, *, number: int, one_by_one: bool
) -> StageBlocks:
    first = architecture.first_call
    modules = [node for node in called(architecture, stage.path) if node.path in first]
    modules.sort(key=lambda node: first[node.path])
    blocks: list[Block] = []
    count: Counter[str] = Counter()
    branched = architecture.by_path[stage.path].type in BRANCHED
    ending: dict[str, list[Skip]] = {node.path: [] for node in modules}
    for skip in dict.fromkeys(architecture.skips):  # Stable Cascade runs a stage again with the same skip
        ending.get(within(skip.target, ending) or "", []).append(skip)
    folds = stage.role == "body" and not one_by_one
    runs = repeats(architecture, lists=[stage.path]).counts if folds else {}
    for run in _unrepeated(modules, runs):
        node = run[0]
        block = _run(architecture, _block(architecture, node, reads), run)
        count[block.letter] += 1
        place = f"{number},{count[block.letter]}" if block.letter else ""
        beside = branched and block.kind in ("conv", "down", "up")
        blocks += [*_concatenations(stage, ending[node.path]), replace(block, place=place, beside=beside)]
    node = architecture.by_path[stage.path]
    shape_in, shape_out = (with_frames(architecture, shape) for shape in (node.input, node.output))
    cost, observed = architecture.costs[stage.path], node.type == OBSERVED_STAGE
    return StageBlocks(stage, tuple(blocks), cost, shape_in, shape_out, observed=observed)


def _unrepeated(nodes: list[Node], runs: Mapping[str, int]) -> Iterator[list[Node]]:
    """The modules of a stage, those of a run together: its first stands for all of them."""
    at = 0
    while at < len(nodes):
        length = runs.get(nodes[at].path, 1)
        yield nodes[at : at + length]
        at += length


def _run(architecture: Architecture, block: Block, run: list[Node]) -> Block:
    """A block that stands for a run of equal ones, with the cost of all."""
    if len(run) == 1:
        return block
    return replace(block, repeat=len(run), cost=total(architecture.costs[node.path] for node in run))


def _drawn_for(architecture: Architecture, stages: tuple[StageBlocks, ...]) -> dict[str, str]:
    """The drawn block that a skip leaves which its stage makes, after its last block, or a layer that is not
    drawn: a norm, an activation."""
    first, leaving = architecture.first_call, dict[str, str]()
    for stage in stages:
        path, blocks = stage.stage.path, [block.path for block in stage.blocks if block.skip is None]
        if blocks:
            leaving[path] = blocks[-1]
        for skip in architecture.skips:
            if parent(skip.source) == path and skip.source not in blocks and skip.source in first:
                before = [block for block in blocks if first.get(block, inf) < first[skip.source]]
                if before:
                    leaving[skip.source] = max(before, key=lambda block: first[block])
    return leaving


def _settled(stages: tuple[StageBlocks, ...], last: Mapping[str, str]) -> tuple[StageBlocks, ...]:
    """The stages with their skips settled: a skip that a stage makes after its last block leaves that block,
    and a skip of a block that is not drawn leaves the block that stands for it."""

    def settled(skip: Skip) -> Skip:
        return replace(skip, source=last.get(skip.source, skip.source))

    def settle(block: Block) -> Block:
        if block.skip is None:
            return block
        return replace(block, skip=settled(block.skip), dense=tuple(map(settled, block.dense)))

    return tuple(replace(stage, blocks=tuple(map(settle, stage.blocks))) for stage in stages)


def _concatenations(stage: Stage, skips: list[Skip]) -> Iterator[Block]:
    """A ⧺ for each skip; one for all that go to one place where some of them begin in its own stage."""
    outside = [skip for skip in skips if not is_within(skip.source, stage.path)]
    if outside and len(outside) < len(skips):
        dense = tuple(skip for skip in skips if skip is not outside[0])
        skips = outside[:1]
    else:
        dense = ()
    for skip in skips:
        yield Block("concat", skip.target, "concatenation", "", Cost(), skip=skip, dense=dense)


def taken_by(block: Block) -> int:
    """The channels that a ⧺ takes in, in all."""
    return sum(skip.channels for skip in (*filter(None, (block.skip,)), *block.dense))


def _block(architecture: Architecture, node: Node, conditioned: Reads) -> Block:
    glyph = GLYPHS[known_in_stage(architecture, node).glyph]
    reads = conditioned.get(node.path, frozenset())
    return Block(
        glyph.kind,
        node.path,
        node.type,
        "" if glyph.kind in ("down", "up") else glyph.letter or node.type[:1].upper() or "?",
        architecture.costs[node.path],
        repeat=_layers(architecture, node),
        times="time" in reads,
        texts="context" in reads,
        resamples=_resamples(architecture, node) if glyph.kind in ("residual", "conv-block") else "",
        temporal=runs_along_frames(node.type),
    )


def _resamples(architecture: Architecture, node: Node) -> Literal["down", "up", ""]:
    """Whether a block changes the size: its attributes say so, or where stages were observed what it takes
    and makes."""
    down, up = (node.attributes.get(word) is True for word in ("down", "up"))
    observed = architecture.by_path[parent(node.path)].type == OBSERVED_STAGE
    if observed and node.input and node.output and len(node.input) == len(node.output):
        before, after = prod(node.input[2:]), prod(node.output[2:])
        down, up = before >= _CLEARLY * after, after >= _CLEARLY * before
    return "down" if down else "up" if up else ""


_CLEARLY = 1.5
"""By so much more or fewer positions are another resolution: unpadded convolutions cut a few."""


def _layers(architecture: Architecture, node: Node) -> int:
    """Transformer blocks stacked inside a transformer, those side by side once; 0 for any other module."""
    if node.kind != "transformer":
        return 0
    stacked = sum(inside.kind == "transformer block" for inside in architecture.below(node.path))
    return stacked // len(side_by_side(architecture, node))


def _end(architecture: Architecture, role: str) -> Block | None:
    """The convolution before the first or behind the last stage: an autoencoder has more, in its middle. What
    has none by its role begins with one that takes the sample (Stable Cascade)."""
    stages = architecture.stages if role == "stem" else architecture.stages[::-1]
    named = [stage for stage in stages if stage.role == role]
    taking = [stage for stage in stages if role == "stem" and _takes_sample(architecture, stage)]
    for stage in (*named, *taking):
        node = convolution(architecture, stage.path)
        if node is not None:
            return Block("conv", stage.path, node.type, "Cv", architecture.costs[stage.path])
    return None


def _takes_sample(architecture: Architecture, stage: Stage) -> bool:
    samples = {~index for index, input_ in enumerate(architecture.inputs) if input_.role == "sample"}
    if stage.role != "conditioning":
        return False
    first = architecture.first_call.get(stage.path)
    return first is not None and bool(samples & set(architecture.calls[first].reads))
