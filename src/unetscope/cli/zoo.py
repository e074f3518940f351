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
    """Trace bundled models (all, or those named) into the package: native size, and the rules for others."""
    from functools import partial

    from unetscope.analysis import resize
    from unetscope.tracing import trace

    for name in names or zoo.ids():
        tracer = partial(trace, zoo.spec(name))
        data = codec.pack(resize.learn(tracer(Size()), tracer))
        target = zoo.trace_file(name)
        files.write(target, data, make_folder=True)
        click.echo(f"{target} {len(data):,} bytes")
