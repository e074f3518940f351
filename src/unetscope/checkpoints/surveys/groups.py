"""Rows of a survey → what its report tells: counts by family, trees of near-equal headers, outliers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from unetscope.checkpoints.answer import UNKNOWN
from unetscope.checkpoints.surveys.row import SurveyRow, in_common

NEAR = 0.5
"""From this part in common on, two headers are of one tree."""
_MOST_HEADERS = 300
"""Headers that are set against each other, those of most files first; the others are counted."""
_MOST_OUTLIERS = 200
"""Files of a kind that are listed; the others are counted."""
_EXAMPLES = 3


@dataclass(slots=True)
class HeaderGroup:
    """Files of one header: how many, their bytes, and what the first of them is."""

    row: SurveyRow
    files: int = 0
    bytes: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HeaderTree:
    """A header, how much it has in common with the one above it (1 for the first), and those below it."""

    group: HeaderGroup
    common: float
    below: tuple[HeaderTree, ...]

    @property
    def files(self) -> int:
        """Files of all its headers."""
        return self.group.files + sum(tree.files for tree in self.below)


@dataclass(frozen=True, slots=True)
class Outliers:
    """What stands out for one reason: each file with a word on it, `more` that are not listed."""

    heading: str
    files: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class SurveySummary:
    """All that a report tells. `families` are word, files, distinct headers, bytes; the most files first.

    `headers` counts the distinct ones, `left` those of them that are in no tree here, of `left_files` files.
    """

    files: int
    bytes: int
    unknown: int
    errors: int
    families: tuple[tuple[str, int, int, int], ...]
    kinds: tuple[tuple[str, int], ...]
    dtypes: tuple[tuple[str, int], ...]
    trees: tuple[HeaderTree, ...]
    headers: int
    left: int
    left_files: int
    outliers: tuple[Outliers, ...]


def summary(rows: Iterable[SurveyRow]) -> SurveySummary:
    """What a report tells of the rows, which are read once."""
    counts = _Counts()
    for row in rows:
        counts.add(row)
    groups = sorted(counts.groups.values(), key=lambda group: (-group.files, group.row.header))
    largest = groups[:_MOST_HEADERS]
    trees = _trees(largest)
    families = [
        (family, files, len(counts.headers[family]), counts.bytes[family])
        for family, files in sorted(counts.families.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return SurveySummary(
        counts.files, sum(counts.bytes.values()), counts.kinds[UNKNOWN], counts.errors, tuple(families),
        tuple(counts.kinds.most_common()), tuple(counts.dtypes.most_common()), tuple(trees), len(groups),
        len(groups) - len(largest), sum(group.files for group in groups[_MOST_HEADERS:]),
        tuple(_outliers(counts, trees)),
    )  # fmt: skip


@dataclass(slots=True)
class _Counts:
    """What is kept of all rows: it grows with distinct headers, not with files."""

    files: int = 0
    errors: int = 0
    families: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    headers: dict[str, set[str]] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    dtypes: Counter[str] = field(default_factory=Counter)
    groups: dict[str, HeaderGroup] = field(default_factory=dict)
    odd: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    odd_more: Counter[str] = field(default_factory=Counter)

    def add(self, row: SurveyRow) -> None:
        """Count a row."""
        self.files += 1
        if row.error:
            self.errors += 1
            self._notice("not read", row, row.error)
            return
        self.families[row.family] += 1
        self.bytes[row.family] += row.bytes or 0
        self.headers.setdefault(row.family, set()).add(row.header)
        self.kinds[row.kind] += 1
        self.dtypes.update(row.dtypes)
        group = self.groups.setdefault(row.header, HeaderGroup(row))
        group.files, group.bytes = group.files + 1, group.bytes + (row.bytes or 0)
        group.examples += [row.source] * (len(group.examples) < _EXAMPLES)
        if row.kind == UNKNOWN:
            self._notice("unknown", row, next(iter(row.reasons), ""))
        for warning in row.warnings[:1]:
            self._notice("with a warning", row, warning)
        if row.differences:
            self._notice(
                "unlike the nearest model", row, f"{row.nearest}, but {'; '.join(row.differences[:3])}"
            )

    def _notice(self, what: str, row: SurveyRow, why: str) -> None:
        noted = self.odd.setdefault(what, [])
        if len(noted) < _MOST_OUTLIERS:
            noted.append((row.source, why))
        else:
            self.odd_more[what] += 1


def _outliers(counts: _Counts, trees: list[HeaderTree]) -> list[Outliers]:
    """What stands out, the most serious first; headers that resemble no other come last."""
    alone = [
        (tree.group.examples[0], f"{tree.group.row.what}: its header is like no other")
        for tree in trees
        if not tree.below and tree.group.files == 1 and tree.group.row.kind != UNKNOWN
    ]
    heads = ("not read", "unknown", "with a warning", "unlike the nearest model")
    outliers = [
        Outliers(what, tuple(counts.odd[what]), counts.odd_more[what]) for what in heads if what in counts.odd
    ]
    return (
        [*outliers, Outliers("alone", tuple(alone[:_MOST_OUTLIERS]), max(0, len(alone) - _MOST_OUTLIERS))]
        if alone
        else outliers
    )


def _trees(groups: list[HeaderGroup]) -> list[HeaderTree]:
    """Headers under those they have most in common with, each tree from the header of most files on.

    Prim's way: the next is always the one nearest to a tree, a new tree begins where none is near enough.
    """
    above: dict[int, tuple[int, float]] = {}
    order: list[int] = []
    nearest = dict.fromkeys(range(len(groups)), (-1, -1.0))
    while nearest:
        at = max(
            nearest,
            key=lambda number: (
                nearest[number][1] >= NEAR,
                nearest[number][1] if nearest[number][1] >= NEAR else 0,
                -number,
            ),
        )
        top, common = nearest.pop(at)
        above[at] = (top, common) if common >= NEAR else (-1, 1.0)
        order.append(at)
        for other, (_, best) in nearest.items():
            common = in_common(groups[at].row.sketch, groups[other].row.sketch)
            if common > best:
                nearest[other] = (at, common)
    by_parent: dict[int, list[HeaderTree]] = {}
    for at in reversed(order):
        top, common = above[at]
        below = sorted(by_parent.pop(at, []), key=lambda tree: (-tree.common, -tree.files))
        by_parent.setdefault(top, []).append(HeaderTree(groups[at], common, tuple(below)))
    return sorted(by_parent.get(-1, []), key=lambda tree: (-tree.files, tree.group.row.header))
