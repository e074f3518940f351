"""`unetscope diagram`: a picture of each source."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from unetscope import api
from unetscope.cli.options import is_folder, loaded, source_options
from unetscope.cli.output import complain, write
from unetscope.errors import UnetscopeError

FORMATS = ("svg", "png")


@click.command(
    "diagram",
    epilog="Example: unetscope diagram sdxl --layout u --theme dark -o sdxl.png",
)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-o", "--output", metavar="FILE", help="Target; its suffix gives the format; - is stdout.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="Format, where no suffix says it.")
@click.option("--layout", type=click.Choice(("strip", "u")), default="strip", show_default=True)
@click.option("--theme", type=click.Choice(("light", "dark", "auto")), default="light", show_default=True)
@click.option("--unit", type=click.Choice(("macs", "flops")), default="macs", show_default=True, help="1 MAC = 2 FLOPs.")
@source_options
def command(
    sources: tuple[str, ...], output: str | None, format_: str | None, layout: str, theme: str, unit: str, **options: Any
) -> int:
    """Draw networks as block diagrams, by default into outputs/<id>.svg."""
    format_ = _format(output, format_)
    if output and len(sources) > 1 and not is_folder(output):
        raise click.UsageError("several sources need a folder: -o pictures/")
    failed = 0
    for source in sources:
        try:
            architecture = loaded(source, options)
            picture = api.draw(
                architecture, format=format_, layout=layout, theme=theme, unit=unit, command=_command(source)
            )
            name = f"{architecture.id}{'-u' if layout == 'u' else ''}{'-dark' if theme == 'dark' else ''}.{format_}"
            folder = output if output and is_folder(output) else None
            write(str(Path(folder) / name) if folder else output, name, picture)
        except UnetscopeError as error:
            if len(sources) == 1:
                raise
            complain(f"{source}: {error}", hint=error.hint)
            failed += 1
    return 1 if failed else 0


def _format(output: str | None, chosen: str | None) -> str:
    """The format asked for by name or by suffix; the two must agree."""
    if not output or output == "-" or is_folder(output):
        return chosen or "svg"
    suffix = Path(output).suffix.lower().removeprefix(".")
    if chosen and (not suffix or suffix == chosen):
        return chosen
    if suffix not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise click.UsageError(f"{Path(output).name!r} has no suffix that names a format; known: {known}.")
    if chosen:
        raise click.UsageError(f"--format {chosen} and the suffix .{suffix} disagree.")
    return suffix


def _command(source: str) -> str:
    """The command as typed, for the corner of the picture, with a path shortened to its name."""
    words = [Path(word).name if word == source and Path(word).exists() else word for word in sys.argv[1:]]
    for flag in ("-o", "--output"):
        if flag in words:
            at = words.index(flag)
            del words[at : at + 2]
    line = " ".join(["unetscope", *map(shlex.quote, words)])
    return line if len(line) <= 60 else f"unetscope diagram {shlex.quote(Path(source).name)}"
