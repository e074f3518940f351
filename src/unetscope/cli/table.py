"""`unetscope table`: parameters and MACs by part, as text or JSON."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import print_json


@click.command("table", epilog="Example: unetscope table sdxl --depth 2 --json")
@click.argument("source")
@click.option("--depth", type=click.IntRange(1, 64), default=1, show_default=True, help="1 is stages, 2 their blocks, …")
@click.option("--json", "as_json", is_flag=True, help="Exact integers as JSON.")
@source_options
def command(source: str, depth: int, as_json: bool, **options: Any) -> None:
    """Count parameters and MACs of each part; the columns add up to the total."""
    architecture = loaded(source, options)
    rows = api.table(architecture, depth=depth)
    if as_json:
        from unetscope.render import json

        print_json(json.table(architecture, rows))
    else:
        from unetscope.render import text

        click.echo(text.table(architecture, rows, width=text.terminal_width()), nl=False)
