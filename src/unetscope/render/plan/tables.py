"""The student beside its teacher and published students, for a paper: LaTeX with booktabs, Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from unetscope.analysis.plan.report import PlanReport, StudentRow, losses
from unetscope.render.latex import escape
from unetscope.render.table import as_markdown
from unetscope.render.table.as_latex import float_
from unetscope.words import basis, units
from unetscope.words import plan as words

HEADS = ("network", "params (M)", "%", "MACs (G)", "%")


def caption(report: PlanReport) -> str:
    """The sentence, and what the figures hold for."""
    statement = basis.statement(report.plan.student)
    return f"{sentence(report)} {statement[:1].upper()}{statement[1:]}."


def sentence(report: PlanReport) -> str:
    """The sentence for the paper."""
    return words.sentence(report.plan, [(loss.what, loss.lost, loss.whole) for loss in losses(report.plan)])


def cells(report: PlanReport) -> Iterator[tuple[StudentRow, tuple[str, ...]]]:
    """Each row with its figures: parameters in M, MACs in G, and the shares of the teacher's."""
    teacher = report.plan.teacher.cost
    for row in report.rows:
        yield (
            row,
            (
                f"{row.cost.params / 10**6:,.1f}",
                units.share(row.cost.params, teacher.params).removesuffix(" %"),
                f"{row.cost.macs / 10**9:,.1f}",
                units.share(row.cost.macs, teacher.macs).removesuffix(" %"),
            ),
        )


def latex(report: PlanReport) -> str:
    """A table float in a column; the student's row stands last, below a rule."""
    lines = []
    for row, figures in cells(report):
        if row.is_planned:
            lines.append(r"    \midrule")
        lines.append(f"    {' & '.join(map(escape, (row.title, *figures)))} \\\\")
    head = f"    {' & '.join(map(escape, HEADS))} \\\\"
    return float_(
        [head, r"    \midrule", *lines],
        columns=r">{\raggedright\arraybackslash}p{88pt}rrrr",
        caption=escape(caption(report)),
        label="tab:student",
        width="column",
    )


def markdown(report: PlanReport) -> str:
    """The same as a table in Markdown, the student in bold."""
    lines = [f"| {' | '.join(HEADS)} |", "| --- | ---: | ---: | ---: | ---: |"]
    for row, figures in cells(report):
        texts = [as_markdown.escape(cell) for cell in (row.title, *figures)]
        lines.append(f"| {' | '.join(f'**{text}**' if row.is_planned else text for text in texts)} |")
    return "\n".join([*lines, "", as_markdown.escape(caption(report))]) + "\n"
