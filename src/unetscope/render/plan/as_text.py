"""A plan for a terminal: what goes and why, the config or the edits, cost, memory, weights, a table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rich.text import Text

from unetscope.analysis.plan.report import PlanReport, outermost
from unetscope.paths import in_list
from unetscope.plans import Dropped, Plan
from unetscope.render.diff import transfer
from unetscope.render.plan import tables
from unetscope.render.plan.code import edit_lines
from unetscope.render.text import NARROW, grid, lines, plain
from unetscope.words import basis, units
from unetscope.words.messages import shown


def text(report: PlanReport, *, width: int = NARROW, colour: bool = False) -> str:
    """All of a plan."""
    plan = report.plan
    parts: list[Any] = [Text(plain(f"{plan.teacher.title} → {plan.student.title}"), "bold")]
    for title, body in (
        ("What goes", gone(plan)),
        ("Config", _config(plan)),
        ("Cost", _cost(plan)),
        ("Memory", _memory(report)),
        ("Weights", _weights(plan)),
        ("Pairs to distil (teacher ↔ student)", transfer.features(report.diff)),
        ("For the paper", [tables.sentence(report)]),
    ):
        texts = [Text(_hung(line, width)) for line in body]
        parts += [Text(""), Text(title, "dim"), *texts] if texts else []
    parts += [Text(""), *_floors(report)] if report.floors else []
    parts += [Text(""), _beside(report), Text(plain(basis.statement(plan.student)), "dim")]
    return lines(*parts, width=width, colour=colour)


def _hung(line: str, width: int) -> str:
    """A line below its heading; what does not fit is indented further, and code keeps its line."""
    wrapped = textwrap.wrap(
        plain(line), width, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False
    )
    return "\n".join(wrapped)


def asked_for(plan: Plan) -> str:
    """What was asked to go, without what follows."""
    return "; ".join(
        gone(replace(plan, dropped=tuple(dropped for dropped in plan.dropped if not dropped.why)))
    )


def gone(plan: Plan) -> Iterator[str]:
    """What goes, entries of one list and one reason together; what lies inside is not listed again."""
    outer = set(outermost(plan))
    groups: dict[tuple[str, str, str], list[Dropped]] = {}
    for dropped in plan.dropped:
        if dropped.path in outer:
            before, number, after = in_list(dropped.path)
            key = (before if number and not after else dropped.path, after, dropped.why)
            groups.setdefault(key, []).append(dropped)
    for entries in groups.values():
        labels = " ".join(entry.label for entry in entries if entry.label)
        reason = f": {entries[0].why}" if entries[0].why else ""
        yield f"{f'{labels} ' * bool(labels)}{_paths(entries)}{reason}"


def _paths(entries: list[Dropped]) -> str:
    """One path, or a list with the numbers that go: transformer_blocks.5–9."""
    if len(entries) == 1:
        return entries[0].path
    before = in_list(entries[0].path)[0]
    numbers = [int(in_list(entry.path)[1]) for entry in entries]
    return before + ", ".join(_runs(numbers))


def _runs(numbers: list[int]) -> Iterator[str]:
    start = last = numbers[0]
    for number in [*numbers[1:], None]:
        if number == last + 1:
            last = number
            continue
        yield str(start) if start == last else f"{start}–{last}"
        start = last = number if number is not None else last


def _config(plan: Plan) -> Iterator[str]:
    """The fields that describe the student; or why none do, with the lines that make it."""
    if plan.config is None:
        yield f"no config of diffusers' says this student: {plan.hole}"
        yield "it is cut out of its teacher by:"
        yield from (f"  {line}" for line in edit_lines(plan.edits))
        return
    before = plan.teacher.config
    for key in sorted(plan.config):
        if plan.config[key] != before.get(key):
            yield f"{key} {shown(before.get(key), limit=200)} → {shown(plan.config[key], limit=200)}"


def _cost(plan: Plan) -> Iterator[str]:
    a, b = plan.teacher, plan.student
    for name, before, after in (
        ("parameters", a.cost.params, b.cost.params),
        ("MACs", a.cost.macs, b.cost.macs),
        ("skips", len(a.skips), len(b.skips)),
    ):
        if before:
            share = f", {units.share(after, before)} of the teacher's"
            yield f"{name} {units.exact(before)} → {units.exact(after)}{share}"


def _memory(report: PlanReport) -> Iterator[str]:
    """Bytes to run the student, and to distil it beside its teacher."""
    run = report.running
    whole = run.held + run.peak.bytes
    yield (
        f"one forward in {run.use.dtype}: {units.bytes_(whole)} ({units.bytes_(run.held)} of weights, "
        f"{units.bytes_(run.peak.bytes)} of activations)"
    )
    if report.distilling is None:
        yield f"distillation: unknown, {report.untold}"
        return
    both, own = report.distilling, report.distilling.student
    yield (
        f"distillation, AdamW, fp16 autocast: at most {units.bytes_(both.total)} "
        f"(the student's step {units.bytes_(own.resident)}, activations {units.bytes_(own.activations)}; "
        f"the teacher's weights {units.bytes_(both.teacher_weights)} "
        f"and forward {units.bytes_(both.teacher_forward)}; features of both {units.bytes_(both.features)}; "
        "the losses are not counted)"
    )


def _weights(plan: Plan) -> Iterator[str]:
    """What of the student's state dict is the teacher's."""
    whole, taken = len(plan.student.tensors), len(plan.keys)
    renamed = sum(1 for key, source in plan.keys.items() if key != source)
    sentence = f"{taken} of {whole} tensors are the teacher's"
    yield sentence + (f", {renamed} of them under another key" if renamed else "")
    if plan.changed:
        names = ", ".join(tensor.name for tensor in plan.changed[:3])
        more = f" and {len(plan.changed) - 3} more" if len(plan.changed) > 3 else ""
        yield f"{len(plan.changed)} are new, or of another shape: {names}{more}"
    if plan.recipe and plan.recipe.told:
        yield f"{plan.recipe.title}: {plan.recipe.told}"


def _beside(report: PlanReport) -> Any:
    table = grid((tables.HEADS[0], "left"), *((head, "right") for head in tables.HEADS[1:]))
    for row, figures in tables.cells(report):
        table.add_row(plain(row.title), *figures, style="bold" if row.is_planned else None)
    return table


def _floors(report: PlanReport) -> Iterator[Any]:
    """The least time of each stage of teacher and student."""
    before, after = report.floors
    table = grid(("stage", "left"), ("teacher, µs", "right"), ("student, µs", "right"))
    times = [{stage.name: stage.nanoseconds for stage in floor.stages} for floor in report.floors]
    for name in dict.fromkeys([*times[0], *times[1]]):
        table.add_row(plain(name), *(f"{time[name] / 1e3:,.1f}" if name in time else "–" for time in times))
    table.add_row("in all", *(f"{floor.nanoseconds / 1e3:,.1f}" for floor in report.floors), style="bold")
    card = before.gpu
    note = (
        f"a floor, not a prediction: {after.dtype}, {card.peak[after.dtype] / 1e12:,.1f} TFLOP/s and "
        f"{card.bandwidth / 1e9:,.0f} GB/s ({card.cited}); each operation at the peak, or as fast as "
        "its weights come from memory; activations, norms, softmax and launches take no time in it"
    )
    yield Text(f"Latency floor of a forward on {card.title}", "dim")
    yield table
    yield Text(note, "dim")
