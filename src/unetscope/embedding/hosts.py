"""Kinds of documents: how each writes a marker, shows a picture, a table and what a terminal shows."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from unetscope.embedding.markers import (
    Syntax,
    outside_fences,
    outside_literals,
    outside_verbatim,
)
from unetscope.errors import DocumentError
from unetscope.render.table import as_markdown

_HTML, _JSX = ("<!--", "-->"), (r"\{/\*", "*/}")
_TICKS = re.compile("`+")
_SENTENCE = re.compile(r"\. (?=[A-Z])")
_LEXERS = {"markdown": "text", "javascript": "js", "latex": "tex", "fragment": "html", "html": "html"}
"""Format → its word behind a fence, where that is not the format's name."""


@dataclass(frozen=True, slots=True)
class Illustration:
    """A picture as a document refers to it: the file for light pages or all, that for dark ones, in words."""

    source: str
    dark: str | None
    alt: str


@dataclass(frozen=True, slots=True)
class Host:
    """A kind of document.

    `pictures` and `tables` are the formats to choose from, the best first; a text in the format `plain` is
    shown as it is, all else as code. `theme` is that of pictures where there is no pair of them.
    """

    syntax: Syntax
    pictures: tuple[str, ...]
    tables: tuple[str, ...]
    picture: Callable[[Illustration], str]
    code: Callable[[str, str], str]
    plain: str
    theme: str = "auto"
    pairs: bool = False
    airy: bool = True
    """Whether a blank line has to stand between a marker and what it marks."""


def _pair(figure: Illustration) -> str:
    """One picture for light pages, one for dark; HTML, which Markdown takes too.

    Its words have a line for each sentence, so that a diff shows what changed among them.
    """
    alt = _SENTENCE.sub(".\n    ", html.escape(figure.alt))
    image = f'<img alt="{alt}" src="{figure.source}">'
    if figure.dark is None:
        return image
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{figure.dark}">'
    return f"<picture>\n  {dark}\n  {image}\n</picture>"


def _marked(figure: Illustration) -> str:
    return _pair(figure) if figure.dark else f"![{as_markdown.escape(figure.alt)}]({figure.source})"


def _directive(figure: Illustration) -> str:
    return f".. image:: {figure.source}\n   :alt: {figure.alt}"


def _included(figure: Illustration) -> str:
    if figure.source.endswith(".tex"):
        return rf"\input{{{figure.source}}}"
    return rf"\includegraphics[width=\linewidth]{{{figure.source}}}"


def _fenced(text: str, format: str) -> str:
    fence = "`" * max(3, 1 + max(map(len, _TICKS.findall(text)), default=0))
    return f"{fence}{_LEXERS.get(format, format)}\n{text.rstrip()}\n{fence}"


def _preformatted(text: str, format: str) -> str:
    del format
    return f"<pre>{html.escape(text.rstrip(), quote=False)}</pre>"


def _literal(text: str, format: str) -> str:
    lexer = {"mermaid": "text"}.get(format, _LEXERS.get(format, format))
    indented = "\n".join(f"   {line}".rstrip() for line in text.rstrip().split("\n"))
    return f".. code-block:: {lexer}\n\n{indented}"


def _verbatim(text: str, format: str) -> str:
    del format
    if r"\end{verbatim}" in text:
        raise DocumentError("what is to be shown ends LaTeX's verbatim", hint="choose another title")
    return f"\\begin{{verbatim}}\n{text.rstrip()}\n\\end{{verbatim}}"


_IN_MARKDOWN: dict[str, Any] = {
    "pictures": ("svg",),
    "tables": ("markdown", "text"),
    "picture": _marked,
    "code": _fenced,
    "plain": "markdown",
}
_MARKDOWN = Host(Syntax((_HTML,), outside_fences), **_IN_MARKDOWN, pairs=True)
_HOSTS = {
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    # JSX, and the sites made of it, want src and srcset imported: one picture that suits both schemes
    ".mdx": Host(Syntax((_JSX, _HTML), outside_fences), **_IN_MARKDOWN),
    # JupyterLab finds the file of an image in Markdown, not that of HTML
    ".ipynb": Host(Syntax((_HTML,), outside_fences), **_IN_MARKDOWN),
    ".rst": Host(
        Syntax(((r"\.\. ", ""),), outside_literals),
        pictures=("svg",),
        tables=("rst", "text"),
        picture=_directive,
        code=_literal,
        plain="rst",
    ),
    ".tex": Host(
        Syntax((("%+", ""),), outside_verbatim),
        pictures=("tex", "pdf"),
        tables=("latex", "text"),
        picture=_included,
        code=_verbatim,
        plain="latex",
        theme="paper",
        airy=False,
    ),
    ".html": Host(
        Syntax((_HTML,)),
        pictures=("svg",),
        tables=("fragment", "text"),
        picture=_pair,
        code=_preformatted,
        plain="fragment",
        pairs=True,
        airy=False,
    ),
}
_HOSTS[".htm"] = _HOSTS[".html"]


def host_of(name: str) -> Host:
    """The kind that a document's suffix says. Raises DocumentError for others."""
    host = _HOSTS.get(PurePath(name).suffix.lower())
    if host is None:
        raise DocumentError(f"{name}: no kind of document that is known", hint="known: " + ", ".join(_HOSTS))
    return host
