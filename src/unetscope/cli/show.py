"""`unetscope show`: what is known of a network, in words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from unetscope import zoo
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, naming_options, source_options
from unetscope.cli.pipelines import around, pipeline_option, work_report
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import target_options
from unetscope.errors import OptionError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.sources import reading

SUFFIXES = {"txt": "text", "json": "json"}


@click.command("show", epilog="Example: unetscope show sd15-inpaint")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@click.option("--config", "config_only", is_flag=True, help="The complete config alone, as JSON.")
@pipeline_option
@target_options(SUFFIXES)
@naming_options
@counting_options
@source_options
@click.pass_context
def command(
    ctx: click.Context, /, sources: tuple[str, ...], config_only: bool, whole: bool, **options: Any
) -> None:
    """Describe networks: input channels, conditioning, stages, totals."""
    if config_only:
        if options["format_"] not in (None, "json"):
            raise OptionError("--config is JSON", hint=f"leave --format {options['format_']} out")
        options["format_"] = "json"
    again = {**options, "sources": sources}

    def make(source: str, at: int) -> Report:
        if facts := _facts_alone(source):
            return facts
        if whole:
            return work_report(around(source, again, at=at))
        architecture = loaded(source, again, at=at)
        return _config(architecture) if config_only else _description(architecture)

    ctx.exit(report_each(sources, options, SUFFIXES, make))


def _facts_alone(source: str) -> Report | None:
    """What is known of a model by facts alone; None where a source is no such model."""
    known = zoo.find(source)
    if known not in zoo.unpublished() or reading.exists(Path(source)):
        return None
    from unetscope.render import presets

    preset = zoo.preset(known)
    return Report(
        slug(known),
        text=lambda *, width, colour=False: presets.card(preset, width=width),
        json=lambda: {"schema_version": 1, "facts": presets.data(preset)},
    )


def _config(architecture: Architecture) -> Report:
    whole = {"_class_name": architecture.class_name, **architecture.config}
    return Report(f"{slug(architecture.id)}-config", text=str, json=lambda: whole)


def _description(architecture: Architecture) -> Report:
    from unetscope.render import json, text

    return Report(
        slug(architecture.id),
        text=partial(text.description, architecture),
        json=lambda: json.description(architecture),
    )
