"""`unetscope graph`: the dataflow of each source as a graph."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api, files
from unetscope.cli import repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.depths import depth_asked, depth_options
from unetscope.cli.options import naming_options, source_options, unit_option
from unetscope.cli.output import write
from unetscope.cli.own_code import code_options
from unetscope.cli.reports import draw_each
from unetscope.cli.targets import asked_format, target_options
from unetscope.model import Architecture

SUFFIXES = {"svg": "svg", "png": "png", "pdf": "pdf", "dot": "dot", "gv": "dot", "mmd": "mermaid"}
SUFFIXES |= {"mermaid": "mermaid"}
THEMES = ("light", "dark", "auto", "paper")
WIDTHS = ("readme", "full", "column")
_ENDINGS = {"mermaid": "mmd"}


@click.command("graph", epilog="Example: unetscope graph sdxl --depth 2 -o sdxl-graph.svg")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@depth_options
@target_options(SUFFIXES, default="outputs/ID-graph.svg")
@click.option("--theme", type=click.Choice(THEMES), default="light", show_default=True)
@click.option("--width", type=click.Choice(WIDTHS), default="readme", show_default=True,
              help="900 px, as wide as the graph is, or one column of a paper.")  # fmt: skip
@unit_option
@naming_options
@counting_options
@source_options
@code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], theme: Any, **options: Any) -> None:
    """Draw modules as nodes and the tensors between them as edges."""
    format_, depth = asked_format(options, SUFFIXES), depth_asked(options) or 1
    look: dict[str, Any] = {"theme": theme, "unit": options["unit"], "width": options["width"]}

    def draw(source: str, architecture: Architecture) -> None:
        again = repeat.command(source, format=format_)
        picture = api.graph(architecture, depth=depth, format=format_, command=again, **look)
        words = (architecture.id, "graph", *(["dark"] if theme == "dark" else []))
        write(options["output"], files.named(*words, suffix=_ENDINGS.get(format_, format_)), picture)

    ctx.exit(draw_each(sources, options, draw))
