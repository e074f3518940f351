"""A contact sheet: many picture files on one HTML page, to be looked at together."""

from __future__ import annotations

from collections.abc import Sequence

from unetscope.render.templates import fill


def render(title: str, sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> str:
    """The page: named sections of (file, caption), files relative to the page."""
    return fill("sheet.html.j2", title=title, sections=sections)
