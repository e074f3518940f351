"""`unetscope check`: whether a file of weights loads into a network, and what an error message means."""

from __future__ import annotations

import os
import sys

import click

from unetscope import api, cache
from unetscope.cli.output import complain, is_colourful, print_json, say, warn
from unetscope.errors import SourceError, UnetscopeError
from unetscope.limits import MAX_LOG

TROUBLE = 2
"""Exit code where it could not be found out: 1 is an answer."""


@click.command("check", epilog="Example: unetscope check lora.safetensors sdxl")
@click.argument("file", required=False)
@click.argument("source", required=False)
@click.option(
    "--explain", "log", metavar="FILE", help="Say what the errors in a log mean; - reads standard input."
)
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@click.pass_context
def command(
    ctx: click.Context, /, file: str | None, source: str | None, log: str | None, *, as_json: bool
) -> None:
    """Tell whether the weights in FILE load into the network SOURCE, and why not.

    A LoRA is set against its base, a ControlNet and a VAE against their own class. Exit codes: 0 it fits,
    1 it does not, 2 it could not be found out.
    """
    if log is not None:
        if file is not None:
            raise click.UsageError("--explain reads a log alone: leave FILE and SOURCE out.")
        _explain(ctx, log, as_json=as_json)
    if file is None or source is None:
        raise click.UsageError("give FILE and SOURCE, or --explain LOG.")
    try:
        found = api.check(file, source, cache_folder=cache.folder(os.environ), warn=warn)
    except UnetscopeError as error:
        complain(str(error), hint=error.hint)
        ctx.exit(TROUBLE)
    if as_json:
        from unetscope.render.checkpoints import json

        print_json(json.fit(found))
    else:
        from unetscope.render.checkpoints import text
        from unetscope.render.text import terminal_width

        say(text.fit(found, width=terminal_width(), colour=is_colourful()))
    ctx.exit(0 if found.fits else 1)


def _explain(ctx: click.Context, log: str, *, as_json: bool) -> None:
    """What the lines of a log mean; exits 0 where one is known, else 1."""
    from unetscope.checkpoints.explain import explain

    try:
        found = explain(_read(log))
    except SourceError as error:
        complain(str(error), hint=error.hint)
        ctx.exit(TROUBLE)
    if as_json:
        from unetscope.render.checkpoints import json

        print_json(json.explained(found))
    elif found:
        from unetscope.render.checkpoints import text
        from unetscope.render.text import terminal_width

        say(text.explained(found, width=terminal_width(), colour=is_colourful()))
    else:
        complain("no message in it is known here", hint="paste the whole log, from the first error on")
    ctx.exit(0 if found else 1)


def _read(log: str) -> str:
    from pathlib import Path

    from unetscope.sources import reading

    data = sys.stdin.buffer.read(MAX_LOG) if log == reading.STDIN else reading.read_start(Path(log), MAX_LOG)
    return data.decode("utf-8", "replace")
