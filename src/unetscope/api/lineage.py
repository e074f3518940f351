"""Family trees of bundled models."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope import zoo
from unetscope.analysis import family_tree as trees
from unetscope.api import commands
from unetscope.api.picture import Picture
from unetscope.choices import ThemeName, TreeFormat, check
from unetscope.errors import SourceError
from unetscope.zoo.preset import FAMILIES

_ALL = "How the bundled models came to be"


def family_tree(
    *names: str,
    format: TreeFormat = "svg",
    theme: ThemeName = "light",
    among: Sequence[str] | None = None,
    command: str | None = None,
) -> Picture:
    """Who was made from whom, by which step: the line of one or more models, or of all.

    `format` is text, svg, png, pdf, dot or mermaid; `among` are the ids of models whose lines are drawn, by
    default all. `command` is printed at the foot. Raises SourceError for a name that is not a bundled model.
    """
    from unetscope.render import lineage

    check("theme", theme, ThemeName)
    asked = [_id(name) for name in names]
    title = f"The line of {', '.join(asked)}" if asked else _ALL
    again = _command(asked, theme, format) if command is None else command
    return Picture(
        lineage.drawn(grown(names, among=among), title=title, format=format, theme=theme, command=again),
        format,
    )


def _command(asked: Sequence[str], theme: str, format: str) -> str:
    """The command that draws a tree again."""
    flags: list[commands.Flag] = [("--format", format)] if format != "text" else []
    flags += [("--theme", theme)] if theme != commands.USUAL["theme"] else []
    return commands.line("list", asked, [*flags, ("--tree", None)])


def tree_text(*names: str, among: Sequence[str] | None = None, width: int = 80) -> str:
    """The same for a terminal of `width` columns."""
    from unetscope.render.lineage import as_text

    return as_text.lines(grown(names, among=among), width=width)


def grown(names: Sequence[str] = (), *, among: Sequence[str] | None = None) -> trees.FamilyTree:
    """The tree that `family_tree` draws, as data. Raises as it does."""
    asked = [_id(name) for name in names]
    every = tuple(member for member in (*zoo.ids(), *zoo.unpublished()) if among is None or member in among)
    return trees.tree(asked or _by_age(every), here=asked[0] if len(asked) == 1 else "")


def _id(name: str) -> str:
    known = zoo.find(name)
    if known is None:
        near = ", ".join(zoo.nearest(name))
        hint = f"did you mean {near}?" if near else "all of them: unetscope list"
        raise SourceError(f"{name!r} is not a bundled model", hint=hint)
    return known


def _by_age(ids: Sequence[str]) -> list[str]:
    """Ids by family, the oldest first."""
    families = list(FAMILIES)
    return sorted(ids, key=lambda id: (families.index(zoo.preset(id).family), zoo.preset(id).year or 0, id))
