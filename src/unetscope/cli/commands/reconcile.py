"""`unetscope reconcile`: which way of counting gives a published figure."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from unetscope.analysis.cost.reconcile import Figure, parse, reconcile
from unetscope.api.figures import ran_torchinfo
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import caching_options, counting, forwards_options
from unetscope.cli.options import loaded, naming_options, source_options
from unetscope.cli.own_code import code_options
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import asked_format, target_options
from unetscope.errors import OptionError, UnetscopeError
from unetscope.files import slug

SUFFIXES = {"txt": "text", "json": "json"}


def _figure(ctx: click.Context, option: click.Parameter, value: tuple[str, ...]) -> Figure:
    try:
        return parse(" ".join(value))
    except UnetscopeError as error:
        raise OptionError(error.message, hint=error.hint) from error


@click.command("reconcile", epilog="Example: unetscope reconcile sd14 338.7G")
@click.argument("source", type=SOURCE)
@click.argument("figure", nargs=-1, required=True, callback=_figure)
@forwards_options
@caching_options
@click.option("--torchinfo/--no-torchinfo", default=True, help="Run torchinfo too, if torch is installed.")
@target_options(SUFFIXES)
@naming_options
@source_options
@code_options
def command(source: str, figure: Figure, **options: Any) -> None:
    """Find the way of counting that gives a published FIGURE: 339G, 803 GFLOPs, 16.938T, 677e9.

    Each convention is tried in MACs and FLOPs, with and without guidance, for one step and for --steps; with
    --cache-interval and --gate also one forward of each kind and an average step.
    """
    format_ = asked_format(options, SUFFIXES)
    asked = counting(options)
    architecture = loaded(source, options)
    info, absent = ran_torchinfo(architecture) if options["torchinfo"] else (None, "not run (--no-torchinfo)")
    result = reconcile(architecture, figure, asked=asked, torchinfo=info, absent=absent)
    from unetscope.render import reconciliation

    report = Report(
        f"{slug(architecture.id)}-reconciled",
        text=partial(reconciliation.text, result),
        json=lambda: reconciliation.document(result),
    )
    put(report, format_, options["output"], SUFFIXES)
