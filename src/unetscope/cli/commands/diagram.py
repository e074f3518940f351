"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click

from unetscope import api, files
from unetscope.choices import CaptionForm, Ground
from unetscope.cli import repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import names_option, naming_options, source_options
from unetscope.cli.output import on_stderr, say, write
from unetscope.cli.own_code import code_options
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.cli.reports import draw_each, each
from unetscope.cli.targets import asked_format, target_options
from unetscope.errors import OptionError
from unetscope.layout import LAYOUTS
from unetscope.layout.suiting import why_no_u
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
_LAYOUT = "strip; column without down and up stages; graph of what is no U-Net"
_HELP = {
    "detail": "How far stages are opened.",
    "theme": "paper: bare, for a figure with a caption.",
    "color_by": "What fills mean.",
    "width": "900 px, as wide as all labels need, or one column of a paper.",
    "unit": "1 MAC = 2 FLOPs.",
}
SUFFIXES = {name: name for name in (*PICTURES, "html")}


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
@click.option("--background", type=click.Choice(get_args(Ground)), default="theme", show_default=True,
              help="transparent: nothing behind the picture.")  # fmt: skip
@click.option("--no-title", "untitled", is_flag=True, help="Leave out the network's name.")
@click.option("--caption", type=click.Choice(get_args(CaptionForm)),
              help="Print what belongs under the figure, and draw nothing.")  # fmt: skip
@click.option("--overlay", metavar="FILE", type=click.Path(),
              help="A LoRA or ControlNet: mark what it changes.")  # fmt: skip
@pipeline_option
@names_option
@naming_options
@counting_options
@source_options
@code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **options: Any) -> None:
    """Draw networks as block diagrams."""
    if options["caption"]:
        ctx.exit(_print_captions(sources, options))
    format_ = asked_format(options, SUFFIXES)
    look = {name: options[name] for name in (*CHOICES, "background", "names", "overlay")} | {
        "title": not options["untitled"]
    }
    if options["whole"]:
        ctx.exit(_draw_pipelines(sources, options, format_))

    def draw(source: str, architecture: Architecture) -> None:
        looks = ["u"] * (look["layout"] == "u") + ["dark"] * (look["theme"] == "dark")
        name = files.named(architecture.id, *looks, suffix=format_)
        again = repeat.command(source, format=format_)
        write(options["output"], name, api.draw(architecture, format=format_, command=again, **look))
        if look["layout"] is None and (sentence := why_no_u(architecture)):
            on_stderr(f"{sentence}; --layout chooses another picture")

    ctx.exit(draw_each(sources, options, draw))


def _print_captions(sources: tuple[str, ...], options: Options) -> int:
    """The caption of each source on stdout; the exit code."""
    if options["output"] or options["format_"] or options["as_json"]:
        raise OptionError("--caption prints and draws nothing", hint="draw the picture by another command")

    def tell(source: str, architecture: Architecture) -> None:
        say(api.caption(architecture, form=options["caption"], layout=options["layout"]))

    return draw_each(sources, options, tell)


_OF_NETWORKS = ("layout", "detail", "color_by", "names", "overlay")
"""What says how the inside of a network is drawn."""


def _draw_pipelines(sources: tuple[str, ...], options: Options, format_: Any) -> int:
    """A picture of the pipeline around each source; the exit code."""
    for name in _OF_NETWORKS:
        if options[name] not in (None, *CHOICES.get(name, ())[:1]):
            flag = name.replace("_", "-")
            raise OptionError(f"--{flag} is about the inside of a network", hint="leave --pipeline out")
    from unetscope.analysis.memory.budget import Use

    look = {name: options[name] for name in CHOICES if name not in _OF_NETWORKS}
    again = {**options, "sources": sources}

    def draw(source: str, at: int) -> None:
        pipeline = around(source, again, at=at, use=Use(options["dtype"] or Use().dtype))
        dark = ["dark"] * (look["theme"] == "dark")
        name = files.named(pipeline.denoiser.id, "pipeline", *dark, suffix=format_)
        command = repeat.command(source, format=format_)
        write(options["output"], name, api.draw_pipeline(pipeline, format=format_, command=command, **look))

    return each(sources, options["output"], draw)
