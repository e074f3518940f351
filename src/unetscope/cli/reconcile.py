"""`unetscope reconcile`: which way of counting gives a published figure."""

from __future__ import annotations

from typing import Any

import click

from unetscope.analysis.cost.reconcile import Figure, Torchinfo, parse, reconcile
from unetscope.cli.counting import forwards_options
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import is_colourful, print_json, say
from unetscope.errors import TraceError, UnetscopeError
from unetscope.model import Architecture


def _figure(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> Figure:
    try:
        return parse(" ".join(value))
    except UnetscopeError as error:
        raise click.BadParameter(f"{error.message}; {error.hint}", ctx, option) from error


@click.command("reconcile", epilog="Example: unetscope reconcile sd14 338.7G")
@click.argument("source")
@click.argument("figure", nargs=-1, required=True, callback=_figure)
@forwards_options
@click.option("--torchinfo/--no-torchinfo", default=True, help="Run torchinfo too, where torch is there.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@source_options
def command(source: str, figure: Figure, **options: Any) -> None:
    """Tell which way of counting gives a published FIGURE: 339G, 803 GFLOPs, 16.938T, 677e9.

    Each convention is tried in MACs and FLOPs, with and without guidance, for one step and for --steps.
    """
    architecture = loaded(source, options)
    info, absent = _torchinfo(architecture) if options["torchinfo"] else (None, "not run (--no-torchinfo)")
    made = reconcile(
        architecture, figure, cfg=options["cfg"], steps=options["steps"], torchinfo=info, absent=absent
    )
    from unetscope.render import reconciliation, text

    if options["as_json"]:
        print_json(reconciliation.document(made))
    else:
        width = text.terminal_width()
        say(reconciliation.text(made, width=width, colour=is_colourful()))


def _torchinfo(architecture: Architecture) -> tuple[Torchinfo | None, str]:
    """Its own count, or why there is none."""
    from unetscope.tracing.torchinfo_layers import count

    try:
        return count(architecture), ""
    except TraceError as error:
        return None, f"not run: {error.message}"
