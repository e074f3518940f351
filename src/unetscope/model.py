"""The traced network as frozen plain data: what every analysis, layout and renderer reads.

Standard library only; knows nothing of torch, files, text or pictures.
All counts are exact integers; shapes are tuples that include the batch.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

SCHEMA_VERSION = 2

Shape: TypeAlias = tuple[int, ...]
Scalar: TypeAlias = bool | int | float | str | None
_IMAGE_RANK = 3
"""Channels, height and width."""
OpClass: TypeAlias = Literal["conv", "linear", "attention", "other", "none"]
Axes: TypeAlias = dict[str, int]
"""Sizes of a forward by the name of their axis: height, width, frames, tokens …; the batch is apart."""
Role: TypeAlias = Literal["stem", "conditioning", "down", "mid", "up", "body", "head"]
InputRole: TypeAlias = Literal[
    "sample", "time", "text context", "pooled text", "image context", "mask", "rope", "guidance", "class",
    "control", "ids", "size", "audio", "history", "camera", "identity", "option",
]  # fmt: skip
"""What an argument of a forward is to the network; "option" steers the forward."""

IMAGE_RANK = 4
"""From this rank on a tensor is an image or a video: batch and channels, then sizes."""

OP_CLASSES: tuple[OpClass, ...] = ("conv", "linear", "attention", "other")


@dataclass(frozen=True, slots=True)
class Cost:
    """Parameters (elements) and multiply-accumulates of one forward, by class of operation.

    `elementwise` is what a convention counts as FLOPs beside multiply-accumulates: norms, activations,
    biases. A trace holds none.
    """

    params: int = 0
    conv: int = 0
    linear: int = 0
    attention: int = 0
    other: int = 0
    elementwise: int = 0

    @property
    def macs(self) -> int:
        """Multiply-accumulates: convolutions, matmuls with a weight, attention and other matmuls."""
        return self.conv + self.linear + self.attention + self.other

    @property
    def flops(self) -> int:
        """Floating-point operations, 1 MAC = 2 FLOPs, with those that are no multiply-accumulate."""
        return 2 * self.macs + self.elementwise

    @property
    def macs_by_op(self) -> dict[OpClass, int]:
        """MACs per class, in the order conv, linear, attention, other."""
        return {"conv": self.conv, "linear": self.linear, "attention": self.attention, "other": self.other}

    def total(self, unit: str) -> int:
        """All work in a unit, "macs" or "flops"."""
        return self.flops if unit == "flops" else self.macs

    def work(self, unit: str) -> dict[OpClass, int]:
        """Work per class in a unit; FLOPs that are no multiply-accumulate are "other"."""
        if unit == "macs":
            return self.macs_by_op
        return {op: 2 * macs for op, macs in self.macs_by_op.items()} | {
            "other": 2 * self.other + self.elementwise
        }

    def times(self, number: int) -> Cost:
        """The same parameters with their work several times: of a batch, or of many forwards."""
        work = (*self.macs_by_op.values(), self.elementwise)
        return Cost(self.params, *(number * one for one in work))

    def __add__(self, more: Cost) -> Cost:
        return Cost(
            self.params + more.params,
            self.conv + more.conv,
            self.linear + more.linear,
            self.attention + more.attention,
            self.other + more.other,
            self.elementwise + more.elementwise,
        )


def total(costs: Iterable[Cost]) -> Cost:
    """The sum of costs; an empty one for no costs."""
    return sum(costs, start=Cost())


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


def item(name: str, shape: Shape, batch: int) -> Shape:
    """The shape of an argument without the batch: an entry of a list, "x[0]", may be one item of it."""
    return shape if name.endswith("]") and shape[:1] != (batch,) else shape[1:]


@dataclass(frozen=True, slots=True)
class Input:
    """One tensor the network was called with. `bytes` is its storage, `role` what it means to the network."""

    name: str
    shape: Shape
    dtype: str
    bytes: int
    role: InputRole = "option"

    def item(self, batch: int) -> Shape:
        """The shape without the batch, which an entry of a list has not where there is an entry an item."""
        return item(self.name, self.shape, batch)


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
    """What is known of a checkpoint beside its network; empty or None means unknown.

    `latent` (height, width) and `tokens` are those it is used at, where its config and its class do not tell.
    `unread` holds the config's keys that say nothing of the network: `_diffusers_version` and unknown ones.
    """

    input_channels: tuple[ChannelGroup, ...] = ()
    prediction_type: str | None = None
    vae: str | None = None
    vae_factor: int | None = None
    latent: tuple[int, int] | None = None
    tokens: int | None = None
    text_encoders: tuple[str, ...] = ()
    scheduler: str | None = None
    licence: str | None = None
    training: str | None = None
    aliases: tuple[str, ...] = ()
    provenance: str | None = None
    unread: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Term:
    """numerator / denominator × each axis of the scaling to its power."""

    numerator: int
    denominator: int
    powers: tuple[int, ...]


Rule: TypeAlias = tuple[Term, ...]
"""A count as a polynomial of the sizes: the sum of its terms, none of them zero."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The sizes of one axis at which rules hold: `offset` plus a multiple of `step`, at least `least`, or
    always that of the axis it is `tied` to."""

    axis: str
    step: int
    least: int
    offset: int = 0
    tied: str = ""

    def has(self, size: int) -> bool:
        """Whether a size lies on the grid."""
        return size >= self.least and (size - self.offset) % self.step == 0


@dataclass(frozen=True, slots=True)
class Scaling:
    """How every number of an architecture, traced at batch 1, follows from the sizes of its axes.

    Holds for sizes on the grid of each axis; there MACs are also proportional to the batch. A site is
    an input, a node, a call (with its operation) or a skip, in this order; `sites` gives each one's
    row, and a row the rules of the site's numbers in order. Where some sizes run further operations that
    are free (a table of positions made again), only calls that multiply have a rule, that of their MACs,
    and the row of every other site is empty. The powers of a term stand in the order of `axes`.
    """

    grids: tuple[Grid, ...]
    rules: tuple[Rule, ...]
    rows: tuple[tuple[int, ...], ...]
    sites: tuple[int, ...]

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that rules are about, in order: those that are not tied to another."""
        return tuple(grid.axis for grid in self.grids if not grid.tied)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the counts hold for: the sizes of all axes, and the `input` they make: the sample's shape
    without its batch (C, H, W for an image)."""

    batch: int
    input: Shape
    axes: Axes
    dtype: str

    @property
    def tokens(self) -> int | None:
        """Text tokens; None without text."""
        return self.axes.get("tokens")


@dataclass(frozen=True, slots=True)
class Counting:
    """How work is counted: the convention, and how many forwards are added up.

    `cfg` is classifier-free guidance: two forwards a step, one with the prompt and one without.
    """

    convention: str = "full"
    cfg: bool = False
    steps: int = 1

    @property
    def forwards(self) -> int:
        """Forwards of the network in all: steps, twice with guidance."""
        return self.steps * (2 if self.cfg else 1)


ONCE = Counting()
"""As a trace holds it: the full convention, one forward."""


@dataclass(frozen=True)
class Architecture:
    """A network, traced once: modules, tensors, every operation of one forward, and what follows.

    Nodes stand in registration order, parents before children; nodes[0] is the network itself,
    with path "". `notes` are lines on what was traced that its config does not tell; `described` says
    whether the config alone makes this very network. `counting` says how the MACs
    of nodes are counted; those of operations stay full.
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
        """The stage that a module or tensor lies in, by path; None outside all of them."""
        found = within(path, self._stages)
        return None if found is None else self._stages[found]

    def given(self, role: InputRole) -> Input | None:
        """The first input that means this to the network; None where it has none."""
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


