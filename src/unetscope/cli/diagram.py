"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope import api, files
from unetscope.cli import repeat
from unetscope.cli.counting import counting_options
from unetscope.cli.options import source_options
from unetscope.cli.pictures import chosen_format, write_each
from unetscope.layout import LAYOUTS
from unetscope.model import Architecture
from unetscope.render import PICTURES

F = TypeVar("F", bound=Callable[..., Any])

CHOICES = {
    "layout": tuple(LAYOUTS),
    "detail": ("block", "stage", "layer"),
    "theme": ("light", "dark", "auto", "paper"),
    "color_by": ("kind", "params", "macs"),
    "width": ("readme", "full", "column"),
    "unit": ("macs", "flops"),
}
"""What says how a picture looks: options that are each one of a few words, the first by default."""
_LAYOUT = "strip; column without down and up stages"
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
        usual: dict[str, Any] = {"default": words[0], "show_default": True}
        if name == "layout":
            usual = {"default": None, "show_default": _LAYOUT}
        option = click.option(flag, type=choice, help=_HELP.get(name), **usual)
        command = option(command)
    return command


@click.command(
    "diagram",
    epilog="Example: unetscope diagram sdxl --layout u --theme dark -o sdxl.png",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="Target; its suffix gives the format; - is stdout.")
@click.option(
    "--format", "format_", type=click.Choice(list(PICTURES)), help="Format, where no suffix says it."
)
@look_options
@counting_options
@source_options
def command(sources: tuple[str, ...], output: str | None, format_: Any, **options: Any) -> int:
    """Draw networks as block diagrams, by default into outputs/<id>.svg."""
    format_ = chosen_format(output, format_, {name: name for name in PICTURES})
    look = {name: options[name] for name in CHOICES}

    def make(source: str, architecture: Architecture) -> tuple[str, bytes]:
        looks = ["u"] * (look["layout"] == "u") + ["dark"] * (look["theme"] == "dark")
        name = files.named(architecture.id, *looks, suffix=format_)
        again = repeat.command(source, format=format_)
        return name, api.draw(architecture, format=format_, command=again, **look)

    return write_each(sources, output, options, make)
