"""Bytes of a distillation step: a student that trains, and its teacher frozen beside it."""

from __future__ import annotations

from dataclasses import dataclass

from unetscope.analysis.memory.activations import activation_peak
from unetscope.analysis.memory.training import Training, TrainingPlan, training
from unetscope.analysis.memory.weights import held
from unetscope.model import Architecture


@dataclass(frozen=True, slots=True)
class DistillationMemory:
    """Bytes on the device: what a student's training step holds, the teacher's weights in the type of
    autocast, and the most that the teacher's forward holds, without gradients, while the student's
    activations wait.

    An upper bound, as `Training.total` is one. Features that hooks keep of the teacher are not in it.
    """

    student: Training
    teacher_weights: int
    teacher_forward: int

    @property
    def total(self) -> int:
        """All of it at once."""
        return self.student.resident + self.teacher_weights + self.teacher_forward


def distillation(teacher: Architecture, student: Architecture, how: TrainingPlan) -> DistillationMemory:
    """A step of distillation at the size and batch that both were traced at.

    Raises ConfigError for what `training` does not tell.
    """
    return DistillationMemory(
        training(student, how),
        held(teacher, how.base),
        activation_peak(teacher, attention="fused", dtype=how.base).bytes,
    )
