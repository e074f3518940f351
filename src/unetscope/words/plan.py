"""A planned student in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.plans import Plan
from unetscope.words import basis, units
from unetscope.words.conventions import CONVENTIONS, per
from unetscope.words.messages import joined

UNPREDICTED = "quality is not predicted: only training tells which student is good"


def sentence(plan: Plan, losses: Sequence[tuple[str, int, int]]) -> str:
    """The sentence for a paper: what went (what, how many, of how many), what is left, for which basis."""
    teacher, student = plan.teacher, plan.student
    lost = joined([f"{count} of its {whole} {what}" for what, count, whole in losses])
    way = f"without {lost}" if lost else f"with {joined(plan.asked)}"
    work = student.cost.macs
    convention = CONVENTIONS[student.counting.convention]
    return (
        f"{student.title} is {teacher.title} {way}: it has {units.exact(student.cost.params)} parameters "
        f"({units.share(student.cost.params, teacher.cost.params)} of its teacher's) and takes "
        f"{units.macs(work)} ({units.share(work, teacher.cost.macs)}) {per(student.counting)} at "
        f"{basis.short(student)}, counting {convention.counts}."
    )
