"""`unetscope diff`: how two networks differ, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from unetscope import api, cache, files
from unetscope.analysis.diff import Diff
from unetscope.cli.options import extent
from unetscope.cli.output import is_colourful, print_json, warn
from unetscope.errors import UnetscopeError
from unetscope.spec import Size

FAILED = 3
"""With --exit-code, 1 says that the networks differ; failing to find out is another number."""


@click.command("diff", epilog="Example: unetscope diff sd15 sd15-inpaint")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--stat", is_flag=True, help="One line a stage.")
@click.option("--only", type=click.Choice(["config", "blocks", "tensors", "cost"]), help="Only this part.")
@click.option("--weights", is_flag=True, help="Also what a checkpoint of A gives B.")
@click.option("--map-out", metavar="FILE", help="Write the map from B's state-dict keys to A's as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Every change, its cause, totals and weights as JSON.")
@click.option(
    "--exit-code", is_flag=True, help="Exit 0 if the networks are the same, 1 if not, 3 if unknown."
)
@click.option(
    "--latent", callback=extent, metavar="HxW", help="Compare costs at this input (default: A's own)."
)
@click.option("--strict", is_flag=True, help="Take warnings about a config as errors.")
@click.option("--fresh", is_flag=True, help="Find out anew and renew the cache.")
@click.option("--no-cache", is_flag=True, help="Trace anew and write no cache.")
@click.pass_context
def command(
    ctx: click.Context,
    a: str,
    b: str,
    stat: bool,
    only: str | None,
    weights: bool,
    map_out: str | None,
    as_json: bool,
    exit_code: bool,
    latent: tuple[int, int] | None,
    strict: bool,
    fresh: bool,
    no_cache: bool,
) -> None:
    """Tell how network B differs from network A: blocks, tensors, inputs, cost, and which fields cause it."""
    if sum((stat, only is not None, as_json)) > 1:
        raise click.UsageError("--stat, --only and --json exclude each other.")
    try:
        found = api.diff(
            a,
            b,
            size=Size(latent),
            strict=strict,
            fresh="uncached" if no_cache else "fresh" if fresh else "cached",
            cache_folder=cache.folder(os.environ),
            warn=warn,
        )
        if map_out:
            _write_map(found, map_out)
    except UnetscopeError as error:
        if not exit_code:
            raise
        _fail(ctx, error)
    _show(found, stat=stat, only=only, weights=weights, as_json=as_json)
    if exit_code:
        ctx.exit(0 if found.identical else 1)


def _fail(ctx: click.Context, error: UnetscopeError) -> None:
    from unetscope.cli.output import complain

    complain(str(error), hint=error.hint)
    ctx.exit(FAILED)


def _write_map(found: Diff, target: str) -> None:
    from unetscope.render import diff_json

    text = json.dumps(diff_json.weight_map(found), indent=2) + "\n"
    files.write(Path(target), text.encode())


def _show(found: Diff, *, stat: bool, only: str | None, weights: bool, as_json: bool) -> None:
    if as_json:
        from unetscope.render import diff_json

        print_json(diff_json.document(found))
        return
    from unetscope.render import diff_text
    from unetscope.render.text import terminal_width

    width, colour = terminal_width(), is_colourful()
    if stat:
        click.echo(diff_text.stat(found, width=width, colour=colour), nl=False)
    else:
        click.echo(diff_text.diff(found, only=only, weights=weights, width=width, colour=colour), nl=False)
