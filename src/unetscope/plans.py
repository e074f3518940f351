"""A smaller network that is planned: what of a teacher it lacks and keeps, as frozen plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from unetscope.hooks import Shown
from unetscope.model import Architecture, Tensor

EditKind: TypeAlias = Literal["delete", "none", "pass", "fewer upsamplers"]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A module of the teacher that the student lacks. `why` is "" where it was asked for, else what it
    follows from; `label` is R1,2 or A1,2, "" for what has none."""

    path: str
    label: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the teacher's modules: an entry that goes from its list, an attribute that becomes None,
    an attention that lets its input through, or one upsampler that the network counts less."""

    kind: EditKind
    path: str = ""


@dataclass(frozen=True, slots=True)
class PruningRecipe:
    """What a published student drops of its teacher, in words that `plan` takes, so that others can follow.

    `published` maps teachers to the bundled students; `told` says what its makers leave open.
    """

    id: str
    title: str
    teacher: str
    drop: tuple[str, ...]
    source: str
    keep: tuple[str, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    told: str = ""


@dataclass(frozen=True)
class Plan(Shown):
    """A student of a teacher, both traced at one size.

    `asked` are the words it was asked for in, `dropped` all that goes, in the teacher's order. `config` is
    the student's for diffusers; None where no config says it: then `hole` says what it cannot say. `edits`
    make the student of the teacher's modules. `keys` maps each key of the student's state dict to the
    teacher's that it takes whole, `moved` paths of the teacher's modules to those of the student; `changed`
    are tensors of the student's of another shape than the teacher's, or which the teacher lacks.
    """

    teacher: Architecture
    student: Architecture
    asked: tuple[str, ...]
    settings: Mapping[str, Any]
    dropped: tuple[Dropped, ...]
    config: Mapping[str, Any] | None
    hole: str
    edits: tuple[Edit, ...]
    keys: Mapping[str, str]
    changed: tuple[Tensor, ...]
    recipe: PruningRecipe | None = None

    def __repr__(self) -> str:
        cost = self.student.cost
        form = "config" if self.config is not None else "edited network"
        return f"Plan({self.student.title!r}, params={cost.params}, macs={cost.macs}, {form})"
