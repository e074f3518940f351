"""`unetscope table`: parameters, MACs and more by part, in several formats."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from unetscope.analysis.cost.columns import ALL, BRIEF, USUAL, columns, with_torchinfo, with_unit
from unetscope.analysis.cost.rows import PARTITIONS, rows
from unetscope.analysis.cost.table import Table, table
from unetscope.api.weights import other_names
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import caching_options, counting_options
from unetscope.cli.depths import depth_asked, depth_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import (
    loaded,
    names_option,
    naming_options,
    source_options,
    unit_option,
)
from unetscope.cli.own_code import code_options
from unetscope.cli.pages import heading_option, latex_options, page_style
from unetscope.cli.pipelines import pipeline_option, work_report
from unetscope.cli.reports import Report, report_each
from unetscope.cli.targets import asked_format, target_options
from unetscope.cost import ONCE
from unetscope.errors import OptionError, UnetscopeError
from unetscope.files import slug
from unetscope.model import Architecture
from unetscope.render import json
from unetscope.render.table import as_text, formats
from unetscope.render.table.formats import SUFFIXES, TABLES

_NAMES = {"json": ALL, "csv": ALL, "latex": BRIEF[:-1]}
"""Columns unless told otherwise: all for programs, as many as a column of a page is wide for LaTeX."""

COLUMNS_HELP = (
    "Comma-separated: params, share (of the column before), macs, conv, linear, attention, other, flops, "
    "input, output, activation (bytes of the output), moved (bytes), intensity (FLOPs per byte moved)."
)


@click.command(
    "table", epilog="Example: unetscope table sdxl --by block --columns params,macs,share -o sdxl.md"
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@click.option("--by", type=click.Choice(list(PARTITIONS)), help="What a row is (default: stage).")
@depth_options
@click.option("--columns", metavar="NAMES", help=COLUMNS_HELP)
@unit_option
@click.option("--torchinfo", is_flag=True, help="Show torchinfo's mult-adds beside our MACs (needs torch).")
@click.option("--sort", metavar="COLUMN", help="Largest first, instead of the order of the forward.")
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    help="The N largest rows (by --sort, else MACs), the rest as one.",
)
@click.option(
    "--fold/--no-fold",
    "fold",
    default=None,
    help="Equal parts of a stage as one row of ×N (text by block or layer: on).",
)
@pipeline_option
@target_options(SUFFIXES)
@heading_option
@latex_options
@names_option
@naming_options
@counting_options
@caching_options
@source_options
@code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **options: Any) -> None:
    """Count parameters and MACs of each part; the columns add up to the total."""
    _check(options)
    style = page_style(options, asked_format(options, SUFFIXES))
    settled = {**options, **_settled(options), "sources": sources}

    def make(source: str, at: int) -> Report:
        if settled["whole"]:
            return work_report(source, settled, at)
        return _report(loaded(source, settled, at=at), settled, style)

    ctx.exit(report_each(sources, settled, SUFFIXES, make))


def _report(architecture: Architecture, options: Options, style: dict[str, Any]) -> Report:
    theirs = _theirs(architecture) if options["torchinfo"] else None
    tabulate = partial(_table, architecture, options, theirs)

    def text(*, width: int, colour: bool = False) -> str:
        names = USUAL if width >= as_text.WIDE else BRIEF
        chosen = options["columns"] is not None
        return as_text.table(tabulate(names, folded=True), width=width, colour=colour, chosen=chosen)

    def other(format_: str) -> str:
        return formats.table(tabulate(_NAMES.get(format_, USUAL), folded=False), format=format_, **style)

    others: dict[str, Callable[[], str]] = {name: partial(other, name) for name in TABLES}
    return Report(slug(architecture.id), text, lambda: _data(architecture, options, tabulate), others)


def _table(
    architecture: Architecture,
    options: Options,
    theirs: dict[str, int] | None,
    names: tuple[str, ...],
    *,
    folded: bool,
) -> Table:
    """The table asked for, with these columns and this folding unless told otherwise."""
    by, fold = options["by"] or "stage", options["fold"]
    chosen = _names(options["columns"]) or with_unit(names, options["unit"])
    return table(
        architecture,
        by=by,
        depth=options["depth"],
        names=chosen if theirs is None else with_torchinfo(chosen),
        sort=options["sort"],
        top=options["top"],
        folded=fold if fold is not None else folded and by in ("block", "layer") and not options["names"],
        theirs=theirs,
        other_names=other_names(architecture, options["names"]),
    )


def _data(architecture: Architecture, options: Options, tabulate: Callable[..., Table]) -> dict[str, Any]:
    """Where nothing but a depth is asked for, JSON keeps to the shape that programs rely on."""
    asked = [options[name] for name in ("by", "columns", "sort", "top", "fold", "names")]
    if any(choice is not None for choice in asked) or options["torchinfo"] or architecture.counting != ONCE:
        return json.counted_data(tabulate(ALL, folded=False))
    return json.table(architecture, rows(architecture, depth=options["depth"] or 1))


def _theirs(architecture: Architecture) -> dict[str, int]:
    """torchinfo's own mult-adds of each module that has any."""
    from unetscope.tracing.torchinfo_layers import layers

    return {layer.path: layer.theirs for layer in layers(architecture) if layer.theirs}


def _names(columns: str | None) -> tuple[str, ...] | None:
    return (
        None
        if columns is None
        else tuple(name.strip().lower() for name in columns.split(",") if name.strip())
    )


def _check_pipeline(options: Options) -> None:
    """--pipeline has rows and columns of its own."""
    names = ("by", "depth", "detail", "columns", "sort", "top", "fold", "torchinfo", "names")
    asked = [name for name in (*names, "cache_interval", "gate") if options[name] not in (None, False)]
    if asked:
        raise OptionError(f"--pipeline excludes --{asked[0].replace('_', '-')}", hint="leave one of them out")
    if asked_format(options, SUFFIXES) not in ("text", "json"):
        raise OptionError("--pipeline is written as text or JSON", hint="--format text or json")


def _check(options: Options) -> None:
    """Refuses options that do not go together, and unknown columns, before anything is traced."""
    if options["whole"]:
        _check_pipeline(options)
    if options["by"] and (options["depth"] or options["detail"]):
        raise OptionError("--by excludes --depth and --detail", hint="leave one of them out")
    if options["names"] and (options["by"] == "kind" or options["fold"]):
        raise OptionError("--names is about single modules", hint="leave --fold and --by kind out")
    settled = _settled(options)
    if options["by"] == "kind" and settled["torchinfo"]:
        raise OptionError("torchinfo goes by modules, not by kinds", hint="--by stage, block or layer")
    if options["detail"]:
        depth_asked(options)  # refuses both
    sort = settled["sort"]
    for option, names in (("columns", _names(options["columns"])), ("sort", (sort,) if sort else None)):
        if names is not None:
            try:
                columns(names)
            except UnetscopeError as error:
                raise OptionError(f"--{option}: {error.message}", hint=error.hint) from error


def _settled(options: Options) -> dict[str, Any]:
    """What follows from options: --detail is a partition, and the column torchinfo asks for its run."""
    sort = options["sort"] and options["sort"].strip().lower()
    named = [*(_names(options["columns"]) or ()), sort]
    return {
        "by": options["detail"] or options["by"],
        "sort": sort,
        "torchinfo": options["torchinfo"] or "torchinfo" in named,
    }
