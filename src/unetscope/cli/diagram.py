"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from unetscope import api
from unetscope.cli.options import source_options
from unetscope.cli.pictures import chosen_format, write_each
from unetscope.model import Architecture

FORMATS = ("svg", "png")


@click.command(
    "diagram",
    epilog="Example: unetscope diagram sdxl --layout u --theme dark -o sdxl.png",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="Target; its suffix gives the format; - is stdout.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format, where no suffix says it.")
@click.option("--layout", type=click.Choice(("strip", "u")), default="strip", show_default=True)
@click.option("--theme", type=click.Choice(("light", "dark", "auto")), default="light", show_default=True)
@click.option(
    "--unit", type=click.Choice(("macs", "flops")), default="macs", show_default=True, help="1 MAC = 2 FLOPs."
)
@source_options
def command(
    sources: tuple[str, ...],
    output: str | None,
    format_: str | None,
    layout: str,
    theme: str,
    unit: str,
    **options: Any,
) -> int:
    """Draw networks as block diagrams, by default into outputs/<id>.svg."""
    format_ = chosen_format(output, format_, {name: name for name in FORMATS})

    def make(source: str, architecture: Architecture) -> tuple[str, bytes]:
        name = (
            f"{architecture.id}{'-u' if layout == 'u' else ''}{'-dark' if theme == 'dark' else ''}.{format_}"
        )
        return name, api.draw(
            architecture, format=format_, layout=layout, theme=theme, unit=unit, command=_command(source)
        )

    return write_each(sources, output, options, make)


def _command(source: str) -> str:
    """The command as typed, for the corner of the picture, with a path shortened to its name."""
    words = [Path(word).name if word == source and Path(word).exists() else word for word in sys.argv[1:]]
    for flag in ("-o", "--output"):
        if flag in words:
            at = words.index(flag)
            del words[at : at + 2]
    line = " ".join(["unetscope", *map(shlex.quote, words)])
    return line if len(line) <= 60 else f"unetscope diagram {shlex.quote(Path(source).name)}"