def pixel_factor(facts: Facts, channels: object) -> int | None:
    """Pixels of the image for one cell of a network's input, along a side; None where that is not known.

    The VAE's where there is one. Without a VAE, an input of 1 or 3 channels is the image itself: 1.
    """
    if facts.vae is None and facts.vae_factor is None and channels in (1, 3):
        return 1
    return facts.vae_factor


def sides(axes: Axes) -> tuple[int, ...]:
    """Height and width among axes; empty where one is missing: audio, features."""
    return (axes["height"], axes["width"]) if {"height", "width"} <= axes.keys() else ()


def width_of(shape: Shape) -> int:
    """Channels of an image or a video, width of tokens; the batch stands first."""
    return shape[1] if len(shape) >= IMAGE_RANK else shape[-1]


def parent(path: str) -> str:
    """The path one level up; "" for a top-level module."""
    return path.rpartition(".")[0]


def is_within(path: str, root: str) -> bool:
    """Whether `path` is `root` or lies below it."""
    return not root or path == root or path.startswith(root + ".")


def within(path: str, roots: Container[str]) -> str | None:
    """The nearest of some paths that `path` is or lies below; None where it lies below none."""
    while path and path not in roots:
        path = parent(path)
    return path or None


def leaf(name: str) -> str:
    """What a tensor's module is called below its numbered parents: "attn2.to_k"."""
    parts = name.split(".")[:-1] or [name]
    numbers = [index for index, part in enumerate(parts) if part.isdecimal() and index < len(parts) - 1]
    return ".".join(parts[numbers[-1] + 1 :] if numbers else parts)
