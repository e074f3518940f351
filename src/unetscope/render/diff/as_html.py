"""A diff as a page of its own: the strips, and every change as a button that shows its blocks in them.

`page` makes a document of its own; a site's template includes `part`, which is its markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from unetscope.analysis.diff.insight import insight
from unetscope.difference import Diff
from unetscope.layout import diff as layouts
from unetscope.layout.scene import SKIP, Group, Item, Scene
from unetscope.paths import parent
from unetscope.render import modules
from unetscope.render.diff import basis as diff_words
from unetscope.render.diff import changes_as_lines as listed
from unetscope.render.diff import stages
from unetscope.render.document import document, packed
from unetscope.render.picture import svg
from unetscope.render.table.as_html import fits_from
from unetscope.render.templates import fill
from unetscope.words import diff as words
from unetscope.words import units
from unetscope.words.insight import of_diff
from unetscope.words.safe import clean

SCRIPTS = ("picture.js", "module.js", "pair.js", "tables.js", "diff.js")
STYLES = ("parts.css", "diff.css")

_FILTERS = (
    ("config", "config"), ("block", "blocks"), ("conditioning", "inputs"), ("skip", "skips"),
    ("tensor", "tensors"), ("scheduler", "outside"),
)  # fmt: skip


def page(diff: Diff, *, layout: str = "strip", command: str = "") -> str:
    """A complete HTML document with its styles and its script inside, and nothing from elsewhere.

    `command` stands at the foot. Raises OutputError for networks that have no picture beside each other.
    """
    return document(
        "diff.html.j2",
        scripts=SCRIPTS,
        styles=STYLES,
        title=title(diff),
        narrow=narrow(diff),
        part=part(diff, layout=layout),
        command=clean(command),
    )


def title(diff: Diff) -> str:
    """A → B, as a page is called."""
    return clean(f"{diff.a.id} → {diff.b.id}")


def narrow(diff: Diff) -> int:
    """The width of a window, in px, from which its tables fit."""
    totals = [["", *_headings(diff)], *([name, *cells] for name, cells in _totals(diff))]
    return max(fits_from(totals), stages.narrow(diff))


def part(diff: Diff, *, layout: str = "strip") -> Markup:
    """Verdict, picture with the block at hand, totals, stages and changes, as escaped markup.

    It needs STYLES, and with a script SCRIPTS. Raises as `page`.
    """
    scene = layouts.lay_out(diff, layout=layout, paper=True)
    sections = listed.sections(diff)
    kinds = {line["kind"] for section in sections for line in listed.lines(section)}
    markup = fill(
        "part_diff.html.j2",
        title=title(diff),
        verdict=clean(words.verdict(diff.verdict)),
        kind={"identical": "same", "added": "added"}.get(diff.verdict.kind, ""),
        basis=clean(diff_words.statement(diff)),
        # Escaped where it was made.
        picture=Markup(svg.render(scene, theme="auto", named=False)),  # noqa: S704
        pair=packed(_pair(diff, scene)),
        filters=[("", "all"), *((name, label) for name, label in _FILTERS if name in kinds)],
        sections=sections,
        headings=_headings(diff),
        totals=list(_totals(diff)),
        tables=stages.values(diff),
        insight=clean(of_diff(diff, insight(diff))),
    )
    return Markup(markup)  # noqa: S704


def _pair(diff: Diff, scene: Scene) -> dict[str, Any]:
    """What is drawn of each network, and what is around it, as the data of its page."""
    addresses = frozenset(_paths(scene.items))
    visible = frozenset(above for path in addresses for above in _upwards(path))
    return {
        "a": {"name": clean(diff.a.id), **modules.values(diff.a, among=visible)},
        "b": {"name": clean(diff.b.id), **modules.values(diff.b, among=visible)},
    }


def _paths(items: tuple[Item, ...]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Group):
            if item.path and not item.path.startswith(SKIP):
                yield item.path
            yield from _paths(item.items)


def _upwards(path: str) -> Iterator[str]:
    """A path and all around it, the network last."""
    while path:
        yield path
        path = parent(path)
    yield ""


def _headings(diff: Diff) -> list[str]:
    return [clean(diff.a.id), clean(diff.b.id), "difference", "of A"]


def _totals(diff: Diff) -> Iterator[tuple[str, list[str]]]:
    for name, before, after in (
        ("parameters", diff.a.cost.params, diff.b.cost.params),
        (words.macs(diff), diff.a.cost.macs, diff.b.cost.macs),
        ("tensors", len(diff.a.tensors), len(diff.b.tensors)),
        ("skips", len(diff.a.skips), len(diff.b.skips)),
    ):
        share = words.percent(before, after)
        yield name, [units.exact(before), units.exact(after), words.delta(before, after), share]
