"""`unetscope trace`: one trace, kept as JSON that every command takes as a source."""

from __future__ import annotations

from typing import Any

import click

from unetscope import api, codec, files
from unetscope.cli import own_code
from unetscope.cli.completion import SOURCE
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import warn, write
from unetscope.cli.own_code import code_options
from unetscope.cli.reports import each
from unetscope.cli.targets import asked_format, target_options
from unetscope.words import safe

SUFFIXES = {"json": "json", "json.gz": "json.gz"}


@click.command("trace", epilog="Example: unetscope trace unet/config.json -o mine.json")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=SOURCE)
@target_options(SUFFIXES, default="outputs/ID.json")
@source_options
@code_options
@click.pass_context
def command(ctx: click.Context, /, sources: tuple[str, ...], **options: Any) -> None:
    """Trace networks and keep them; no torch is needed to read what is kept."""
    format_ = asked_format(options, SUFFIXES)

    again = {**options, "sources": sources}

    def keep(source: str, at: int) -> None:
        architecture = loaded(source, again, at=at, learn=api.with_formula)
        if own_code.is_code(source) and architecture.basis.axes and architecture.scaling is None:
            warn(f"kept without a formula: for other sizes sweep {safe.escaped(source, limit=200)} itself")
        data = codec.pack(architecture) if format_ == "json.gz" else codec.dumps(architecture)
        write(options["output"], files.named(architecture.id, suffix=format_), data)

    ctx.exit(each(sources, options["output"], keep))
