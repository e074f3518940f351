"""The caption of a figure, ready to be pasted under it; names from files are escaped in each form."""

from __future__ import annotations

from collections.abc import Callable

from unetscope.errors import OutputError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.render import latex
from unetscope.render.table import as_markdown
from unetscope.words import caption as words
from unetscope.words import safe


def _latex(architecture: Architecture, layout: str | None) -> str:
    del layout
    sentence = latex.escape(words.of_network(architecture))
    return f"\\caption{{{sentence}}}\n\\label{{{latex.label_name('fig:' + slug(architecture.id))}}}\n"


def _markdown(architecture: Architecture, layout: str | None) -> str:
    del layout
    return as_markdown.escape(words.of_network(architecture)) + "\n"


def _alt(architecture: Architecture, layout: str | None) -> str:
    """The picture in words, as its SVG has them: what an `alt` attribute is for."""
    from unetscope.layout import lay_out

    return " ".join(safe.line(lay_out(architecture, layout=layout).description).split()) + "\n"


CAPTIONS: dict[str, Callable[[Architecture, str | None], str]] = {
    "latex": _latex,
    "markdown": _markdown,
    "alt": _alt,
}
"""Form → the text below a figure of a network in a layout."""


def caption(architecture: Architecture, *, form: str = "latex", layout: str | None = None) -> str:
    """The sentences below a figure: what it is of, the exact figures, the whole basis.

    `alt` tells every stage too, as `layout` shows them. Raises OutputError for an unknown form.
    """
    if form not in CAPTIONS:
        raise OutputError(f"no caption for {form!r}", hint="captions: " + ", ".join(CAPTIONS))
    return CAPTIONS[form](architecture, layout)
