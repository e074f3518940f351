"""`unetscope table`: parameters, MACs and more by part, in several formats."""

from __future__ import annotations

from typing import Any

import click

from unetscope import files
from unetscope.analysis.cost.columns import ALL, BRIEF, USUAL, columns
from unetscope.analysis.cost.rows import PARTITIONS, rows
from unetscope.analysis.cost.table import Table, table
from unetscope.cli.counting import counting_options
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import is_colourful, print_json, say, write
from unetscope.cli.pictures import chosen_format, target_help
from unetscope.cli.pipelines import around, pipeline_option
from unetscope.cost import ONCE
from unetscope.errors import UnetscopeError
from unetscope.model import Architecture
from unetscope.render import json, text
from unetscope.render.table import as_text, formats
from unetscope.render.table.formats import SUFFIXES, TABLES

_NAMES = {"json": ALL, "csv": ALL, "latex": BRIEF}
"""Columns unless told otherwise: all for programs, as many as a page is wide for LaTeX."""

COLUMNS_HELP = (
    "Comma-separated: params, share (of the column before), macs, conv, linear, attention, other, flops, "
    "input, output, activation (bytes of the output), moved (bytes), intensity (FLOPs per byte moved)."
)


@click.command(
    "table", epilog="Example: unetscope table sdxl --by block --columns params,macs,share -o sdxl.md"
)
@click.argument("source")
@click.option("--by", type=click.Choice(list(PARTITIONS)), help="What a row is (default: stage).")
@click.option(
    "--depth", type=click.IntRange(1, 64), help="Or rows by nesting: 1 is stages, 2 their blocks, …"
)
@click.option("--columns", metavar="NAMES", help=COLUMNS_HELP)
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
@counting_options
@click.option("-o", "--output", metavar="FILE", help=target_help(SUFFIXES))
@click.option("--format", "format_", type=click.Choice(list(TABLES)), help="Format, where no suffix says it.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@source_options
def command(source: str, output: str | None, format_: str | None, **options: Any) -> None:
    """Count parameters and MACs of each part; the columns add up to the total."""
    if options["by"] and options["depth"]:
        raise click.UsageError("--by and --depth exclude each other.")
    if options["as_json"] and format_ not in (None, "json"):
        raise click.UsageError(f"--json and --format {format_} exclude each other.")
    if options["whole"]:
        _print_pipeline(source, output, format_, options)
        return
    format_ = chosen_format(output, "json" if options["as_json"] else format_, SUFFIXES)
    _check_columns(options)
    architecture = loaded(source, options)
    if output in (None, "-"):
        _print(architecture, format_, options)
    else:
        made = _written(architecture, format_, options)
        write(output, files.named(architecture.id, suffix=TABLES[format_][0]), made.encode())


def _print_pipeline(source: str, output: str | None, format_: str | None, options: dict[str, Any]) -> None:
    """What runs for one image, as text or JSON on stdout."""
    from unetscope.render import pipeline

    asked = [name for name in ("by", "depth", "columns", "sort", "top", "fold") if options[name] is not None]
    if output not in (None, "-") or asked or format_ not in (None, "text", "json"):
        raise click.UsageError("--pipeline prints one table, as text or --json, on stdout.")
    found = around(source, options)
    if options["as_json"] or format_ == "json":
        print_json(pipeline.data(found))
    else:
        say(pipeline.work(found, width=text.terminal_width(), colour=is_colourful()))


def _print(architecture: Architecture, format_: str, options: dict[str, Any]) -> None:
    """A table on stdout, as wide and as colourful as the terminal is."""
    if format_ == "json" and _is_plain(architecture, options):
        print_json(_plain(architecture, options))
    elif format_ == "text":
        width = text.terminal_width()
        names = USUAL if width >= as_text.WIDE else BRIEF
        made = _table(architecture, names, options, folded=True)
        say(as_text.table(made, width=width, colour=is_colourful()))
    else:
        write("-", "", _written(architecture, format_, options).encode())


def _written(architecture: Architecture, format_: str, options: dict[str, Any]) -> str:
    """A table as the text of a file: the same whatever terminal is at hand."""
    if format_ == "json" and _is_plain(architecture, options):
        return json.dumps(_plain(architecture, options))
    if format_ == "text":
        return as_text.table(_table(architecture, USUAL, options, folded=True), width=as_text.WIDE + 10)
    names = _NAMES.get(format_, USUAL)
    return formats.table(_table(architecture, names, options, folded=False), format=format_)


def _table(
    architecture: Architecture, names: tuple[str, ...], options: dict[str, Any], *, folded: bool
) -> Table:
    """The table asked for, with these columns and this folding unless told otherwise."""
    by, fold = options["by"] or "stage", options["fold"]
    return table(
        architecture,
        by=by,
        depth=options["depth"],
        names=_names(options["columns"]) or names,
        sort=options["sort"],
        top=options["top"],
        folded=fold if fold is not None else folded and by in ("block", "layer"),
    )


def _plain(architecture: Architecture, options: dict[str, Any]) -> dict[str, Any]:
    return json.table(architecture, rows(architecture, depth=options["depth"] or 1))


def _is_plain(architecture: Architecture, options: dict[str, Any]) -> bool:
    """Whether nothing but a depth is asked for: then JSON keeps to the shape that programs rely on."""
    asked = ("by", "columns", "sort", "top", "fold")
    return all(options[name] is None for name in asked) and architecture.counting == ONCE


def _names(columns: str | None) -> tuple[str, ...] | None:
    return (
        None
        if columns is None
        else tuple(name.strip().lower() for name in columns.split(",") if name.strip())
    )


def _check_columns(options: dict[str, Any]) -> None:
    """Unknown columns are wrong usage, said before anything is traced."""
    if options["sort"]:
        options["sort"] = options["sort"].strip().lower()
    for option, names in (
        ("columns", _names(options["columns"])),
        ("sort", options["sort"] and (options["sort"],)),
    ):
        if names is not None:
            try:
                columns(names)
            except UnetscopeError as error:
                raise click.UsageError(f"--{option}: {error.message}; {error.hint}") from error
