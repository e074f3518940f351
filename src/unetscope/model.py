"""The traced network as frozen plain data: what every analysis, layout and renderer reads.

Standard library only; knows nothing of torch, files, text or pictures.
All counts are exact integers; shapes are tuples that include the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from unetscope.cost import ONCE, Cost, Counting, OpClass
from unetscope.errors import SourceError
from unetscope.notebook import Shown
from unetscope.paths import is_within, parent, within
from unetscope.sizes import Basis, Scaling, Shape, width_of

SCHEMA_VERSION = 2

Scalar: TypeAlias = bool | int | float | str | None
_IMAGE_RANK = 3
"""Channels, height and width."""
Role: TypeAlias = Literal["stem", "conditioning", "down", "mid", "up", "body", "head"]
InputRole: TypeAlias = Literal[
    "sample", "time", "text context", "pooled text", "image context", "mask", "rope", "guidance", "class",
    "control", "ids", "size", "audio", "history", "camera", "identity", "option",
]  # fmt: skip
"""What an argument of a forward is to the network; "option" steers the forward."""

Guidance: TypeAlias = Literal["cfg", "embedded", "none"]
"""How a model is guided: by a second forward without the prompt, by a scale it reads, or not at all."""


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


@dataclass(frozen=True, slots=True)
class Operation:
    """One distinct operation: an ATen name with its shapes and scalar arguments.

    `macs` are those of one call. `inputs` are the shapes of its tensor arguments, weights
    included; `details` holds scalars such as heads, stride, eps or affine.
    """

    name: str
    op_class: OpClass
    macs: int
    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    dtype: str
    details: dict[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One execution of an operation, in the order of the forward.

    `node` and `operation` are indices. `reads` are the calls whose tensors it read (~i: the i-th
    network input); views count as the tensor they show. `allocates` holds the bytes of each storage
    it made: storages are numbered through all calls in this order. `frees` holds the numbers of
    those released since the previous call.
    """

    node: int
    operation: int
    reads: tuple[int, ...]
    allocates: tuple[int, ...]
    frees: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Input:
    """One tensor the network was called with. `bytes` is its storage, `role` what it means to the network."""

    name: str
    shape: Shape
    dtype: str
    bytes: int
    role: InputRole = "option"


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
    """A long skip connection: a tensor of an earlier stage, concatenated on the channel axis.

    `source` is the outermost module inside its stage that made the tensor, `target` the module
    that reads the concatenation. `shape` is that of the skipped tensor.
    """

    source: str
    target: str
    shape: Shape

    @property
    def channels(self) -> int:
        """Channels of an image or a video, width of tokens: the side it is joined on."""
        return width_of(self.shape)


@dataclass(frozen=True, slots=True)
class ChannelGroup:
    """What a run of the network's input channels holds."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What we know of a checkpoint beside its network; empty or None means unknown.

    `latent` (height, width) and `tokens` are the sizes at which people use it, if config and class do not
    give them; `encoder_tokens` those that each text encoder reads. `steps` and `guidance` are how it is
    sampled, `experts` how many networks like it take turns in that. `unread` holds the config's keys that say
    nothing of the network: `_diffusers_version` and unknown ones.
    """

    input_channels: tuple[ChannelGroup, ...] = ()
    prediction_type: str | None = None
    vae: str | None = None
    vae_factor: int | None = None
    latent: tuple[int, int] | None = None
    tokens: int | None = None
    text_encoders: tuple[str, ...] = ()
    encoder_tokens: tuple[int, ...] = ()
    scheduler: str | None = None
    steps: int | None = None
    guidance: Guidance | None = None
    experts: int | None = None
    licence: str | None = None
    training: str | None = None
    aliases: tuple[str, ...] = ()
    provenance: str | None = None
    unread: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Architecture(Shown):
    """A network, traced once: modules, tensors, every operation of one forward, and what follows.

    Nodes stand in registration order, parents before children; nodes[0] is the network itself,
    with path "". `notes` are lines on what the trace saw beyond the config; `described` says whether the
    config alone makes this very network. `counting` says how the MACs of nodes are counted; those of
    operations always follow the full convention.
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
        found: dict[str, list[Node]] = {node.path: [] for node in self.nodes}
        for node in self.nodes[1:]:
            found[parent(node.path)].append(node)
        return {path: tuple(nodes) for path, nodes in found.items()}

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
        found: dict[str, list[int]] = {}
        for index, call in enumerate(self.calls):
            found.setdefault(self.nodes[call.node].path, []).append(index)
        return found

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
    def _stages(self) -> dict[str, Stage]:
        return {stage.path: stage for stage in self.stages}

    def stage_of(self, path: str) -> Stage | None:
        """The stage in which a module or tensor lies, by path; None outside all stages."""
        found = within(path, self._stages)
        return None if found is None else self._stages[found]

    def stage(self, path: str) -> Section:
        """One stage by itself, by its path ("up_blocks.0") or its name ("Up 1").

        Raises SourceError where the network has no such stage.
        """
        for stage in self.stages:
            if path in (stage.path, stage.name):
                return Section(self, stage)
        known = ", ".join(stage.path for stage in self.stages)
        raise SourceError(f"{self.title} has no stage {path!r}", hint=f"its stages: {known}")

    def given(self, role: InputRole) -> Input | None:
        """The first input with a role; None if the network has none."""
        return next((one for one in self.inputs if one.role == role), None)

    @property
    def cost(self) -> Cost:
        """Cost of the whole network."""
        return self.costs[""]

    @property
    def factor(self) -> int | None:
        """Pixels of the image for one cell of the input, along a side; see `pixel_factor`."""
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


def pixel_factor(facts: Facts, channels: object) -> int | None:
    """Pixels of the image for one cell of a network's input, along a side; None if unknown.

    A VAE gives its own. Without one, an input of 1 or 3 channels is the image itself: 1.
    """
    if facts.vae is None and facts.vae_factor is None and channels in (1, 3):
        return 1
    return facts.vae_factor
