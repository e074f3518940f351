"""`unetscope show`: what is known of a network, in words."""

from __future__ import annotations

from typing import Any

import click

from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import print_json, say


@click.command("show", epilog="Example: unetscope show sd15-inpaint")
@click.argument("source")
@click.option("--config", "config_only", is_flag=True, help="Print the complete config as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Facts, config and totals as JSON.")
@source_options
def command(source: str, config_only: bool, as_json: bool, **options: Any) -> None:
    """Describe a network: input channels, conditioning, stages, totals."""
    architecture = loaded(source, options)
    if config_only:
        print_json({"_class_name": architecture.class_name, **architecture.config})
    elif as_json:
        from unetscope.render import json

        print_json(json.description(architecture))
    else:
        from unetscope.render import text

        say(text.description(architecture, width=text.terminal_width()))
