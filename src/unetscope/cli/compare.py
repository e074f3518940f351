"""`unetscope compare`: facts of many networks side by side, in five formats."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api
from unetscope.analysis.comparison import Comparison
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import is_colourful, print_json, say, write
from unetscope.cli.pictures import chosen_format, target_help
from unetscope.render import text
from unetscope.render.comparison import as_text, formats
from unetscope.render.comparison.formats import FORMATS, SUFFIXES

_FILE_WIDTH = 120
"""Columns of a text file, whatever terminal is at hand."""


@click.command("compare", epilog="Example: unetscope compare sd15 sd21 sdxl --differing -o versions.md")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE SOURCE...")
@click.option("--differing", is_flag=True, help="Fold facts that are the same for all.")
@click.option("-o", "--output", metavar="FILE", help=target_help(SUFFIXES))
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), help="Format, where no suffix says it."
)
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@counting_options
@source_options
def command(
    sources: tuple[str, ...],
    differing: bool,
    output: str | None,
    format_: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare networks fact by fact: levels, blocks, attention, inputs, costs, training.

    What is not known stays so. Sizes and --set hold for every SOURCE.
    """
    if len(sources) < 2:
        raise click.UsageError("one network has nothing to be compared with: give two or more.")
    if as_json and format_ not in (None, "json"):
        raise click.UsageError(f"--json and --format {format_} exclude each other.")
    format_ = chosen_format(output, "json" if as_json else format_, SUFFIXES)
    made = api.compare(*(loaded(source, options) for source in sources), differing=differing)
    if output in (None, "-"):
        _print(made, format_)
    else:
        write(output, f"comparison.{FORMATS[format_][0]}", _written(made, format_).encode())


def _print(made: Comparison, format_: str) -> None:
    """A comparison on stdout, as wide and as colourful as the terminal is."""
    if format_ == "json":
        print_json(formats.data(made))
    elif format_ == "text":
        shown = as_text.table(made, width=text.terminal_width(), colour=is_colourful())
        say(shown)
    else:
        write("-", "", _written(made, format_).encode())


def _written(made: Comparison, format_: str) -> str:
    """A comparison as the text of a file."""
    if format_ == "text":
        return as_text.table(made, width=_FILE_WIDTH)
    return formats.comparison(made, format=format_)
