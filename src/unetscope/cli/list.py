"""`unetscope list`: the bundled models."""

from __future__ import annotations

import click

from unetscope import zoo
from unetscope.cli.output import print_json, say


@click.command("list", epilog="Example: unetscope list --json")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(as_json: bool) -> None:
    """List the bundled models with the names they answer to."""
    known = [zoo.preset(name) for name in zoo.ids()]
    if as_json:
        models = [
            {
                "id": p.id,
                "title": p.title,
                "class_name": zoo.spec(p.id).class_name,
                "aliases": list(p.aliases),
            }
            for p in known
        ]
        print_json({"schema_version": 1, "models": models})
    else:
        from unetscope.render import text

        say(text.presets(known, width=text.terminal_width()))
