"""Where features of a teacher and its student can be compared: the hooks of BK-SDM's training code."""

from __future__ import annotations

import pytest

from support.traces import bundled
from unetscope.analysis.diff import compare
from unetscope.analysis.diff.distillation import FeaturePair, feature_pairs
from unetscope.zoo import lineage

STAGES = [f"down_blocks.{i}" for i in range(4)] + [f"up_blocks.{i}" for i in range(4)]
TINY_TEACHER = [*STAGES[:2], "down_blocks.2.attentions.1.proj_out", *STAGES[5:]]
TINY_STUDENT = [*STAGES[:2], "down_blocks.2.attentions.0.proj_out", *STAGES[4:7]]


def pairs(a: str, b: str) -> tuple[FeaturePair, ...]:
    return feature_pairs(compare(bundled(a), bundled(b), trials=None, common=True))


@pytest.mark.parametrize(
    ("teacher", "student"),
    [
        ("sd14", "bk-sdm-base"),
        ("sd14", "bk-sdm-small"),
        ("sd21-base", "bk-sdm-v2-base"),
        ("sd21-base", "bk-sdm-v2-small"),
    ],
)
def test_base_and_small_are_hooked_at_every_down_and_up_stage(teacher: str, student: str) -> None:
    found = pairs(teacher, student)
    assert [one.teacher for one in found] == [one.student for one in found] == STAGES
    assert [one.shape[1:] for one in found] == [
        (320, 32, 32),
        (640, 16, 16),
        (1280, 8, 8),
        (1280, 8, 8),
        (1280, 16, 16),
        (1280, 32, 32),
        (640, 64, 64),
        (320, 64, 64),
    ]


@pytest.mark.parametrize(("teacher", "student"), [("sd14", "bk-sdm-tiny"), ("sd21-base", "bk-sdm-v2-tiny")])
def test_tiny_is_hooked_inside_the_stage_that_lost_its_sampler(teacher: str, student: str) -> None:
    found = pairs(teacher, student)
    assert [one.teacher for one in found] == TINY_TEACHER
    assert [one.student for one in found] == TINY_STUDENT
    assert pairs(student, teacher) == tuple(FeaturePair(one.student, one.teacher, one.shape) for one in found)


@pytest.mark.parametrize(("a", "b"), sorted(set(lineage.pairs()))[::9])
def test_hooked_modules_run_and_their_outputs_agree(a: str, b: str) -> None:
    one, other = bundled(a), bundled(b)
    for pair in feature_pairs(compare(one, other, trials=None, common=True)):
        assert one.by_path[pair.teacher].output == other.by_path[pair.student].output == pair.shape
    assert feature_pairs(compare(one, other, trials=None, common=False)) == ()
