"""`unetscope trace`: one trace, kept as JSON that every command takes as a source."""

from __future__ import annotations

from typing import Any

import click

from unetscope import codec, files
from unetscope.cli.options import loaded, source_options
from unetscope.cli.output import is_folder, write


@click.command("trace", epilog="Example: unetscope trace unet/config.json -o mine.json")
@click.argument("source")
@click.option("-o", "--output", metavar="FILE", help="Target: .json or .json.gz; - is stdout.")
@source_options
def command(source: str, output: str | None, **options: Any) -> None:
    """Trace a network and keep it, by default as outputs/<id>.json; no torch is needed to read it."""
    named = output and output != "-" and not is_folder(output)
    if named and not str(output).lower().endswith((".json", ".json.gz")):
        raise click.UsageError(f"{output!r} has no suffix that names a format; known: .json, .json.gz.")
    architecture = loaded(source, options)
    packed = bool(output) and str(output).lower().endswith(".gz")
    data = codec.pack(architecture) if packed else codec.dumps(architecture)
    write(output, files.named(architecture.id, suffix="json"), data)
