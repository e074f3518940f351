"""The traced network as frozen plain data: what every analysis, layout and renderer reads.

Standard library only; knows nothing of torch, files, text or pictures.
All counts are exact integers; shapes are tuples that include the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from unetscope.calls import Call, Input, InputRole, Operation, Scalar
from unetscope.checkpoint import Facts, pixel_factor
from unetscope.cost import ONCE, Cost, Counting
from unetscope.errors import SourceError
from unetscope.hooks import Shown
from unetscope.paths import is_within, parent, within
from unetscope.sizes import Basis, Scaling, Shape, width_of

SCHEMA_VERSION = 2

_IMAGE_RANK = 3
"""Channels, height and width."""
Role: TypeAlias = Literal["stem", "conditioning", "down", "mid", "up", "body", "head"]


@dataclass(frozen=True, slots=True)
class Node:
    """One module. `own` leaves its children out, so that any set of disjoint subtrees adds up.

    `input` is the shape of the first tensor it was called with, `output` of the first it returned;
    both None where the module was never called. `returned` holds the calls (indices into
    `Architecture.calls`) whose results it returned, or ~i for the i-th network input.
    """

    path: str
    type: str
    kind: str
    own: Cost
    input: Shape | None = None
    output: Shape | None = None
    returned: tuple[int, ...] = ()
    attributes: dict[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tensor:
    """One parameter or buffer, under the name it has in a state dict."""

    name: str
    shape: Shape
    dtype: str
    owner: str
    role: Literal["parameter", "buffer"]

    @property
    def place(self) -> str:
        """Where it lies: its name or, where stages were observed, its name behind its module's path."""
        return f"{self.owner}.{self.name.rpartition('.')[2]}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Stage:
    """One top-level part: an entry of down_blocks, mid_block or up_blocks, a stack of blocks (the role
    `body`), or a module outside them.

    `level` counts resolutions from 0 (the finest); None outside down, mid and up. `stream` names what
    the tokens of a stack are (image, text, joint, audio), where a network has several stacks.
    """

    path: str
    name: str
    role: Role
    level: int | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """A long skip connection: a tensor of an earlier stage, concatenated on the channel axis or added.

    `source` is the outermost module inside its stage that made the tensor, `target` the module
    that reads what was joined. `shape` is that of the skipped tensor. `on_path` is False for a dense skip,
    which joins beside the path from the sample to the output (UNet++).
    """

    source: str
    target: str
    shape: Shape
    kind: Literal["concat", "add"] = "concat"
    on_path: bool = True

    @property
    def channels(self) -> int:
        """Channels of an image or a video, width of tokens: the side it is joined on."""
        return width_of(self.shape)


