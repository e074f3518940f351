"""What each result shows in a notebook: the one place where the data in the middle meet their formats.

Registered when `unetscope.api` is imported; what draws is loaded when something is shown.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from unetscope.api.picture import Picture, shown
from unetscope.difference import Diff
from unetscope.errors import UnetscopeError
from unetscope.model import Architecture, Section
from unetscope.notebook import Shown, bundle
from unetscope.words import safe


@bundle.register
def _(result: Shown) -> dict[str, Any]:
    from unetscope.analysis.plan.budget import Offers
    from unetscope.analysis.plan.report import PlanReport
    from unetscope.checkpoints.answer import Answer
    from unetscope.checkpoints.fit import FileFit
    from unetscope.plans import Plan
    from unetscope.render.checkpoints import text as checkpoints
    from unetscope.render.plan import as_text as plan_text
    from unetscope.render.plan import offers

    match result:
        case Picture():
            return shown(result)
        case Architecture():
            return _drawn(result)
        case Section():
            from unetscope.api.figures import table

            return _tabular(table(result, by="block"))
        case Diff():
            return _difference(result)
        case Answer():
            return _contents(checkpoints.answer(result))
        case FileFit():
            return _contents(checkpoints.fit(result))
        case Plan():
            return {"text/plain": repr(result)}
        case Offers():
            from unetscope.api.plan_reports import published

            return _contents(offers.text(result, published(result.teacher)))
        case PlanReport():
            return _contents(plan_text.text(result))
    return _tabular(result)


def _drawn(architecture: Architecture) -> dict[str, Any]:
    """The diagram, and one line for a terminal."""
    from unetscope.api.pictures import draw

    text = {"text/plain": repr(architecture)}
    with suppress(UnetscopeError):  # whatever it is about a network that has no picture
        return shown(draw(architecture)) | text
    return text


def _difference(diff: Diff) -> dict[str, Any]:
    from unetscope.api.pictures import draw_diff
    from unetscope.render.diff import as_text

    text = _contents(as_text.diff(diff))
    with suppress(UnetscopeError):  # some networks have no picture beside each other
        return shown(draw_diff(diff)) | text
    return text


def _tabular(result: Shown) -> dict[str, Any]:
    """A table as text, and in HTML and Markdown where it has these: a fragment that the notebook styles."""
    from unetscope.analysis.comparison import Comparison
    from unetscope.analysis.cost.reconcile import Reconciliation
    from unetscope.analysis.cost.table import Table
    from unetscope.analysis.memory.budget import Memory
    from unetscope.analysis.scaling.sweep import Sweep
    from unetscope.render import fragments, memory, reconciliation, sweep
    from unetscope.render.comparison import as_text as comparison_text
    from unetscope.render.comparison import pages
    from unetscope.render.table import as_fragment, as_markdown, as_text

    match result:
        case Table():
            return _contents(as_text.table(result), as_fragment.table(result), as_markdown.table(result))
        case Comparison():
            text = comparison_text.table(result)
            return _contents(text, pages.fragment(result), pages.markdown(result))
        case Sweep():
            text = sweep.table(result) if result.rows else sweep.formulas(result)
            return _contents(text, fragments.sweep(result))
        case Memory():
            return _contents(memory.text(result))
        case Reconciliation():
            return _contents(reconciliation.text(result))
    return {"text/plain": repr(result)}


def _contents(text: str, html: str = "", marked: str = "") -> dict[str, Any]:
    shown_as = {"text/plain": safe.page(text), "text/html": html, "text/markdown": marked}
    return {kind: content for kind, content in shown_as.items() if content}
