"""`unetscope site`: the bundled models as a static site."""

from __future__ import annotations

from pathlib import Path

import click

from unetscope import zoo
from unetscope.api.site import site
from unetscope.cli.completion import SOURCE
from unetscope.cli.output import say
from unetscope.errors import SourceError
from unetscope.hooks import tell
from unetscope.words import safe


@click.command("site", epilog="Example: unetscope site -o gallery")
@click.argument("names", nargs=-1, metavar="[ID]...", type=SOURCE)
@click.option("-o", "--output", default="outputs/site", show_default=True, metavar="FOLDER",
              help="Where its pages go.")  # fmt: skip
def command(names: tuple[str, ...], output: str) -> None:
    """Write a page for each bundled model (all, or those named), each diff along their lines, and each
    family, with the tree of all: a static site that works from a disk."""
    ids = tuple(_id(name) for name in names)
    count = site(Path(output), only=ids, tell=tell)
    say(f"{safe.escaped(str(Path(output) / 'index.html'))} {count:,} files\n")


def _id(name: str) -> str:
    model = zoo.find(name)
    if model is None:
        raise SourceError(f"{name!r} is not a bundled model", hint="all of them: unetscope list")
    return model
