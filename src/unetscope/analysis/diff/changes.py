"""What a diff consists of, as frozen data. Knows neither how changes are found nor how they are worded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from unetscope.model import Architecture, Cost, Shape, Tensor

Kind: TypeAlias = Literal["config", "block", "tensor", "skip", "conditioning", "scheduler"]
How: TypeAlias = Literal["added", "removed", "changed", "renamed"]
Effect: TypeAlias = Literal["none", "numerics", "architecture"]
Cause: TypeAlias = tuple[str, ...]
"""Config fields that account for a change together; empty where it is not known or lies elsewhere."""

EFFECTS: tuple[Effect, ...] = ("none", "numerics", "architecture")
"""From the least to the greatest."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `before` and `after` are plain JSON values, None where there is nothing.

    `path` is the name in B, or in A for what B lacks. Tensors and blocks hold a dict with their own
    name, so that one which is renamed stands here once with both names.
    """

    kind: Kind
    change: How
    path: str
    before: Any
    after: Any
    cause: Cause = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What changing something does to a network, and the operations, attributes or modules it shows in."""

    effect: Effect
    shown_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    """One counterfactual: A with `fields` set as in B (towards "b"), or B with them as in A ("a").

    `inputs` are the shapes of the network's inputs by name, `parts` its top-level modules. `macs` is
    None where it was not traced.
    """

    fields: tuple[str, ...]
    towards: Literal["a", "b"]
    tensors: tuple[Tensor, ...]
    inputs: dict[str, Shape]
    parts: tuple[str, ...]
    impact: Impact
    macs: int | None = None


@dataclass(frozen=True, slots=True)
class Alone:
    """What fields do by themselves, in parameters and MACs that come (less than 0: go) with B's values.

    `start` "a": A with them, less A. "b", where A cannot take them alone: B, less B without them.
    `macs` hold for the size that start was traced at; None where the network between does not run,
    and where work is counted by another convention than full.
    """

    start: Literal["a", "b"]
    params: int
    macs: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """What the trials tell of one set of fields; for its parts see Group."""

    fields: Cause
    impact: Impact
    joint: bool = False
    alone: Alone | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Why two networks differ: the cause of each change, in the order of the diff's, and all reasons."""

    causes: tuple[Cause, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Config fields and what they account for. `joint`: no trial of them alone gives B's tensors.

    `tensors` are the paths of the tensor changes they cause, and `params` the parameters in which these
    differ: over all groups these add up to the difference of the networks. `removed` and `added` are
    the paths (in A; in B), in the order of the forward, of the blocks that only these fields take or
    bring: resnet blocks, transformers, samplers, embeddings; those of a whole stage one by one.
    `skips_removed` and `skips_added` count skips likewise. `alone` is None where these fields were
    never tried by themselves, as for joint ones.
    """

    fields: Cause
    impact: Impact
    tensors: tuple[str, ...]
    joint: bool = False
    params: int = 0
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    skips_removed: int = 0
    skips_added: int = 0
    alone: Alone | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What corresponds to what, by path; None where one side has nothing.

    `ties` are paths of the longer side whose shapes would have fitted as well.
    """

    before: str | None
    after: str | None
    ties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StageCost:
    """One stage on both sides; a cost is None where the side lacks it. `tensors` counts its changes."""

    pair: Pair
    before: Cost | None
    after: Cost | None
    tensors: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a checkpoint of A gives B. `loads` maps each key of B to the key of A it takes whole.

    `partial` holds pairs of tensors (of A, of B) that correspond but differ in shape; of these the
    overlap from the first element on can be copied.
    """

    loads: dict[str, str]
    partial: tuple[tuple[Tensor, Tensor], ...]
    missing: tuple[Tensor, ...]
    unused: tuple[Tensor, ...]
    elements: dict[str, int]


@dataclass(frozen=True)
class Diff:
    """Two networks and all their differences.

    `common` tells whether B's costs hold for A's size. `groups` is None where causes are not known;
    `unknown` then says why. `written` are differences of the configs as text that reach no network.
    """

    a: Architecture
    b: Architecture
    common: bool
    identical: bool
    verdict: str
    changes: tuple[Change, ...]
    stages: tuple[StageCost, ...]
    transfer: Transfer
    groups: tuple[Group, ...] | None
    unknown: str = ""
    written: tuple[Change, ...] = ()
