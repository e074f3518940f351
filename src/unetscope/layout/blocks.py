"""Architecture → the sequence a diagram draws: stages, their blocks in the order of execution,
the concatenations before them, and what conditions each block. Knows no coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.analysis.kinds import STAGED
from unetscope.kinds import CONTAINERS
from unetscope.model import Architecture, Cost, Node, Skip, Stage, is_within, parent

BlockKind: TypeAlias = Literal["residual", "attention", "conv", "down", "up", "concat", "other"]

_OF_KIND: dict[str, BlockKind] = {
    "resnet block": "residual",
    "transformer": "attention",
    "transformer block": "attention",
    "attention": "attention",
    "downsample": "down",
    "upsample": "up",
    "conv": "conv",
}
_MINOR = frozenset({"dropout", "activation", "identity", "norm"})


@dataclass(frozen=True, slots=True)
class Block:
    """One glyph: a module, or the concatenation before one. `repeat` counts stacked layers, 0 for none.

    `times` and `texts` say whether it reads the time embedding and the text. `skip` is the tensor
    that a concatenation takes in; `resamples` is set for residual blocks that change the size.
    """

    kind: BlockKind
    path: str
    type: str
    letter: str
    cost: Cost
    repeat: int = 0
    times: bool = False
    texts: bool = False
    skip: Skip | None = None
    resamples: Literal["down", "up", ""] = ""


@dataclass(frozen=True, slots=True)
class StageBlocks:
    """A stage with its glyphs in order; `input` and `output` are shapes with batch."""

    stage: Stage
    blocks: tuple[Block, ...]
    cost: Cost
    input: tuple[int, ...] | None
    output: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Chain:
    """The drawn network from left to right."""

    inlet: Block | None
    stages: tuple[StageBlocks, ...]
    outlet: Block | None

    def blocks(self) -> tuple[Block, ...]:
        """All blocks of all stages, in order."""
        return tuple(block for stage in self.stages for block in stage.blocks)


def chain(architecture: Architecture) -> Chain:
    """The sequence of one network, from its conv in through down, mid and up to its conv out."""
    first, conditioned = _first_calls(architecture), _conditioned(architecture)
    stages = tuple(
        _stage(architecture, stage, first, conditioned)
        for stage in architecture.stages
        if stage.role in STAGED
    )
    return Chain(_end(architecture, "stem"), stages, _end(architecture, "head"))


def convolution(architecture: Architecture, path: str) -> Node | None:
    """The outermost convolution at or below a path that has one; the last where there are several."""
    found = [node for node in architecture.nodes if node.kind == "conv" and is_within(node.path, path)]
    return found[-1] if found else None


def _stage(
    architecture: Architecture, stage: Stage, first: dict[str, int], conditioned: dict[str, frozenset[str]]
) -> StageBlocks:
    found = [node for node in _blocks_below(architecture, stage.path) if node.path in first]
    found.sort(key=lambda node: first[node.path])
    drawn: list[Block] = []
    for node in found:
        targets = [skip for skip in architecture.skips if is_within(skip.target, node.path)]
        drawn += [_concat(skip) for skip in targets] + [_block(architecture, node, conditioned)]
    node = architecture.by_path[stage.path]
    return StageBlocks(stage, tuple(drawn), architecture.costs[stage.path], node.input, node.output)


def _concat(skip: Skip) -> Block:
    return Block("concat", skip.target, "concatenation", "", Cost(), skip=skip)


def _block(architecture: Architecture, node: Node, conditioned: dict[str, frozenset[str]]) -> Block:
    kind = _OF_KIND.get(node.kind, "other")
    letters = {"residual": "R", "attention": "A", "conv": "Cv", "down": "", "up": ""}
    reads = conditioned.get(node.path, frozenset())
    return Block(
        kind,
        node.path,
        node.type,
        letters.get(kind, node.type[:1].upper() or "?"),
        architecture.costs[node.path],
        repeat=_layers(architecture, node),
        times="time" in reads,
        texts="text" in reads,
        resamples=_resamples(node) if kind == "residual" else "",
    )


def _resamples(node: Node) -> Literal["down", "up", ""]:
    return (
        "down" if node.attributes.get("down") is True else "up" if node.attributes.get("up") is True else ""
    )


def _layers(architecture: Architecture, node: Node) -> int:
    """Transformer blocks stacked inside a transformer; 0 for any other module."""
    if node.kind != "transformer":
        return 0
    return sum(
        below.kind == "transformer block" and is_within(below.path, node.path) for below in architecture.nodes
    )


def _blocks_below(architecture: Architecture, path: str) -> list[Node]:
    """The modules a stage calls itself: its children, seen through containers."""
    found: list[Node] = []
    for child in architecture.children[path]:
        if child.type in CONTAINERS:
            found += _blocks_below(architecture, child.path)
        elif child.kind not in _MINOR:
            found.append(child)
    return found


def _first_calls(architecture: Architecture) -> dict[str, int]:
    """The index of the first operation at or below each module that ran."""
    first: dict[str, int] = {}
    for index, call in enumerate(architecture.calls):
        path = architecture.nodes[call.node].path
        while path not in first:
            first[path] = index
            path = parent(path)
    return first


def _conditioned(architecture: Architecture) -> dict[str, frozenset[str]]:
    """What each module reads from outside the stages: "time", "text", both or nothing."""
    outside = _origins_outside(architecture)
    reads: dict[str, frozenset[str]] = {}
    for call in architecture.calls:
        found = frozenset().union(*(_origin(architecture, outside, read) for read in call.reads))
        path = architecture.nodes[call.node].path
        while path and found and not found <= reads.get(path, frozenset()):
            reads[path] = reads.get(path, frozenset()) | found
            path = parent(path)
    return reads


def _origins_outside(architecture: Architecture) -> dict[int, frozenset[str]]:
    """For calls made outside the stages: which kinds of input their result comes from."""
    roles = {stage.path: stage.role for stage in architecture.stages}
    origins: dict[int, frozenset[str]] = {}
    for index, call in enumerate(architecture.calls):
        top = architecture.nodes[call.node].path
        role = next((role for path, role in roles.items() if is_within(top, path)), "conditioning")
        if role == "conditioning":
            read = (_origin(architecture, origins, source) for source in call.reads)
            text = frozenset({"text"}) if top.startswith("encoder_hid_proj") else frozenset[str]()
            origins[index] = text or frozenset().union(*read)
    return origins


def _origin(architecture: Architecture, outside: dict[int, frozenset[str]], read: int) -> frozenset[str]:
    """Where one tensor that a call reads comes from; the sample itself counts as nothing."""
    if read >= 0:
        return outside.get(read, frozenset())
    name = architecture.inputs[~read].name
    if name in ("sample", "hidden_states"):
        return frozenset()
    return frozenset({"text" if name.startswith("encoder_") else "time"})


def _end(architecture: Architecture, role: str) -> Block | None:
    """The convolution before the first or behind the last stage."""
    for stage in architecture.stages:
        node = convolution(architecture, stage.path)
        if stage.role == role and node is not None:
            return Block("conv", stage.path, node.type, "Cv", architecture.costs[stage.path])
    return None
