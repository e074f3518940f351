"""The calls of one block with what they read: a window on the recorded forward, and its parts by module."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from unetscope.calls import Operation
from unetscope.cost import Cost, total
from unetscope.layout.column.reading.residuals import (
    Addition,
    Flowing,
    additions_of,
    reach_of,
    streams_of,
)
from unetscope.layout.column.reading.tokens import Descent
from unetscope.model import Architecture, Node
from unetscope.paths import is_within, parent
from unetscope.vocabulary import CONTAINERS

SCORES = "scaled_dot_product_attention"
_PRODUCTS = frozenset({"bmm", "matmul", "baddbmm"})
"""Products of two activations: attention that is written out, as linear attention is."""


@dataclass(frozen=True)
class BlockCalls:
    """One block of a network. `calls` are those inside it, in the order of the forward."""

    architecture: Architecture
    path: str
    descent: Descent

    @cached_property
    def calls(self) -> list[int]:
        calls = [
            index
            for node in self.architecture.below(self.path)
            for index in self.architecture.calls_of.get(node.path, ())
        ]
        return sorted(calls)

    @cached_property
    def reach(self) -> dict[int, frozenset[int]]:
        return reach_of(self.architecture, self.calls)

    @cached_property
    def additions(self) -> list[Addition]:
        return additions_of(self.architecture, self.calls, self.reach, self.descent)

    @cached_property
    def flows(self) -> list[Flowing]:
        return streams_of(self.additions, self.reach)

    @cached_property
    def read_from_outside(self) -> frozenset[int]:
        """Calls outside the block (~i: inputs) whose results it reads."""
        return frozenset(
            read
            for call in self.calls
            for read in self.architecture.calls[call].reads
            if read not in self.reach
        )

    def operation(self, call: int) -> Operation:
        return self.architecture.operations[self.architecture.calls[call].operation]

    def node(self, call: int) -> Node:
        return self.architecture.nodes[self.architecture.calls[call].node]

    def reads(self, call: int) -> tuple[int, ...]:
        return self.architecture.calls[call].reads

    def behind(self, call: int) -> frozenset[int]:
        """A call with all it descends from."""
        return self.reach.get(call, frozenset()) | {call}

    def multiplies(self, call: int) -> bool:
        """Whether a call is a matmul or a convolution with a weight."""
        return self.operation(call).op_class in ("conv", "linear")

    def scores(self, call: int) -> bool:
        """Whether a call multiplies activations with each other, as attention does."""
        operation = self.operation(call)
        return operation.name == SCORES or (operation.op_class == "other" and operation.name in _PRODUCTS)

    @cached_property
    def parts(self) -> dict[str, list[int]]:
        """The calls of each part, by path: the outermost modules inside that hold no residual addition.

        What runs between them (gates, scales, additions) belongs to none.
        """
        torn = {self.path}
        for addition in self.additions:
            path = self.node(addition.call).path
            while is_within(path, self.path) and path not in torn:
                torn.add(path)
                path = parent(path)
        parts: dict[str, list[int]] = {}
        for call in self.calls:
            owner = self._owner(self.node(call).path, torn)
            if owner is not None:
                parts.setdefault(owner, []).append(call)
        return parts

    def _owner(self, path: str, torn: set[str]) -> str | None:
        """The part a module belongs to: the highest above it that is neither torn nor a mere container."""
        owner = None
        while path not in torn and is_within(path, self.path):
            if self.architecture.by_path[path].type not in CONTAINERS:
                owner = path
            path = parent(path)
        return owner

    @cached_property
    def part_of(self) -> dict[int, str]:
        """The part of each call that belongs to one."""
        return {call: path for path, calls in self.parts.items() for call in calls}

    def any_reach(self, calls: Iterable[int]) -> frozenset[int]:
        """All that some calls descend from."""
        return frozenset().union(*(self.reach[call] for call in calls))

    def own_cost(self, calls: Iterable[int]) -> Cost:
        """The cost of the modules that made some calls, each once."""
        return total({self.node(call).path: self.node(call).own for call in calls}.values())
