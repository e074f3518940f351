"""What each result shows in a notebook and in print: where the data in the middle meet their formats.

Registered when `unetscope.api` is imported; what draws is loaded when something is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from unetscope.api.picture import Picture, shown
from unetscope.errors import UnetscopeError
from unetscope.hooks import Shown, bundle, text
from unetscope.model import Architecture, Section
from unetscope.words import safe


@bundle.register
def _(result: Shown) -> dict[str, Any]:
    from unetscope.difference import Diff

    match result:
        case Picture():
            return shown(result)
        case Architecture():
            from unetscope.api.pictures import draw

            return _pictured(result, draw)
        case Diff():
            from unetscope.api.pictures import draw_diff

            return _pictured(result, draw_diff)
        case Section():
            return bundle(_blocks(result))
    return {"text/plain": text(result)} | _tabular(result)


@text.register
def _(result: Shown) -> str:
    from unetscope.analysis.plan.budget import Offers
    from unetscope.analysis.plan.report import PlanReport
    from unetscope.api.surveys import Surveyed
    from unetscope.checkpoints.answer import Answer
    from unetscope.checkpoints.fit import FileFit
    from unetscope.checkpoints.keys import KeyTable
    from unetscope.checkpoints.values.changes import WeightDiff
    from unetscope.difference import Diff
    from unetscope.render.checkpoints import keys, survey_page, values
    from unetscope.render.checkpoints import text as checkpoints
    from unetscope.render.diff import as_text
    from unetscope.render.plan import as_text as plan_text
    from unetscope.render.plan import offers

    match result:
        case Section():
            return text(_blocks(result))
        case Diff():
            return safe.page(as_text.diff(result))
        case Answer():
            return safe.page(checkpoints.answer(result))
        case FileFit():
            return safe.page(checkpoints.fit(result))
        case KeyTable():
            return safe.page(keys.text(result))
        case WeightDiff():
            return safe.page(values.text(result))
        case Surveyed():
            return survey_page.told(result.summary, result.resumed)
        case Offers():
            from unetscope.api.planning.reports import published

            return safe.page(offers.text(result, published(result.teacher)))
        case PlanReport():
            return safe.page(plan_text.text(result))
    return safe.page(_counted(result)) or repr(result)


def _pictured(result: Any, draw: Callable[[Any], Picture]) -> dict[str, Any]:
    """The picture, and words for a terminal."""
    words = {"text/plain": text(result)}
    with suppress(UnetscopeError):  # whatever it is about a network, or about two, that has no picture
        return shown(draw(result)) | words
    return words


def _blocks(section: Section) -> Shown:
    from unetscope.api.figures import table

    return table(section, by="block")


def _tabular(result: Shown) -> dict[str, Any]:
    """A table in HTML, a fragment that the notebook styles, and in Markdown, where it has these."""
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.cost.table import Table
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.checkpoints.keys import KeyTable
    from unetscope.checkpoints.values.changes import WeightDiff
    from unetscope.render import fragments
    from unetscope.render.checkpoints import keys, values
    from unetscope.render.comparison import pages
    from unetscope.render.table import as_fragment, as_markdown

    match result:
        case Table():
            return {"text/html": as_fragment.table(result), "text/markdown": as_markdown.table(result)}
        case Comparison():
            return {"text/html": pages.fragment(result), "text/markdown": pages.markdown(result)}
        case Sweep():
            return {"text/html": fragments.sweep(result)}
        case KeyTable():
            return {"text/markdown": keys.as_markdown(result)}
        case WeightDiff():
            return {"text/markdown": values.markdown(result)}
    return {}


def _counted(result: Shown) -> str:
    """Figures as the command prints them; nothing for a result that is no list of figures."""
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.cost.reconcile import Reconciliation
    from unetscope.analysis.cost.table import Table
    from unetscope.analysis.memory.budget import Memory
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.render import memory, reconciliation, sweep
    from unetscope.render.comparison import as_text as comparison_text
    from unetscope.render.table import as_text

    match result:
        case Table():
            return as_text.table(result)
        case Comparison():
            return comparison_text.table(result)
        case Sweep():
            return sweep.table(result) if result.rows else sweep.formulas(result)
        case Memory():
            return memory.text(result)
        case Reconciliation():
            return reconciliation.text(result)
    return ""
