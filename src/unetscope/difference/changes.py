"""What a diff consists of, one frozen type for each kind of change. Knows neither how changes are found
nor how they are worded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol, TypeAlias, TypeVar

from unetscope.calls import Scalar
from unetscope.checkpoint import ChannelGroup
from unetscope.model import Skip, Tensor
from unetscope.sizes import Shape

How: TypeAlias = Literal["added", "removed", "changed", "renamed"]
Cause: TypeAlias = tuple[str, ...]
"""Config fields that account for a change together; empty where it is not known or lies elsewhere."""
Value: TypeAlias = "Scalar | list[Value] | tuple[Value, ...] | Mapping[str, Value]"
"""What a config field or a fact holds, as JSON has it."""


@dataclass(frozen=True, slots=True)
class ConfigChange:
    """A config field of another value; None on the side that lacks it. It is its own cause."""

    kind: ClassVar[Literal["config"]] = "config"
    change: How
    path: str
    before: Value
    after: Value

    @property
    def cause(self) -> Cause:
        """The field itself."""
        return (self.path,)


@dataclass(frozen=True, slots=True)
class BlockSide:
    """A block in one network, with the labels (R1,2) of the blocks that it is or holds.

    `could_be` are paths of other blocks that its partner's shapes would have fitted as well.
    """

    path: str
    type: str
    labels: tuple[str, ...]
    could_be: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockChange:
    """A block or stage that came, went, has another number ("renamed") or is of another type ("changed")."""

    kind: ClassVar[Literal["block"]] = "block"
    change: How
    before: BlockSide | None
    after: BlockSide | None
    cause: Cause = ()

    @property
    def path(self) -> str:
        """Its name in B, or in A for what B lacks."""
        return one_of(self).path


@dataclass(frozen=True, slots=True)
class TensorChange:
    """A tensor that came, went, only has another name ("renamed"), or another shape or type ("changed")."""

    kind: ClassVar[Literal["tensor"]] = "tensor"
    change: How
    before: Tensor | None
    after: Tensor | None
    cause: Cause = ()

    @property
    def path(self) -> str:
        """Its name in B, or in A for what B lacks."""
        return one_of(self).name

    @property
    def place(self) -> str:
        """Where it lies in B, or in A for what B lacks."""
        return one_of(self).place


@dataclass(frozen=True, slots=True)
class SkipChange:
    """A skip connection that came, went, or joins another source or number of channels to its target."""

    kind: ClassVar[Literal["skip"]] = "skip"
    change: How
    before: Skip | None
    after: Skip | None
    cause: Cause = ()

    @property
    def path(self) -> str:
        """The module that reads it in B, or in A for what B lacks."""
        return one_of(self).target


@dataclass(frozen=True, slots=True)
class InputSide:
    """An input of one network: what of its shape does not follow the size asked for, and what its
    channels hold, where both networks say so."""

    shape: Shape
    holds: tuple[ChannelGroup, ...] | None = None


@dataclass(frozen=True, slots=True)
class InputChange:
    """An input that came, went, has another shape, or whose channels hold something else."""

    kind: ClassVar[Literal["conditioning"]] = "conditioning"
    change: How
    path: str
    before: InputSide | None
    after: InputSide | None
    cause: Cause = ()

    @property
    def reshaped(self) -> bool:
        """Whether more differs than what its channels hold."""
        return (self.before and self.before.shape) != (self.after and self.after.shape)


@dataclass(frozen=True, slots=True)
class FactChange:
    """Something known of both checkpoints beside their networks; no config field causes it."""

    kind: ClassVar[Literal["scheduler"]] = "scheduler"
    change: ClassVar[How] = "changed"
    cause: ClassVar[Cause] = ()
    path: str
    before: Value
    after: Value


Change: TypeAlias = ConfigChange | BlockChange | TensorChange | SkipChange | InputChange | FactChange
"""One difference. `kind` is its name in JSON, `path` what it is about."""

C = TypeVar("C", bound=Change)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Sided(Protocol[T_co]):
    """A change of something that each network has or lacks."""

    @property
    def before(self) -> T_co | None: ...

    @property
    def after(self) -> T_co | None: ...


def of(kind: type[C], changes: Iterable[Change]) -> list[C]:
    """The changes of one kind, in their order."""
    return [change for change in changes if isinstance(change, kind)]


def sides(change: _Sided[T]) -> list[T]:
    """The sides that exist, A's first."""
    return [side for side in (change.before, change.after) if side is not None]


def one_of(change: _Sided[T]) -> T:
    """B's side, or A's for what B lacks."""
    return sides(change)[-1]


def both(change: _Sided[T]) -> tuple[T, T]:
    """A's side and B's. Raises ValueError for what only one network has."""
    before, after = sides(change)
    return before, after


def caused(change: Change, cause: Cause) -> Change:
    """The change with its cause; a config field keeps itself as its own, a fact has none."""
    return change if isinstance(change, ConfigChange | FactChange) else replace(change, cause=cause)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of difference it is.

    "identical": `parts` name what differs beside the network, "weights" where nothing else can.
    "numerics": same shapes, other arithmetic.
    "computation": same tensors, used otherwise. "inside", "removed", "added": the blocks of both are the
    same, or only went, or only came, and `parts` say what else differs. "structure": anything else.
    """

    kind: Literal["identical", "numerics", "computation", "inside", "removed", "added", "structure"]
    parts: tuple[str, ...] = ()
