"""Whether a network is the student that is meant: the same entries in lists, and which tensors differ."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.plan.renumbering import Renumbering
from unetscope.analysis.plan.skeleton import Skeleton
from unetscope.model import Architecture, Tensor
from unetscope.paths import parent, within


@dataclass(frozen=True, slots=True)
class StudentAgreement:
    """What the network that a config builds has beyond the student, and what it lacks, by path. Also the keys
    that it takes whole from the teacher, and its tensors of another shape or without a counterpart."""

    beyond: tuple[str, ...]
    lacking: tuple[str, ...]
    keys: dict[str, str]
    changed: tuple[Tensor, ...]

    @property
    def is_student(self) -> bool:
        """Whether it has exactly the blocks and layers that are left."""
        return not self.beyond and not self.lacking

    def spares(self, stacks: tuple[str, ...]) -> bool:
        """Whether tensors differ inside of these stacks alone: a wrong key changes all others too."""
        return all(within(tensor.name, stacks) for tensor in self.changed)

    @property
    def shortfall(self) -> str:
        """What the network of the nearest config has beyond the student, and lacks of it."""
        parts = [f"has {_outermost(self.beyond)} too"] * bool(self.beyond)
        parts += [f"lacks {_outermost(self.lacking)}"] * bool(self.lacking)
        parts = parts or [f"has {len(self.changed)} tensors of other shapes"]
        return f"the network of the nearest config {' and '.join(parts)}"


def _outermost(paths: tuple[str, ...]) -> str:
    """The first of some modules, and how many more lie in none of the others."""
    outer = [path for path in paths if within(parent(path), paths) is None]
    return "".join(outer[:1]) + f" and {len(outer) - 1} more" * (len(outer) > 1)


def agreement(way: Renumbering, student: Architecture) -> StudentAgreement:
    """How a student agrees with what is left of its teacher."""
    meant = {way.moved(path): None for path in way.skeleton.droppable}
    meant.pop(None, None)
    there = dict.fromkeys(Skeleton(student).droppable)
    teachers = {name: weight for weight in way.skeleton.network.tensors if (name := way.moved(weight.name))}
    keys: dict[str, str] = {}
    changed: list[Tensor] = []
    for tensor in student.tensors:
        source = teachers.get(tensor.name)
        if source is not None and source.shape == tensor.shape:
            keys[tensor.name] = source.name
        else:
            changed.append(tensor)
    return StudentAgreement(
        tuple(path for path in there if path not in meant),
        tuple(path for path in meant if path is not None and path not in there),
        keys,
        tuple(changed),
    )
