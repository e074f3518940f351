"""`unetscope graph`: the dataflow of each source as a graph."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api, files
from unetscope.cli import repeat
from unetscope.cli.counting import counting_options
from unetscope.cli.options import source_options
from unetscope.cli.pictures import chosen_format, write_each
from unetscope.model import Architecture

SUFFIXES = {"svg": "svg", "png": "png", "dot": "dot", "gv": "dot", "mmd": "mermaid", "mermaid": "mermaid"}
THEMES = ("light", "dark", "auto", "paper")
_ENDINGS = {"mermaid": "mmd"}


@click.command("graph", epilog="Example: unetscope graph sdxl --depth 2 -o sdxl-graph.svg")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--depth", type=click.IntRange(1, 64), default=1, show_default=True, help="1 is stages, 2 their blocks, …"
)
@click.option("-o", "--output", metavar="FILE", help="Target; its suffix gives the format; - is stdout.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(dict.fromkeys(SUFFIXES.values()))),
    help="Format, where no suffix says it.",
)
@click.option("--theme", type=click.Choice(THEMES), default="light", show_default=True)
@click.option(
    "--unit", type=click.Choice(("macs", "flops")), default="macs", show_default=True, help="1 MAC = 2 FLOPs."
)
@counting_options
@source_options
def command(
    sources: tuple[str, ...],
    depth: int,
    output: str | None,
    format_: Any,
    theme: Any,
    unit: Any,
    **options: Any,
) -> int:
    """Draw modules as nodes and the tensors between them as edges, by default into outputs/<id>-graph.svg."""
    format_ = chosen_format(output, format_, SUFFIXES)

    def make(source: str, architecture: Architecture) -> tuple[str, bytes]:
        again = repeat.command(source, format=format_)
        drawn = api.graph(architecture, depth=depth, format=format_, theme=theme, unit=unit, command=again)
        words = (architecture.id, "graph", *(["dark"] if theme == "dark" else []))
        return files.named(*words, suffix=_ENDINGS.get(format_, format_)), drawn

    return write_each(sources, output, options, make)
