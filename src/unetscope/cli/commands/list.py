"""`unetscope list`: the bundled models."""

from __future__ import annotations

import click

from unetscope import zoo
from unetscope.cli.output import print_json, say
from unetscope.errors import SourceError
from unetscope.zoo import Preset


@click.command("list", epilog="Example: unetscope list --family flux")
@click.option("--family", metavar="NAME", help="Those of a family: flux, wan, controlnet …")
@click.option("--search", metavar="TEXT", help="Those with this in an id, title, class, Hub or file name.")
@click.option("--license", "licence", metavar="TEXT", help="Those with this in the name of their licence.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(family: str | None, search: str | None, licence: str | None, as_json: bool) -> None:
    """List the bundled models by family: parameters, MACs, native size, year and licence."""
    from unetscope.render import presets, text

    known = [zoo.preset(name) for name in sorted((*zoo.ids(), *zoo.unpublished()))]
    found = [one for one in known if _is_asked(one, family, search, licence)]
    if as_json:
        print_json({"schema_version": 1, "models": [presets.data(one) for one in found]})
    elif not found:
        raise SourceError("no bundled model is like that", hint="all of them: unetscope list")
    else:
        width = text.terminal_width()
        say(presets.listed(found, width=width) + "\n" + presets.told(found, width=width))


def _is_asked(preset: Preset, family: str | None, search: str | None, licence: str | None) -> bool:
    names = (preset.id, preset.title, preset.class_name, preset.family, *preset.aliases)
    asked = ((family, (preset.family,)), (search, names), (licence, (preset.licence or "",)))
    return all(
        any(text.casefold() in name.casefold() for name in where) for text, where in asked if text is not None
    )
