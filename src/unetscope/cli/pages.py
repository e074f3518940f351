"""How a table goes into a page: its heading in Markdown, its float in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope.cli.option_values import Options
from unetscope.errors import OptionError

F = TypeVar("F", bound=Callable[..., Any])

WIDTHS = ("column", "full")


def heading_option(command: F) -> F:
    """--heading-level."""
    return click.option(
        "--heading-level",
        "heading",
        type=click.IntRange(1, 6),
        metavar="N",
        help="Markdown: the level of the title as a heading.",
    )(command)


def latex_options(command: F) -> F:
    """--width and --label."""
    command = click.option("--label", metavar="NAME", help="LaTeX: the name for \\ref.  [default: tab:ID]")(
        command
    )
    return click.option(
        "--width",
        type=click.Choice(WIDTHS),
        help="LaTeX: column (default), figures in M and G; full: table*, exact figures.",
    )(command)


_OF = {
    "heading": ("--heading-level", "markdown"),
    "width": ("--width", "latex"),
    "label": ("--label", "latex"),
}


def page_style(options: Options, format_: str) -> dict[str, Any]:
    """What was asked of the page, for a renderer of this format; what belongs to another is refused."""
    asked = {name: options[name] for name in _OF if options.get(name) is not None}
    for name in asked:
        flag, own = _OF[name]
        if own != format_:
            raise OptionError(f"{flag} is for {own}, and this is {format_}", hint=f"--format {own}")
    return asked
