"""`unetscope show`: what is known of a network, in words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from unetscope import zoo
from unetscope.api.weights import other_names
from unetscope.choices import NamingName
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, names_option, naming_options, source_options
from unetscope.cli.own_code import code_options
from unetscope.cli.pipelines import pipeline_option, work_report
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import target_options
from unetscope.errors import OptionError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.sources import reading
from unetscope.zoo import world_unets

SUFFIXES = {"txt": "text", "json": "json"}


@click.command("show", epilog="Example: unetscope show sd15-inpaint")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@click.option("--config", "config_only", is_flag=True, help="Print the complete config alone, as JSON.")
@click.option("--sources", "sourced", is_flag=True, help="Show where each fact of a bundled model was read.")
@target_options(SUFFIXES)
@pipeline_option
@names_option
@naming_options
@counting_options
@source_options
@code_options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    sources: tuple[str, ...],
    config_only: bool,
    sourced: bool,
    whole: bool,
    **options: Any,
) -> None:
    """Describe networks: input channels, conditioning, stages, totals."""
    if config_only:
        if options["format_"] not in (None, "json"):
            raise OptionError("--config is JSON", hint=f"leave --format {options['format_']} out")
        options["format_"] = "json"
    if options["names"] and (config_only or sourced or whole):
        raise OptionError("--names is about the stages of a network", hint="leave it out")
    report = _config if config_only else partial(_description, naming=options["names"])
    again = {**options, "sources": sources}

    def make(source: str, at: int) -> Report:
        if sourced:
            return _sources(source)
        if _is_known_by_facts(source):
            return _facts(source)
        return work_report(source, again, at) if whole else report(loaded(source, again, at=at))

    ctx.exit(report_each(sources, options, SUFFIXES, make))


def _config(architecture: Architecture) -> Report:
    whole = {"_class_name": architecture.class_name, **architecture.config}
    return Report(f"{slug(architecture.id)}-config", text=str, json=lambda: whole)


def _description(architecture: Architecture, *, naming: NamingName | None) -> Report:
    from unetscope.render import json, text

    names = other_names(architecture, naming)
    return Report(
        slug(architecture.id),
        text=partial(text.description, architecture, names=names),
        json=lambda: json.description(architecture, names=names),
    )


def _sources(source: str) -> Report:
    from unetscope.render import presets

    known = zoo.find(source)
    if source.casefold() in world_unets.table():
        raise OptionError(f"{source} has all its facts from one place", hint=f"unetscope show {source}")
    if known is None or reading.exists(Path(source)):
        raise OptionError(
            f"{source} is not a bundled model", hint="--sources tells where their facts were read"
        )
    preset = zoo.preset(known)

    def text(*, width: int, colour: bool = False) -> str:  # a list of sources has no colours
        return presets.sources(preset, width=width)

    return Report(f"{preset.id}-sources", text, lambda: {"schema_version": 1, "facts": presets.data(preset)})


def _is_known_by_facts(source: str) -> bool:
    """Whether a source is a model whose network is not published."""
    return zoo.find(source) in zoo.unpublished() and not reading.exists(Path(source))


def _facts(source: str) -> Report:
    from unetscope.render import presets

    preset = zoo.preset(str(zoo.find(source)))
    data = {"schema_version": 1, "facts": presets.data(preset)}

    def text(*, width: int, colour: bool = False) -> str:  # a card has no colours
        return presets.card(preset, width=width)

    return Report(preset.id, text, lambda: data)
