"""A family tree for a terminal: branches at the left, the step, parameters and network of each beside."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from unetscope.analysis.family_tree import FamilyTree, Relative
from unetscope.layout.tree import size
from unetscope.words import safe, units

NARROW = 80
_FIGURES = 21
"""Columns for parameters, year and letter."""


def lines(tree: FamilyTree, *, width: int = NARROW) -> str:
    """The tree, a line each; a step that is too long for its line goes on below."""
    heads = [_stem(tree, at) + member.id for at, member in enumerate(tree.relatives)]
    room = max(map(len, heads), default=0) + 2
    rows = [line for at, head in enumerate(heads) for line in _lines(tree, at, head, room, width)]
    notes = [
        f"{letter}: one network, {units.exact(members[0].params or 0)} parameters"
        for letter, members in tree.sharing().items()
    ]
    return "\n".join([*rows, "", *notes]).rstrip("\n") + "\n"


def _lines(tree: FamilyTree, at: int, head: str, room: int, width: int) -> Iterator[str]:
    member = tree.relatives[at]
    if member.above is None and at:
        yield ""
    first, *rest = textwrap.wrap(safe.line(member.step), max(12, width - room - _FIGURES)) or [""]
    figures = "–" if member.params is None else size(member)
    year = str(member.year or "")
    beside = f"{figures:>8}  {year:>4}  {member.network:<2}{'◄' if member.id == tree.here else ''}"
    yield f"{head:<{room}}{first:<{max(12, width - room - _FIGURES)}}{beside}".rstrip()
    stem = _stem(tree, at, below=True)
    yield from (f"{stem:<{room}}{part}".rstrip() for part in rest)


def _stem(tree: FamilyTree, at: int, *, below: bool = False) -> str:
    """The branches in front of a model's name, or of what goes on below it."""
    chain = list[Relative]()
    above: int | None = at
    while above is not None:
        chain.append(tree.relatives[above])
        above = tree.relatives[above].above
    own, *older = chain
    bars = ["   " if ancestor.is_last else "│  " for ancestor in reversed(older[:-1])]
    opens = any(relative.above == at for relative in tree.relatives)
    if not older:
        return "│" if below and opens else ""
    if not below:
        return "".join([*bars, "└─ " if own.is_last else "├─ "])
    return "".join([*bars, "   " if own.is_last else "│  ", "│" if opens else ""])
