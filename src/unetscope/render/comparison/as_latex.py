"""A comparison as LaTeX with booktabs: a row for each fact, a column for each network, notes above."""

from __future__ import annotations

from unetscope.analysis.comparison import Comparison, Fact
from unetscope.analysis.facts import FactValue
from unetscope.render.comparison.cells import cell, notes, title
from unetscope.render.latex import escape
from unetscope.render.table.as_latex import broken, float_, sentence

_BESIDE, _BELOW = 2, 18
"""Networks that fit side by side in a column of a paper, and facts that fit below each other."""
_PROSE = {"training", "licence"}
"""Facts told in sentences, which would make a float higher than a page."""
_HEADS, _GAPS = 0.25, 8.0
"""The part of the width that the names of facts take, and points between two columns."""


def table(comparison: Comparison, *, width: str | None = None, label: str | None = None) -> str:
    """A float in a column, or over both (table*) for more networks or facts than it holds; there counts are
    exact. Facts told in sentences are left out.
    """
    facts = [fact for fact in comparison.facts if fact.name not in _PROSE]
    fits = len(comparison.models) <= _BESIDE and len(facts) <= _BELOW
    width = width or ("column" if fits else "full")
    rows = [_line([fact.heading, *(_cell(fact, value, width) for value in fact.values)]) for fact in facts]
    sentences = (title(comparison), *notes(comparison))
    return float_(
        [_line(["", *(model.label for model in comparison.models)]), r"    \midrule", *rows],
        columns=_column(_HEADS) + _column((1 - _HEADS) / len(comparison.models)) * len(comparison.models),
        caption=" ".join(escape(sentence(words)) for words in sentences),
        label=label or "tab:comparison",
        width=width,
    )


def _column(part: float) -> str:
    """A column of words, this part of the width."""
    return rf">{{\raggedright\arraybackslash}}p{{\dimexpr {part:.4f}\linewidth-{_GAPS:.0f}pt\relax}}"


def _cell(fact: Fact, value: FactValue, width: str) -> str:
    """A value in words; large counts in M and G where there is little room."""
    if width == "full" or not isinstance(value, int) or value < 10**6:
        return cell(fact, value)
    return f"{value / 1e9:,.2f} G" if value >= 10**9 else f"{value / 1e6:,.2f} M"


def _line(texts: list[str]) -> str:
    return f"    {' & '.join(map(broken, texts))} \\\\"
