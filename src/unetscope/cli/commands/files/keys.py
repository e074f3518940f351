"""`unetscope keys`: what each tensor, layer or block of a network is called in every naming."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, get_args

import click

from unetscope import api, files
from unetscope.checkpoints.keys.key import KeyTable
from unetscope.choices import KeysBy
from unetscope.cli.completion import SOURCE
from unetscope.cli.options import loaded, source_options
from unetscope.cli.pages import heading_option, page_style
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import TargetPath, asked_format, target_options
from unetscope.errors import OptionError

SUFFIXES = {"txt": "text", "json": "json", "csv": "csv", "md": "markdown"}


@click.command("keys", epilog="Example: unetscope keys sdxl output_blocks.3.1.proj_in.weight")
@click.argument("source", type=SOURCE)
@click.argument("name", required=False, default="")
@click.option("--by", type=click.Choice(get_args(KeysBy)),
              help="What a row is (default: block; with NAME tensor).")  # fmt: skip
@click.option("--map-out", metavar="FILE", type=TargetPath(),
              help="Write what takes a state dict to diffusers' names, as JSON.")  # fmt: skip
@target_options(SUFFIXES)
@heading_option
@source_options
def command(source: str, name: str, **options: Any) -> None:
    """Look up what the tensors of a network are called: in diffusers, its own code, LoRA files, merge tools.

    NAME is a name in any of these namings, a part of one, or a pattern with * and ?: the tensors found are
    listed under all their names. Fused tensors are told with their rows.
    """
    format_ = asked_format(options, SUFFIXES)
    style = page_style({"heading": options["heading"]}, format_)
    if options["map_out"] == "-":
        raise OptionError("--map-out needs the name of a file", hint="the keys go to stdout")
    table = api.keys(loaded(source, options), find=name, by=options["by"])
    if options["map_out"]:
        _write_map(table, options["map_out"])
    put(_report(table, style), format_, options["output"], SUFFIXES)


def _write_map(table: KeyTable, target: str) -> None:
    if not table.naming:
        problem = f"names of {table.network.class_name}'s own code are not known here"
        raise OptionError(problem, hint="leave --map-out out")
    files.write(Path(target), (json.dumps(table.plan(), indent=2) + "\n").encode())


def _report(table: KeyTable, style: dict[str, Any]) -> Report:
    from unetscope.render.checkpoints import keys

    others: dict[str, Callable[[], str]] = {
        "csv": partial(keys.as_csv, table),
        "markdown": partial(keys.as_markdown, table, **style),
    }
    stem = f"{files.slug(table.network.id)}-keys"
    return Report(stem, partial(keys.text, table), lambda: keys.data(table), others)
