"""Labels for DOT, HTML-like and plain. Text from outside goes through `escaped` or `quoted`."""

from __future__ import annotations

import html

import graphviz

from unetscope.layout.measure import width
from unetscope.layout.scene import ColourRole
from unetscope.render.picture.theme import Palette
from unetscope.words.safe import clean

BADGE = 14


def table(*rows: str) -> str:
    """An HTML-like label; what it is made of is escaped already."""
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="1">{"".join(rows)}</TABLE>>'


def row(*cells: str) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def cell(
    text: str, size: float, colour: str, *, bold: bool = False, wide: float | None = None, span: int = 1
) -> str:
    """Text at the left of a cell wide enough for it in any font, for the engine knows but one."""
    wide = width(clean(text), size, bold=bold) if wide is None else wide
    markup = escaped(text)
    markup = f"<B>{markup}</B>" if bold and markup else markup
    spans = f' COLSPAN="{span}"' if span > 1 else ""
    return (
        f'<TD ALIGN="LEFT" WIDTH="{wide:.0f}"{spans}>'
        f'<FONT POINT-SIZE="{size:g}" COLOR="{colour}">{markup or " "}</FONT></TD>'
    )


def badge(letter: str, palette: Palette) -> str:
    """The letter on its colour: round for time, square for context."""
    role: ColourRole = "time" if letter == "t" else "context"
    style = ' STYLE="ROUNDED"' if letter == "t" else ""
    plain = 'BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"'
    sized = f'FIXEDSIZE="TRUE" HEIGHT="{BADGE}"'
    letter_markup = f'<FONT POINT-SIZE="10" COLOR="{palette["background"]}"><B>{escaped(letter)}</B></FONT>'
    inner = row(f'<TD {sized} WIDTH="{BADGE}">{letter_markup}</TD>')
    coloured = f'<TABLE {plain} BGCOLOR="{palette[role]}"{style}>{inner}</TABLE>'
    return f'<TD {sized} WIDTH="{BADGE + 2}">{coloured}</TD>'


def quoted(text: str) -> str:
    """Text from outside as a plain label: always a quoted string, even where it looks like markup.

    The engine reads character references in strings too. What `graphviz.escape` gives is a string of a
    type of its own, which alone keeps <…> from being taken for markup: it must reach the library as it is.
    """
    label: str = graphviz.escape(clean(text).replace("&", "&amp;"))
    return label


def escaped(text: str) -> str:
    """Text from outside for an HTML-like label: no markup, no escape sequence, no line break."""
    return html.escape(clean(text)).replace("\\", "&#92;")
