"""`unetscope zoo`: upkeep of the bundled models, for those who work on unetscope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import click

from unetscope import api, codec, files, zoo
from unetscope.checkpoint import Facts
from unetscope.cli.commands import HelpfulGroup
from unetscope.cli.commands.diagram import CHOICES
from unetscope.cli.output import say
from unetscope.layout import LAYOUTS
from unetscope.sizes import Size
from unetscope.spec import usual
from unetscope.zoo import lineage


@click.group("zoo", cls=HelpfulGroup, epilog="Example: unetscope zoo trace sdxl")
def command() -> None:
    """Upkeep of the bundled models."""


@command.command("trace", epilog="Example: unetscope zoo trace")
@click.argument("names", nargs=-1, metavar="[ID]...")
def trace_(names: tuple[str, ...]) -> None:
    """Trace the networks of bundled models into the package.

    All, or those named. A trace is of a network's native size, with rules for others; one that is there
    is made again where its model is named, and one that no model has is dropped.
    """
    wanted = {zoo.network(name): name for name in zoo.ids()}
    known = {
        network_id: totals
        for name in zoo.ids()
        if (totals := zoo.totals(name)) and (network_id := zoo.network(name))
    }
    asked = {zoo.network(name) for name in names} or wanted.keys() - known.keys()
    for network in sorted(asked, key=wanted.__getitem__):
        known[network] = _trace(wanted[network], zoo.trace_file(network))
        files.write(zoo.totals_file(), codec.dumps(dict(sorted(known.items()))))
    for path in zoo.totals_file().parent.glob("*.json.gz"):
        if path.name.partition(".")[0] not in wanted:
            path.unlink()


def _trace(name: str, target: Path) -> zoo.Totals:
    """Trace a preset's network into a file that bears no preset's name; its totals."""
    from functools import partial

    from unetscope.analysis.scaling import learning
    from unetscope.families import grids
    from unetscope.tracing import trace

    spec = zoo.spec(name)
    tracer = partial(trace, spec)
    first = tracer(usual(Size(), spec.facts))
    learned = learning.learn(first, grids(first.class_name, first.config), tracer)
    data = codec.pack(replace(learned, id="", title="", source="", facts=Facts()))
    files.write(target, data, make_folder=True)
    say(f"{name}: {target.name} {len(data):,} bytes\n")
    return zoo.Totals(first.cost.params, first.cost.macs, first.basis.axes)


@command.command("diff", epilog="Example: unetscope zoo diff")
def diff_() -> None:
    """Find out why related bundled models differ.

    Both ways, into the package; what is out of date is dropped.
    """
    from unetscope.analysis.diff import stored
    from unetscope.tracing import counterfactual

    written: set[Path] = set()
    for a, b in lineage.pairs():
        difference = api.diff(a, b, causes=False)
        target = zoo.attribution_file(stored.content(difference))
        if target not in written and any(change.kind == "config" for change in difference.changes):
            data = stored.pack(difference, counterfactual.attribution(difference))
            files.write(target, data, make_folder=True)
            say(f"{a} → {b}: {target.name} {len(data):,} bytes\n")
            written.add(target)
    for path in zoo.attribution_file("").parent.glob("*.json.gz"):
        if path not in written:
            path.unlink()


_SHEET = {name: CHOICES[name] for name in ("layout", "detail", "width", "theme", "color_by")}
_USUAL = {"theme": ("light", "dark", "paper"), "color_by": ("kind",)}
"""What a sheet shows of options of which not every choice is a picture of its own."""


def _looks(choices: dict[str, tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """Every combination of the choices asked for."""
    chosen = [choices[name] or _USUAL.get(name) or words for name, words in _SHEET.items()]
    for words in product(*chosen):
        yield dict(zip(_SHEET, words, strict=True))


def _repeatable(function: click.decorators.FC) -> click.decorators.FC:
    """An option for each choice of a look, which may be given several times."""
    for name, words in reversed(_SHEET.items()):
        flag = "--" + name.replace("_", "-")
        function = click.option(flag, name, type=click.Choice(words), multiple=True)(function)
    return function


@command.command("sheet", epilog="Example: unetscope zoo sheet sdxl --theme paper -o sheet")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("-o", "--output", default="outputs/sheet", show_default=True, metavar="FOLDER")
@_repeatable
def sheet_(names: tuple[str, ...], output: str, **given: tuple[str, ...]) -> None:
    """Draw bundled models in every look, on one page.

    All, or those named; the page is FOLDER/index.html.
    """
    from unetscope.render import sheet

    folder, sections = Path(output), []
    for name in names or zoo.ids():
        architecture, pictures = api.load(name), []
        fitting = [look for look in _looks(given) if LAYOUTS[look["layout"]].suits(architecture)]
        for look in fitting:
            words = " ".join(word for word in look.values() if word != "kind")
            file = Path(name) / (words.replace(" ", "-") + ".svg")
            files.write(folder / file, api.draw(architecture, **look), make_folder=True)
            pictures.append((file.as_posix(), words))
        sections.append((name, pictures))
    page = sheet.render("unetscope: every look of the bundled models", sections)
    files.write(folder / "index.html", page.encode(), make_folder=True)
    say(f"{folder / 'index.html'} {sum(len(drawings) for _, drawings in sections):,} pictures\n")
