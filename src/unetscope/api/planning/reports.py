"""What follows from a plan, and the folder that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from unetscope import codec, zoo
from unetscope.analysis import latency
from unetscope.analysis.diff.distillation import feature_pairs
from unetscope.analysis.memory.budget import Use
from unetscope.analysis.memory.distillation import DistillationMemory, distillation
from unetscope.analysis.memory.training import TrainingPlan
from unetscope.analysis.plan.budget import Offers
from unetscope.analysis.plan.recipes import RECIPES
from unetscope.analysis.plan.report import PlanReport, StudentRow
from unetscope.api.budgets import memory_of
from unetscope.api.differences import diff
from unetscope.api.loading import load
from unetscope.choices import DtypeName
from unetscope.cost import ONCE
from unetscope.difference import Diff
from unetscope.errors import ConfigError, TraceError
from unetscope.model import Architecture
from unetscope.plans import Plan
from unetscope.sizes import Size


def plan_report(
    plan: Plan, *, dtype: DtypeName = "float16", causes: bool = True, gpu: str | None = None
) -> PlanReport:
    """The difference to the teacher, memory in `dtype` and for distillation, published students beside it.

    `gpu` is a card (h100-sxm, a100, 4090, t4 …): then also the least time that a forward can take on it, from
    its datasheet. Raises ConfigError for an unknown card, or one that does not compute in `dtype`.
    """
    from unetscope.analysis.cost import conventions

    teacher, student = (conventions.counted(network, ONCE) for network in (plan.teacher, plan.student))
    card = latency.gpu(gpu) if gpu else None
    floors = tuple(latency.floor(network, card, dtype) for network in (teacher, student)) if card else ()
    difference = diff(plan.teacher, plan.student, causes=causes)
    distilling, untold = _distilling(teacher, student, difference)
    return PlanReport(
        plan=plan,
        diff=_told(difference, plan),
        running=memory_of(student, Use(dtype)),
        distilling=distilling,
        untold=untold,
        rows=tuple(_rows(plan)),
        floors=floors,
    )


def _told(difference: Diff, plan: Plan) -> Diff:
    """The difference with a note on what the plan drops, if by shapes alone it picked other, equal blocks."""
    from unetscope.render.plan.as_text import asked_for

    if plan.hole:
        return replace(difference, unknown=f"the plan took {asked_for(plan)} out; {plan.hole}")
    if difference.transfer.loads == plan.keys:
        return difference
    note = f"by the plan {asked_for(plan)} went; the difference takes blocks of equal shapes for it"
    student = difference.b
    return replace(difference, b=replace(student, notes=(*student.notes, note)))


def _distilling(
    teacher: Architecture, student: Architecture, difference: Diff
) -> tuple[DistillationMemory | None, str]:
    compared = [pair.shape for pair in feature_pairs(difference)]
    try:
        return distillation(teacher, student, TrainingPlan(), compared), ""
    except ConfigError as error:
        return None, error.message


def _rows(plan: Plan) -> Iterator[StudentRow]:
    """The teacher, published students of the same network, the student."""
    from unetscope.analysis.cost import conventions

    teacher, student = plan.teacher, plan.student
    yield StudentRow(teacher.title, teacher.id, teacher.cost)
    for other in published(teacher):
        cost = conventions.counted(other, teacher.counting).cost
        yield StudentRow(other.title, other.id, cost)
    yield StudentRow(student.title, student.id, student.cost, is_planned=True)


def published(teacher: Architecture) -> list[Architecture]:
    """Bundled students of a bundled teacher's network at its size; of several with one network the first."""
    network = zoo.network(teacher.id) if teacher.id in zoo.ids() else None
    ids: dict[str, str] = {}
    for recipe in RECIPES.values():
        for of, id in recipe.published.items():
            if network is not None and zoo.network(of) == network:
                ids.setdefault(zoo.network(id), id)
    networks = []
    for id in ids.values():
        with suppress(ConfigError, TraceError):  # it takes no input of that size
            networks.append(load(id, size=Size.at(teacher.basis)))
    return networks


def relabelled(report: PlanReport, label: Callable[[Diff], Diff]) -> PlanReport:
    """The same report with stages called otherwise in its difference."""
    return replace(report, diff=label(report.diff))


MARK = "plan.json"
"""The file that every folder of a plan holds."""


def folder(report: PlanReport, offers: Offers | None = None, *, command: str = "") -> dict[str, bytes]:
    """The files of a plan by name: config, the whole architecture, pictures, tables, keys, script; of one
    chosen among others under a budget also these, as a list and as a chart."""
    from unetscope.analysis.cost import conventions
    from unetscope.api.pictures import draw, draw_diff
    from unetscope.render.json import dumps
    from unetscope.render.plan import as_json, as_text, code, tables

    plan = report.plan
    student = conventions.counted(plan.student, ONCE)
    texts = {
        MARK: dumps(as_json.document(report)),
        "plan.txt": as_text.text(report, width=_FILE_WIDTH),
        "table.tex": tables.latex(report),
        "table.md": tables.markdown(report),
        "weights.json": dumps(as_json.weight_map(plan)),
        "weights.py": code.script(plan),
        "distillation.json": dumps(as_json.pairs(report)),
    }
    if plan.config is not None:
        texts["config.json"] = dumps(as_json.config(plan))
    files = {name: text.encode() for name, text in texts.items()}
    files["student.json.gz"] = codec.pack(student)
    files["student.svg"] = bytes(draw(plan.student, command=command))
    if offers:
        from unetscope.render.charts.students import of_students
        from unetscope.render.plan import offers as listing

        beside = published(offers.teacher)
        files["students.txt"] = listing.text(offers, beside, width=_FILE_WIDTH).encode()
        files["students.json"] = dumps(listing.data(offers)).encode()
        files["students.svg"] = of_students(offers, beside, command=command)
    if report.floors:
        from unetscope.render.charts.floor import of_floors

        files["floor.svg"] = of_floors(report.floors, (plan.teacher, plan.student), command=command)
    for format_ in ("svg", "html"):
        files[f"diff.{format_}"] = bytes(draw_diff(report.diff, format=format_, command=command))
    return files


_FILE_WIDTH = 100
"""Columns of a text file."""
