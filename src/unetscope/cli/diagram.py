"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from unetscope import api, files
from unetscope.cli.options import source_options
from unetscope.cli.pictures import chosen_format, write_each
from unetscope.model import Architecture

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("svg", "png", "json")
CHOICES = {
    "layout": ("strip", "u"),
    "detail": ("block", "stage", "layer"),
    "theme": ("light", "dark", "auto", "paper"),
    "color_by": ("kind", "params", "macs"),
    "width": ("readme", "full", "column"),
    "unit": ("macs", "flops"),
}
"""What says how a picture looks: options that are each one of a few words, the first by default."""
_HELP = {
    "detail": "How far stages are opened.",
    "theme": "paper: bare, for a figure with a caption.",
    "color_by": "What fills mean.",
    "width": "900 px, as wide as all labels need, or one column of a paper.",
    "unit": "1 MAC = 2 FLOPs.",
}


def look_options(command: F) -> F:
    """--layout, --detail, --theme, --color-by, --width and --unit."""
    for name, words in reversed(CHOICES.items()):
        flag, choice = "--" + name.replace("_", "-"), click.Choice(words)
        option = click.option(flag, type=choice, default=words[0], show_default=True, help=_HELP.get(name))
        command = option(command)
    return command


@click.command(
    "diagram",
    epilog="Example: unetscope diagram sdxl --layout u --theme dark -o sdxl.png",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="Target; its suffix gives the format; - is stdout.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format, where no suffix says it.")
@look_options
@source_options
def command(sources: tuple[str, ...], output: str | None, format_: str | None, **options: Any) -> int:
    """Draw networks as block diagrams, by default into outputs/<id>.svg."""
    format_ = chosen_format(output, format_, {name: name for name in FORMATS})
    look = {name: options[name] for name in CHOICES}

    def make(source: str, architecture: Architecture) -> tuple[str, bytes]:
        looks = ["u"] * (look["layout"] == "u") + ["dark"] * (look["theme"] == "dark")
        name = files.named(architecture.id, *looks, suffix=format_)
        return name, api.draw(architecture, format=format_, command=_command(source), **look)

    return write_each(sources, output, options, make)


def _command(source: str) -> str:
    """The command as typed, for the corner of the picture, with a path shortened to its name."""
    words = [Path(word).name if word == source and os.path.exists(word) else word for word in sys.argv[1:]]
    for flag in ("-o", "--output"):
        if flag in words:
            at = words.index(flag)
            del words[at : at + 2]
    line = " ".join(["unetscope", *map(shlex.quote, words)])
    return line if len(line) <= 60 else f"unetscope diagram {shlex.quote(Path(source).name)}"
