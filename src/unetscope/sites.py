"""What extensions of documentation tools share: a command's words become what a page shows."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from unetscope.cli.commands import unetscope
from unetscope.cli.showing import Display, Place, display
from unetscope.embedding.hosts import Host, Illustration
from unetscope.embedding.markers import Syntax, command_of
from unetscope.embedding.settings import project_of
from unetscope.errors import DocumentError
from unetscope.words import safe

_Stamp = tuple[str, int, int]
THEMES = ("auto", "pair")
"""One picture that suits light and dark, or one for each, of which the site's theme shows one."""


def page_of(plain: str, code: Callable[[str, str], str]) -> Host:
    """The page of a site, whose tables are by default in the format `plain`; `code` makes a block of text."""
    return Host(
        Syntax(()),
        pictures=("svg",),
        tables=(plain, "html", "text"),
        picture=_referred,
        code=code,
        plain=plain,
        pairs=True,
    )


def _referred(figure: Illustration) -> str:
    return figure.source


def shown(command: str, host: Host, folder: Path, *, theme: str) -> Display:
    """What a command shows on a page; paths in it count from a folder, and stay inside of its project.

    What was shown before is kept as long as the files it names stay as they are. Raises UnetscopeError.
    """
    if theme not in THEMES:
        raise DocumentError(f"theme {theme!r} is not one of auto, pair", hint="auto suits every theme")
    words, typed = command_of(" ".join(command.split("\n")).strip())
    return _shown(
        words, host, folder, theme, tuple(_stamp(path) for path in named(words, folder)), typed=typed
    )


@lru_cache(maxsize=512)
def _shown(
    words: tuple[str, ...], host: Host, folder: Path, theme: str, stamps: tuple[_Stamp, ...], *, typed: bool
) -> Display:
    del stamps  # what is kept is kept for them
    place = Place(folder, replace(project_of(folder), images=".", theme=theme))
    return display(unetscope, words, host, place, typed=typed)


def named(words: tuple[str, ...], folder: Path) -> list[Path]:
    """The files that words name; of a folder, those that a source reads in it."""
    paths = [folder / word for word in words if not word.startswith("-")]
    inside = [file for path in paths if path.is_dir() for file in sorted(path.glob("**/*.json"))]
    return [path for path in paths if path.is_file()] + inside


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return str(path), status.st_mtime_ns, status.st_size


def framed(page: str, title: str) -> str:
    """A whole page, such as that of a diff, inside another."""
    heading = html.escape(safe.line(title))
    style = "width:100%;height:80vh;border:0"
    return f'<iframe title="{heading}" srcdoc="{html.escape(page)}" loading="lazy" style="{style}"></iframe>'
