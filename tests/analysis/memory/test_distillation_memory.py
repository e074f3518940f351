"""Memory of a distillation: a student's training step, its frozen teacher, and the features of both."""

from __future__ import annotations

import unetscope
from unetscope.analysis.memory.training import TrainingPlan, training

FEATURES = 2 * 2 * (
    320 * 32 * 32 + 640 * 16 * 16 + 2 * 1280 * 8 * 8 + 1280 * 16 * 16 + 1280 * 32 * 32 + 640 * 64 * 64
    + 320 * 64 * 64
)  # fmt: skip
"""Bytes in float16 of what BK-SDM compares of SD 1.5: outputs of all down and up blocks, of both networks."""


def test_a_distillation_holds_the_students_step_the_frozen_teacher_and_the_features_of_both() -> None:
    report = unetscope.plan_report(unetscope.plan("sd15", recipe="bk-sdm-small"), causes=False)
    held = report.distilling
    assert held is not None
    teacher, student = report.plan.teacher, report.plan.student
    assert held.student == training(student, TrainingPlan())
    assert held.teacher_weights == 2 * teacher.cost.params  # float16; it has no gradient and no optimizer
    assert held.features == FEATURES
    forward = unetscope.memory(teacher, dtype="float16").peak.bytes
    assert held.teacher_forward == forward
    assert held.total == held.student.resident + held.teacher_weights + forward + FEATURES


def test_a_teacher_beside_a_student_takes_more_than_the_student_alone_and_less_than_two_that_train() -> None:
    report = unetscope.plan_report(unetscope.plan("sd15", recipe="bk-sdm-tiny"), causes=False)
    assert report.distilling is not None
    both = training(report.plan.teacher, TrainingPlan()).resident + report.distilling.student.resident
    assert report.distilling.student.resident < report.distilling.total < both
