"""Bytes of a distillation step: a student that trains, and its teacher frozen beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from unetscope.analysis.memory.activations import activation_peak
from unetscope.analysis.memory.training import Training, TrainingPlan, training
from unetscope.analysis.memory.weights import held
from unetscope.model import Architecture
from unetscope.sizes import Shape
from unetscope.spec import DTYPES


@dataclass(frozen=True, slots=True)
class DistillationMemory:
    """Bytes on the device: what a student's training step holds, the teacher's weights in the type of
    autocast, the most that the teacher's forward holds, without gradients, while the student's activations
    wait, and the features that hooks keep of both until they are compared.

    An upper bound, as `Training.total` is one. What the losses themselves make is not in it.
    """

    student: Training
    teacher_weights: int
    teacher_forward: int
    features: int

    @property
    def total(self) -> int:
        """All of it at once."""
        return self.student.resident + self.teacher_weights + self.teacher_forward + self.features


def distillation(
    teacher: Architecture, student: Architecture, how: TrainingPlan, compared: Iterable[Shape]
) -> DistillationMemory:
    """A step of distillation at the size and batch that both were traced at. `compared` are the shapes of the
    features that are compared, each of both networks, in the type of autocast.

    Raises ConfigError for what `training` does not tell.
    """
    return DistillationMemory(
        training(student, how),
        held(teacher, how.base),
        activation_peak(teacher, attention="fused", dtype=how.base).bytes,
        2 * sum(map(prod, compared)) * DTYPES[how.base],
    )
