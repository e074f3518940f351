"""A drawn picture or page: the bytes of its file, which know their format and show themselves."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unetscope import files
from unetscope.errors import OutputError
from unetscope.hooks import Shown

SUFFIXES = {"markdown": "md", "mermaid": "mmd", "text": "txt"}
"""Suffixes of files whose format has another name."""

_PAGE = (
    '<iframe srcdoc="{}" title="page made by unetscope" sandbox="allow-scripts"'
    ' style="width:100%;height:40rem;border:0"></iframe>'
)


class Picture(bytes, Shown):
    """The bytes of a file in `format`; a notebook shows the picture, and `repr` is one line."""

    format: str

    def __new__(cls, data: bytes, format: str) -> Picture:
        picture = super().__new__(cls, data)
        picture.format = format
        return picture

    def __getnewargs__(self) -> tuple[bytes, str]:  # type: ignore[override]  # for copy and pickle
        return bytes(self), self.format

    def __str__(self) -> str:
        return repr(self)  # not the bytes as Python spells them

    def __repr__(self) -> str:
        return f"Picture({self.format!r}, {len(self)} bytes)"

    @property
    def text(self) -> str:
        """What the file holds as text. Raises OutputError for a format that is none."""
        if self.format in ("png", "pdf"):
            raise OutputError(f"a {self.format} holds no text", hint="draw it in another format")
        return self.decode()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all. Raises OutputError for the suffix of another format."""
        target, own = Path(path), "." + SUFFIXES.get(self.format, self.format)
        if target.suffix.lower() != own:
            raise OutputError(
                f"the picture is {self.format}: its file ends in {own}",
                hint='draw it in the other format: format="png"',
            )
        files.write(target, self)


def shown(picture: Picture) -> dict[str, Any]:
    """A picture by MIME type; a page stands in a frame, so that its styles and script stay its own."""
    shown_as = {"text/plain": repr(picture)}
    show = _MIME.get(picture.format)
    return shown_as | show(picture) if show else shown_as | {"text/plain": picture.text}


def _framed(page: str) -> str:
    return _PAGE.format(html.escape(page))


def _encoded(picture: Picture) -> str:
    return base64.b64encode(picture).decode()


_MIME: dict[str, Callable[[Picture], dict[str, Any]]] = {
    "svg": lambda picture: {"image/svg+xml": picture.text},
    "png": lambda picture: {"image/png": _encoded(picture)},
    "pdf": lambda picture: {"application/pdf": _encoded(picture)},
    "json": lambda picture: {"application/json": json.loads(picture)},
    "html": lambda picture: {"text/html": _framed(picture.text)},
    "markdown": lambda picture: {"text/markdown": picture.text, "text/plain": picture.text},
    "mermaid": lambda picture: {"text/vnd.mermaid": picture.text, "text/plain": picture.text},
}
"""Format → contents by MIME type; what is not here is shown as text."""
