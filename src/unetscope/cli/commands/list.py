"""`unetscope list`: the bundled models, and how they came to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from unetscope import api, zoo
from unetscope.cli import repeat
from unetscope.cli.completion import SOURCE
from unetscope.cli.option_values import Options
from unetscope.cli.output import print_json, say, write
from unetscope.cli.targets import asked_format, target_options
from unetscope.errors import OptionError, SourceError
from unetscope.zoo import Preset, world_unets
from unetscope.zoo.preset import FAMILIES

SUFFIXES = {
    "txt": "text",
    "json": "json",
    "svg": "svg",
    "png": "png",
    "pdf": "pdf",
    "dot": "dot",
    "gv": "dot",
}
SUFFIXES |= {"mmd": "mermaid", "mermaid": "mermaid"}
_ENDINGS = {"text": "txt", "mermaid": "mmd"}


@click.command("list", epilog="Example: unetscope list --tree sdxl -o sdxl-line.svg")
@click.argument("names", nargs=-1, metavar="[ID]...", type=SOURCE)
@click.option(
    "--family", metavar="NAME", help="Only those of a family: flux, wan …; world: of other packages."
)
@click.option("--search", metavar="TEXT", help="Only those with TEXT in id, title, class, Hub or file name.")
@click.option(
    "--license", "licence", metavar="TEXT", help="Only those with TEXT in the name of their licence."
)
@click.option("--tree", is_flag=True, help="Show who was made from whom, by which step; with ID, its line.")
@click.option("--theme", type=click.Choice(("light", "dark", "auto", "paper")), default="light",
              show_default=True, help="Theme of a tree that is drawn.")  # fmt: skip
@target_options(SUFFIXES)
def command(names: tuple[str, ...], tree: bool, theme: Any, **options: Any) -> None:
    """List the bundled models by family: parameters, MACs, native size, year and licence."""
    format_ = asked_format(options, SUFFIXES)
    if names and not tree:
        raise OptionError("an ID is the line to be drawn", hint=f"unetscope list --tree {names[0]}")
    if tree and format_ != "json":
        _draw(names, _found(options), format_, theme, options["output"])
        return
    if format_ not in ("text", "json"):
        raise OptionError(f"a list is text or JSON, not {format_}", hint="add --tree for a picture")
    is_world = (options["family"] or "").casefold() == world_unets.FAMILY
    listing = _listing_of_world(options) if is_world else _listing_of_presets(_found(options))
    _write(*listing, format_, options["output"])


def _draw(
    names: Sequence[str], presets: Sequence[Preset], format_: str, theme: Any, output: str | None
) -> None:
    """The tree on stdout as text, as wide as the terminal, or as a file."""
    from unetscope.render import text

    among = [preset.id for preset in presets]
    if format_ == "text" and output in (None, "-"):
        say(api.tree_text(*names, among=among, width=text.terminal_width()))
        return
    again = repeat.command(*names, format=format_, usual="text")
    picture = api.family_tree(*names, among=among, format=format_, theme=theme, command=again)  # type: ignore[arg-type]
    stem = "-".join(("lineage", *(str(zoo.find(name)) for name in names)))
    write(output, f"{stem}.{_ENDINGS.get(format_, format_)}", picture)


def _write(lines: Callable[[int], str], models: list[Any], format_: str, output: str | None) -> None:
    """A list on stdout as wide as the terminal, or as a file; `models` are what JSON has of each."""
    from unetscope.render import json, text

    data = {"schema_version": 1, "models": models}
    if output in (None, "-"):
        print_json(data) if format_ == "json" else say(lines(text.terminal_width()))
        return
    content = json.dumps(data) if format_ == "json" else lines(120)
    write(output, f"models.{_ENDINGS.get(format_, format_)}", content.encode())


def _listing_of_presets(models: Sequence[Preset]) -> tuple[Callable[[int], str], list[Any]]:
    from unetscope.render import presets

    def lines(width: int) -> str:
        return presets.listed(models, width=width) + "\n" + presets.told(models, width=width)

    return lines, [presets.data(preset) for preset in models]


def _listing_of_world(options: Options) -> tuple[Callable[[int], str], list[Any]]:
    """The U-Nets of other packages that are asked for; raises SourceError where there are none."""
    from unetscope.render import world_unets as rendered

    chosen = {
        name: known
        for name, known in world_unets.table().items()
        if _says((name, known.title, known.package, known.code, known.paper), options["search"])
        and _says((known.licence or "",), options["licence"])
    }
    if not chosen and not options["as_json"]:
        raise SourceError("no U-Net of another package matches", hint="all: unetscope list --family world")
    return lambda width: rendered.listed(chosen), [rendered.data(*entry) for entry in chosen.items()]


def _found(options: Options) -> list[Preset]:
    """The models asked for; raises SourceError where there are none."""
    known = [zoo.preset(name) for name in sorted((*zoo.ids(), *zoo.unpublished()))]
    asked = [options[name] for name in ("family", "search", "licence")]
    chosen = [preset for preset in known if _is_asked(preset, *asked)]
    if not chosen and not options["as_json"]:
        raise SourceError("no bundled model matches", hint="all of them: unetscope list")
    return chosen


def _is_asked(preset: Preset, family: str | None, search: str | None, licence: str | None) -> bool:
    names = (preset.id, preset.title, preset.class_name, preset.family, preset.hub or "", *preset.aliases)
    of_family = family is None or _is_of(preset, family.casefold())
    return of_family and _says(names, search) and _says((preset.licence or "",), licence)


def _says(texts: Sequence[str], word: str | None) -> bool:
    """Whether one of the texts has a word that is asked for; true if none is asked for."""
    return word is None or any(word.casefold() in text.casefold() for text in texts)


def _is_of(preset: Preset, family: str) -> bool:
    """Whether a model belongs to a family: by its whole name, or by a part of it if no family has that
    name."""
    own = preset.family.casefold()
    return own == family if family in map(str.casefold, FAMILIES) else family in own
