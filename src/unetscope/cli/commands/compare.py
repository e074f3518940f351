"""`unetscope compare`: facts of many networks side by side, in six formats."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from unetscope import api
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, naming_options, source_options
from unetscope.cli.own_code import code_options
from unetscope.cli.pages import heading_option, latex_options, page_style
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import asked_format, target_options
from unetscope.errors import OptionError
from unetscope.render.comparison import as_text, formats
from unetscope.render.comparison.formats import FORMATS, SUFFIXES


@click.command("compare", epilog="Example: unetscope compare sd15 sd21 sdxl --differing -o versions.md")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE SOURCE...", type=SOURCE)
@click.option("--differing", is_flag=True, help="Fold facts that are the same for all.")
@target_options(SUFFIXES)
@heading_option
@latex_options
@pipeline_option
@naming_options
@counting_options
@source_options
@code_options
def command(sources: tuple[str, ...], differing: bool, **options: Any) -> None:
    """Compare networks fact by fact: levels, blocks, attention, inputs, costs, training.

    What is not known stays so. Sizes and --set hold for every SOURCE. --pipeline adds what one image takes.
    """
    if len(sources) < 2:
        raise OptionError("one network has nothing to be compared with", hint="give two or more")
    format_ = asked_format(options, SUFFIXES)
    style = page_style(options, format_)
    whole = {**options, "sources": sources}
    networks = [loaded(source, whole, at=at) for at, source in enumerate(sources)]
    pipelines = (
        [around(source, whole, at=at) for at, source in enumerate(sources)] if options["whole"] else []
    )
    comparison = api.compare(
        *networks, differing=differing, labels=options["titles"] or None, pipelines=pipelines
    )
    report = Report(
        "comparison",
        text=partial(as_text.table, comparison),
        json=lambda: formats.data(comparison),
        others={
            name: partial(formats.comparison, comparison, format=name, **style)
            for name in FORMATS
            if name not in ("text", "json")
        },
    )
    put(report, format_, options["output"], SUFFIXES)
