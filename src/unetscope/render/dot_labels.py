"""HTML-like labels for DOT. Text from outside goes through `escaped`, so that none becomes markup."""

from __future__ import annotations

import html

from unetscope.layout.measure import width
from unetscope.layout.scene import ColourRole
from unetscope.render.svg import clean
from unetscope.render.theme import Palette

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
    shown = escaped(text)
    shown = f"<B>{shown}</B>" if bold and shown else shown
    spans = f' COLSPAN="{span}"' if span > 1 else ""
    return (
        f'<TD ALIGN="LEFT" WIDTH="{wide:.0f}"{spans}>'
        f'<FONT POINT-SIZE="{size:g}" COLOR="{colour}">{shown or " "}</FONT></TD>'
    )


def badge(letter: str, palette: Palette) -> str:
    """The letter on its colour: round for time, square for context."""
    role: ColourRole = "time" if letter == "t" else "context"
    style = ' STYLE="ROUNDED"' if letter == "t" else ""
    plain = 'BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0"'
    sized = f'FIXEDSIZE="TRUE" HEIGHT="{BADGE}"'
    shown = f'<FONT POINT-SIZE="10" COLOR="{palette["background"]}"><B>{escaped(letter)}</B></FONT>'
    inner = row(f'<TD {sized} WIDTH="{BADGE}">{shown}</TD>')
    coloured = f'<TABLE {plain} BGCOLOR="{palette[role]}"{style}>{inner}</TABLE>'
    return f'<TD {sized} WIDTH="{BADGE + 2}">{coloured}</TD>'


def escaped(text: str) -> str:
    """Text from outside for an HTML-like label: no markup, no escape sequence, no line break."""
    return html.escape(clean(text)).replace("\\", "&#92;")
