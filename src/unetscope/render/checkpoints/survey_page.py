"""The report of a survey: one page without scripts or outside files, and the same in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unetscope.checkpoints.surveys.groups import NEAR, HeaderTree, Outliers, SurveySummary
from unetscope.render.templates import fill
from unetscope.words import units
from unetscope.words.safe import clean

_DEEPEST = 40
"""Levels of a tree; what hangs lower stands beside those."""


def page(summary: SurveySummary) -> str:
    """The whole report; names come from files and are escaped."""
    most = max((files for _, files, _, _ in summary.families), default=1)
    return fill(
        "survey.html.j2",
        title=f"Survey of {units.exact(summary.files)} files of weights",
        lead=clean("; ".join(lines(summary))),
        families=[
            {"name": clean(name), "files": units.exact(files), "headers": units.exact(headers),
             "size": units.bytes_(size), "wide": f"{100 * files / most:.2f}"}
            for name, files, headers, size in summary.families
        ],
        kinds=clean(", ".join(f"{units.exact(count)} {kind}" for kind, count in summary.kinds)),
        dtypes=clean(", ".join(f"{name} {units.bytes_(size)}" for name, size in summary.dtypes)),
        about_trees=_about_trees(summary),
        trees=[_root(tree) for tree in summary.trees if tree.below or tree.group.files > 1],
        outliers=[_outliers(outlier) for outlier in summary.outliers],
    )  # fmt: skip


def lines(summary: SurveySummary) -> Iterator[str]:
    """The report as lines for a terminal."""
    known = summary.files - summary.errors - summary.unknown
    yield f"{_files(summary.files)}, {units.bytes_(summary.bytes)}: {units.exact(known)} known"
    yield f"{units.exact(summary.unknown)} unknown"
    yield f"{units.exact(summary.errors)} not read"
    yield f"{units.exact(summary.headers)} distinct headers"


def told(summary: SurveySummary, resumed: int) -> str:
    """The same in one line, with how many items were at hand from a run before."""
    at_hand = [f"{units.exact(resumed)} of them at hand from the run before"] * bool(resumed)
    return "; ".join([*lines(summary), *at_hand])


def _about_trees(summary: SurveySummary) -> str:
    sentence = (
        "A header is the names, types and shapes of a file's tensors. Each line stands for the files of one "
        f"header; below it are headers that have over {NEAR:.0%} of their names with shapes in common with "
        "it, as sketches of 64 hashes tell. Headers of one file that are like no other stand below."
    )
    if not summary.left:
        return sentence
    return (
        f"{sentence} Of {units.exact(summary.headers)} headers those of most files are compared; "
        f"{units.exact(summary.left)}, of {units.exact(summary.left_files)} files, are not."
    )


def _root(tree: HeaderTree) -> dict[str, Any]:
    headers = _count(tree)
    heading = f"{_files(tree.files)}, {headers} header{'s' * (headers > 1)}: {tree.group.row.what}"
    return {**_node(tree, 0), "heading": clean(heading)}


def _count(tree: HeaderTree) -> int:
    return 1 + sum(map(_count, tree.below))


def _node(tree: HeaderTree, depth: int) -> dict[str, Any]:
    row = tree.group.row
    parts = [] if tree.common == 1.0 and not depth else [f"{tree.common:.0%} in common"]
    parts += [f"{units.exact(row.tensors or 0)} tensors", row.naming, row.quantised]
    below = [_node(child, depth + 1) for child in tree.below] if depth < _DEEPEST else []
    words = ", ".join(filter(None, parts))
    return {
        "files": _files(tree.group.files), "what": clean(row.what), "told": clean(words),
        "example": clean(tree.group.examples[0]), "below": below,
    }  # fmt: skip


def _files(count: int) -> str:
    return f"{units.exact(count)} file{'s' * (count != 1)}"


def _outliers(outliers: Outliers) -> dict[str, Any]:
    count = len(outliers.files) + outliers.more
    more = f"and {units.exact(outliers.more)} more, which the table has" if outliers.more else ""
    files = [(clean(file), clean(why)) for file, why in outliers.files]
    return {"heading": f"{_files(count)} {outliers.heading}", "files": files, "more": more}
