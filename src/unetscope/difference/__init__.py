"""Two networks and all that a diff finds out about them, as frozen plain data: changes, causes, costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from unetscope.cost import Cost
from unetscope.difference.changes import Cause, Change, ConfigChange, Verdict
from unetscope.hooks import Shown
from unetscope.model import Architecture, Tensor

Effect: TypeAlias = Literal["none", "numerics", "architecture"]

EFFECTS: tuple[Effect, ...] = ("none", "numerics", "architecture")
"""From the least to the greatest."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What changing something does to a network, and the operations, attributes or modules it shows in."""

    effect: Effect
    shown_in: tuple[str, ...] = ()


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
class FieldGroup:
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
class Explanation:
    """One cause as we report it: its fields that appear here first, those named before, and the effect.

    Among those named before, fields that stood alone come first: the others of a group say little by
    themselves. `only` says that nothing else has an effect, `renamed` that its tensors just have other names.
    """

    group: FieldGroup
    fields: tuple[str, ...]
    others: tuple[str, ...]
    only: bool
    renamed: bool


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

    @property
    def params(self) -> int:
        """Parameters that B's stage has more than A's."""
        return (self.after.params if self.after else 0) - (self.before.params if self.before else 0)

    @property
    def macs(self) -> int:
        """MACs that B's stage takes more than A's."""
        return (self.after.macs if self.after else 0) - (self.before.macs if self.before else 0)


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
class Diff(Shown):
    """Two networks and all their differences.

    `common` tells whether B's costs hold for A's size. `groups` is None where causes are not known;
    `unknown` then says why. `written` are differences of the configs as text that reach no network.
    """

    a: Architecture
    b: Architecture
    common: bool
    verdict: Verdict
    changes: tuple[Change, ...]
    stages: tuple[StageCost, ...]
    transfer: Transfer
    groups: tuple[FieldGroup, ...] | None
    unknown: str = ""
    written: tuple[ConfigChange, ...] = ()

    def __repr__(self) -> str:
        count = len(self.changes)
        return f"Diff({self.a.title!r}, {self.b.title!r}, verdict={self.verdict.kind!r}, changes={count})"

    @property
    def identical(self) -> bool:
        """Whether nothing in the two networks differs: neither structure nor numerics nor inputs."""
        return self.verdict.kind == "identical"