@dataclass(frozen=True)
class Architecture(Shown):
    """A network, traced once: modules, tensors, every operation of one forward, and what follows.

    Nodes stand in registration order, parents before children; nodes[0] is the network itself,
    with path "". `notes` are lines on what the trace saw beyond the config; `described` says whether the
    config alone makes this very network. `counting` says how the MACs of nodes are counted; those of
    operations always follow the full convention. `part` is the half of an autoencoder that it is, "" for a
    whole network; the axes of its basis are then those of the image.
    """

    id: str
    title: str
    source: str
    class_name: str
    config: dict[str, object]
    basis: Basis
    facts: Facts
    inputs: tuple[Input, ...]
    stages: tuple[Stage, ...]
    nodes: tuple[Node, ...]
    tensors: tuple[Tensor, ...]
    operations: tuple[Operation, ...]
    calls: tuple[Call, ...]
    skips: tuple[Skip, ...]
    uncounted: tuple[str, ...] = ()
    ignored_keys: tuple[str, ...] = ()
    defaulted_keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    described: bool = True
    scaling: Scaling | None = None
    counting: Counting = ONCE
    part: Literal["", "encoder", "decoder"] = ""
    schema_version: int = SCHEMA_VERSION

    def __repr__(self) -> str:
        return f"Architecture({self.title!r}, {self.class_name!r}, {_amounts(self.cost)})"

    @cached_property
    def by_path(self) -> dict[str, Node]:
        """Nodes by module path."""
        return {node.path: node for node in self.nodes}

    @cached_property
    def children(self) -> dict[str, tuple[Node, ...]]:
        """Direct children by parent path, in registration order."""
        children: dict[str, list[Node]] = {node.path: [] for node in self.nodes}
        for node in self.nodes[1:]:
            children[parent(node.path)].append(node)
        return {path: tuple(nodes) for path, nodes in children.items()}

    def below(self, path: str) -> Iterator[Node]:
        """A module and all inside it, in registration order, in time linear in their number."""
        waiting = [self.by_path[path]]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(self.children[node.path]))

    @cached_property
    def costs(self) -> dict[str, Cost]:
        """Cost of each module with everything below it, by path."""
        summed = {node.path: node.own for node in self.nodes}
        for node in reversed(self.nodes[1:]):
            above = parent(node.path)
            summed[above] = summed[above] + summed[node.path]
        return summed

    @cached_property
    def calls_of(self) -> dict[str, list[int]]:
        """Indices of the calls that a module makes itself, by path, in order."""
        indices: dict[str, list[int]] = {}
        for index, call in enumerate(self.calls):
            indices.setdefault(self.nodes[call.node].path, []).append(index)
        return indices

    @cached_property
    def first_call(self) -> dict[str, int]:
        """Index of the first call inside each module that ran, by path: the order of the forward."""
        first: dict[str, int] = {}
        for index, call in enumerate(self.calls):
            path = self.nodes[call.node].path
            while path not in first:
                first[path] = index
                path = parent(path)
        return first

    @cached_property
    def _stages(self) -> dict[str, Stage | None]:
        """The stage around each module, by path; None outside all stages."""
        around: dict[str, Stage | None] = {}
        starts = {stage.path: stage for stage in self.stages}
        for node in self.nodes:
            above = around[parent(node.path)] if node.path else None
            around[node.path] = starts.get(node.path, above) if node.path else None
        return around

    def stage_of(self, path: str) -> Stage | None:
        """The stage in which a module or tensor lies, by path; None outside all stages."""
        module = within(path, self._stages)
        return None if module is None else self._stages[module]

    def stage(self, path: str) -> Section:
        """One stage by itself, by its path ("up_blocks.0") or its name ("Up 1").

        Raises SourceError where the network has no such stage.
        """
        for stage in self.stages:
            if path in (stage.path, stage.name):
                return Section(self, stage)
        known = ", ".join(stage.path for stage in self.stages)
        raise SourceError(f"{self.title} has no stage {path!r}", hint=f"its stages: {known}")

    def input_of(self, role: InputRole) -> Input | None:
        """The first input with a role; None if the network has none."""
        return next((entry for entry in self.inputs if entry.role == role), None)

    @property
    def cost(self) -> Cost:
        """Cost of the whole network."""
        return self.costs[""]

    @property
    def factor(self) -> int | None:
        """Pixels of the image for one step of height or width, along a side; see `pixel_factor`."""
        if self.part:
            return 1
        first = self.basis.input[0]
        # packed tokens and videos have another side there than the channels
        is_image = len(self.basis.input) == _IMAGE_RANK
        return pixel_factor(self.facts, first if is_image else self.config.get("in_channels", first))


@dataclass(frozen=True)
class Section(Shown):
    """One stage of an architecture by itself: its modules, its cost, what goes in and out."""

    architecture: Architecture
    stage: Stage

    def __repr__(self) -> str:
        return f"Section({self.path!r} of {self.architecture.title!r}, {_amounts(self.cost)})"

    @property
    def path(self) -> str:
        """The path of its module: "up_blocks.0"."""
        return self.stage.path

    @property
    def name(self) -> str:
        """What it is called in pictures and tables: "Up 1"."""
        return self.stage.name

    @property
    def cost(self) -> Cost:
        """Parameters and work of all its modules together."""
        return self.architecture.costs[self.path]

    @property
    def module(self) -> Node:
        """The stage's own module, with its class and the shapes of its first input and output."""
        return self.architecture.by_path[self.path]

    @property
    def modules(self) -> tuple[Node, ...]:
        """All its modules, in registration order, itself first."""
        return tuple(self.architecture.below(self.path))

    @property
    def skips(self) -> tuple[Skip, ...]:
        """The long skip connections that start or end in it."""
        return tuple(
            skip
            for skip in self.architecture.skips
            if is_within(skip.source, self.path) or is_within(skip.target, self.path)
        )


def _amounts(cost: Cost) -> str:
    return f"params={cost.params}, macs={cost.macs}"
