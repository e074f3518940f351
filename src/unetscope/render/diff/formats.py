"""The formats a diff is written in, by name, each as the bytes of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from unetscope.difference import Diff
from unetscope.errors import OutputError

# Imported where they are used: what is printed most is text, which needs nothing that draws.


def _text(diff: Diff, **look: Any) -> bytes:
    from unetscope.render.diff import as_text

    del look
    return as_text.diff(diff, width=_FILE_WIDTH).encode()


def _json(diff: Diff, **look: Any) -> bytes:
    from unetscope.render.diff import as_json
    from unetscope.render.json import dumps

    del look
    return dumps(as_json.document(diff)).encode()


def _markdown(diff: Diff, **look: Any) -> bytes:
    from unetscope.render.diff import as_markdown

    del look
    return as_markdown.page(diff).encode()


def _html(diff: Diff, *, layout: str, command: str, **look: Any) -> bytes:
    from unetscope.render.diff import as_html

    del look
    return as_html.page(diff, layout=layout, command=command).encode()


def _picture(diff: Diff, format: str, *, theme: str, **look: Any) -> bytes:
    from unetscope.layout import diff as layouts
    from unetscope.render import PICTURES

    return PICTURES[format](layouts.lay_out(diff, paper=theme == "paper", **look), theme)


_FILE_WIDTH = 120
"""Columns of a text file, whatever terminal is at hand."""

FORMATS: dict[str, tuple[str, Callable[..., bytes]]] = {
    "text": ("txt", _text),
    "json": ("json", _json),
    "markdown": ("md", _markdown),
    "html": ("html", _html),
    "svg": ("svg", lambda difference, **look: _picture(difference, "svg", **look)),
    "png": ("png", lambda difference, **look: _picture(difference, "png", **look)),
    "pdf": ("pdf", lambda difference, **look: _picture(difference, "pdf", **look)),
    "tex": ("tex", lambda difference, **look: _picture(difference, "tex", **look)),
}
"""Format → the suffix of its files and what makes their bytes of a diff, its layout, theme, width and
command; the default first."""

PICTURES = ("svg", "png", "pdf", "tex")

SUFFIXES = {suffix: name for name, (suffix, _) in FORMATS.items()}

_USUAL = {"layout": ("strip",), "theme": ("light",), "width": ("readme",)}
_PAGE = {"theme": ("light", "auto"), "width": ("readme",)}


def check_look(format: str, look: Mapping[str, str]) -> None:
    """Raises OutputError where a format shows nothing of a layout, theme or width other than the default."""
    if format in PICTURES:
        return
    for name, usual in (_PAGE if format == "html" else _USUAL).items():
        if look[name] not in usual:
            problem = f"a page has a {name} of its own" if format == "html" else f"{format} has no {name}"
            raise OutputError(problem, hint=f"leave {name} out, or draw a picture: {', '.join(PICTURES)}")


def diff(
    diff: Diff,
    *,
    format: str = "svg",
    layout: str = "strip",
    theme: str = "light",
    width: str = "readme",
    command: str = "",
) -> bytes:
    """A diff as the bytes of a file. Raises OutputError for a choice unknown or not shown by the format."""
    if format not in FORMATS:
        raise OutputError(f"no format {format!r}", hint="formats: " + ", ".join(FORMATS))
    check_look(format, {"layout": layout, "theme": theme, "width": width})
    return FORMATS[format][1](diff, layout=layout, theme=theme, width=width, command=command)
