"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from unetscope import api, files
from unetscope.cli import repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.options import naming_options, source_options
from unetscope.cli.output import write
from unetscope.cli.reports import draw_each
from unetscope.cli.targets import asked_format, target_options
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
SUFFIXES = {name: name for name in PICTURES}


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
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@target_options(SUFFIXES, default="outputs/ID.svg")
@look_options
@naming_options
@counting_options
@source_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **options: Any) -> None:
    """Draw networks as block diagrams."""
    format_ = asked_format(options, SUFFIXES)
    look = {name: options[name] for name in CHOICES}

    def draw(source: str, architecture: Architecture) -> None:
        looks = ["u"] * (look["layout"] == "u") + ["dark"] * (look["theme"] == "dark")
        name = files.named(architecture.id, *looks, suffix=format_)
        again = repeat.command(source, format=format_)
        write(options["output"], name, api.draw(architecture, format=format_, command=again, **look))

    ctx.exit(draw_each(sources, options, draw))
