"""`unetscope zoo`: upkeep of the bundled models, for those who work on unetscope."""

from __future__ import annotations

import click

from unetscope import codec, files, zoo
from unetscope.spec import Size


@click.group("zoo", epilog="Example: unetscope zoo trace sdxl")
def command() -> None:
    """Upkeep of the bundled models."""


@command.command("trace", epilog="Example: unetscope zoo trace")
@click.argument("names", nargs=-1, metavar="[ID]...")
def trace_(names: tuple[str, ...]) -> None:
    """Trace bundled models at their native size into the package (all, or those named)."""
    from unetscope.tracing import trace

    for name in names or zoo.ids():
        data = codec.pack(trace(zoo.spec(name), Size()))
        target = zoo.trace_file(name)
        files.write(target, data, make_folder=True)
        click.echo(f"{target} {len(data):,} bytes")
