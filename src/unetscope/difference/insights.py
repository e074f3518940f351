"""What one sentence can tell of a network, or of two: where weight and work sit, as frozen plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.cost import Cost, OpClass


@dataclass(frozen=True, slots=True)
class Portion:
    """Some stages, by name, and what they cost together."""

    stages: tuple[str, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class KindShare:
    """The kind of block that holds most parameters. `gated` are those of feed-forward layers in it, which
    are called `gate`; 0 where they are not worth a word."""

    kind: Literal["residual", "conv-block", "transformer", "attention"]
    params: int
    gated: int = 0
    gate: str = ""


@dataclass(frozen=True, slots=True)
class ClassShare:
    """The class of layers that holds most parameters."""

    layers: OpClass
    params: int


@dataclass(frozen=True, slots=True)
class Insight:
    """The one or two largest stages of a network, and what stands against them.

    That is `busiest`, further stages that work most for their parameters, else what holds most by the
    grouping of the figure that it stands under; both None where neither is worth saying.
    """

    whole: Cost
    largest: Portion
    busiest: Portion | None = None
    most: KindShare | ClassShare | None = None


@dataclass(frozen=True, slots=True)
class Counterparts:
    """Networks of one size: every tensor of B, `tensors` of them, has its counterpart in A."""

    tensors: int


@dataclass(frozen=True, slots=True)
class Mover:
    """The stages that gain or lose most parameters, as many each. `way` is 1 for gain, -1 for loss."""

    stages: tuple[str, ...]
    way: Literal[1, -1]
    params: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What was taken out of A, apart: whole stages, blocks of stages that stay, and layers of transformers
    that stay. `thinned` counts the stages that lost blocks or layers; `most` is who lost most of all."""

    stages: Portion | None
    blocks: Cost
    layers: Cost
    thinned: int
    most: Mover


@dataclass(frozen=True, slots=True)
class Balance:
    """The difference in parameters, all of it, and the stages that gain or lose most.

    `alone`: no other stage differs in parameters. `mixed`: others go the other way.
    """

    change: int
    most: Mover | None
    alone: bool = False
    mixed: bool = False


DiffInsight: TypeAlias = Counterparts | Loss | Balance
"""What a sentence can tell of two networks."""
