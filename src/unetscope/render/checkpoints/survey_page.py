"""The report of a survey: one page without scripts or outside files, and the same in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unetscope import units
from unetscope.checkpoints.surveys.groups import NEAR, HeaderTree, Outliers, SurveySummary
from unetscope.render.templates import fill
from unetscope.words.safe import clean

_DEEPEST = 40
"""Levels of a tree; what hangs lower stands beside those."""


def page(given: SurveySummary) -> str:
    """The whole report; names come from files and are escaped."""
    most = max((files for _, files, _, _ in given.families), default=1)
    return fill(
        "survey.html.j2",
        title=f"Survey of {units.exact(given.files)} files of weights",
        lead=clean("; ".join(lines(given))),
        families=[
            {"name": clean(name), "files": units.exact(files), "headers": units.exact(headers),
             "size": units.bytes_(size), "wide": f"{100 * files / most:.2f}"}
            for name, files, headers, size in given.families
        ],
        kinds=clean(", ".join(f"{units.exact(count)} {kind}" for kind, count in given.kinds)),
        dtypes=clean(", ".join(f"{name} {units.bytes_(size)}" for name, size in given.dtypes)),
        about_trees=_about_trees(given),
        trees=[_root(tree) for tree in given.trees if tree.below or tree.group.files > 1],
        outliers=[_outliers(outlier) for outlier in given.outliers],
    )  # fmt: skip


def lines(given: SurveySummary) -> Iterator[str]:
    """What a terminal is told."""
    known = given.files - given.errors - given.unknown
    yield f"{units.exact(given.files)} files, {units.bytes_(given.bytes)}: {units.exact(known)} known"
    yield f"{units.exact(given.unknown)} unknown"
    yield f"{units.exact(given.errors)} not read"
    yield f"{units.exact(given.headers)} distinct headers"


def told(given: SurveySummary, resumed: int) -> str:
    """The same in one line, with how many items were at hand from a run before."""
    at_hand = [f"{units.exact(resumed)} of them at hand from the run before"] * bool(resumed)
    return "; ".join([*lines(given), *at_hand])


def _about_trees(given: SurveySummary) -> str:
    told = (
        "A header is the names, types and shapes of a file's tensors. Each line stands for the files of one "
        f"header; below it are headers that have over {NEAR:.0%} of their names with shapes in common with "
        "it, as sketches of 64 hashes tell. Headers of one file that are like no other stand below."
    )
    if not given.left:
        return told
    return (
        f"{told} Of {units.exact(given.headers)} headers those of most files are compared; "
        f"{units.exact(given.left)}, of {units.exact(given.left_files)} files, are not."
    )


def _root(one: HeaderTree) -> dict[str, Any]:
    headers = _count(one)
    heading = f"{_files(one.files)}, {headers} header{'s' * (headers > 1)}: {one.group.row.what}"
    return {**_node(one, 0), "heading": clean(heading)}


def _count(one: HeaderTree) -> int:
    return 1 + sum(map(_count, one.below))


def _node(one: HeaderTree, depth: int) -> dict[str, Any]:
    row = one.group.row
    told = [] if one.common == 1.0 and not depth else [f"{one.common:.0%} in common"]
    told += [f"{units.exact(row.tensors or 0)} tensors", row.naming, row.quantised]
    below = [_node(child, depth + 1) for child in one.below] if depth < _DEEPEST else []
    words = ", ".join(filter(None, told))
    return {
        "files": _files(one.group.files), "what": clean(row.what), "told": clean(words),
        "example": clean(one.group.examples[0]), "below": below,
    }  # fmt: skip


def _files(count: int) -> str:
    return f"{units.exact(count)} file{'s' * (count != 1)}"


def _outliers(one: Outliers) -> dict[str, Any]:
    count = len(one.files) + one.more
    more = f"and {units.exact(one.more)} more, which the table has" if one.more else ""
    files = [(clean(file), clean(why)) for file, why in one.files]
    return {"heading": f"{_files(count)} {one.heading}", "files": files, "more": more}
