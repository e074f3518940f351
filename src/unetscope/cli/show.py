"""`unetscope show`: what is known of a network, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from unetscope import zoo
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import print_json, say
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.sources import reading


@click.command("show", epilog="Example: unetscope show sd15-inpaint")
@click.argument("source")
@click.option("--config", "config_only", is_flag=True, help="Print the complete config as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Facts, config and totals as JSON.")
@pipeline_option
@counting_options
@source_options
def command(source: str, config_only: bool, as_json: bool, whole: bool, **options: Any) -> None:
    """Describe a network: input channels, conditioning, stages, totals."""
    if _print_facts(source, as_json=as_json or config_only):
        return
    if whole:
        _print_pipeline(source, options, as_json=as_json)
        return
    architecture = loaded(source, options)
    if config_only:
        print_json({"_class_name": architecture.class_name, **architecture.config})
    elif as_json:
        from unetscope.render import json

        print_json(json.description(architecture))
    else:
        from unetscope.render import text

        say(text.description(architecture, width=text.terminal_width()))


def _print_facts(source: str, *, as_json: bool) -> bool:
    """Tell of a model that is known by facts alone; False where a source is no such model."""
    from unetscope.render import presets, text

    known = zoo.find(source)
    if known not in zoo.unpublished() or reading.exists(Path(source)):
        return False
    if as_json:
        print_json({"schema_version": 1, "facts": presets.data(zoo.preset(known))})
    else:
        say(presets.card(zoo.preset(known), width=text.terminal_width()))
    return True


def _print_pipeline(source: str, options: dict[str, Any], *, as_json: bool) -> None:
    """What runs around the network for one image."""
    from unetscope.render import pipeline, text

    found = around(source, options)
    if as_json:
        print_json(pipeline.data(found))
    else:
        say(pipeline.work(found, width=text.terminal_width()))
