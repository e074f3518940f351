"""`unetscope diff`: how two networks differ, and why."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from unetscope import api, cache, files
from unetscope.analysis.diff import Diff, counted
from unetscope.cli import repeat
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.options import extent, pixels_option
from unetscope.cli.output import FAILED, complain, is_colourful, print_json, say, warn, write
from unetscope.cli.pictures import chosen_format, target_help
from unetscope.errors import UnetscopeError
from unetscope.render.diff.formats import FORMATS, SUFFIXES

LOOKS = {
    "layout": ("strip", "u"),
    "theme": ("light", "dark", "auto", "paper"),
    "width": ("readme", "full"),
}
"""What says how a picture looks, the default first."""


@click.command("diff", epilog="Example: unetscope diff sd15 sd15-inpaint -o inpaint.svg")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("-o", "--output", metavar="FILE", help=target_help(SUFFIXES))
@click.option(
    "--format", "format_", type=click.Choice(list(FORMATS)), help="Format, where no suffix says it."
)
@click.option("--layout", type=click.Choice(LOOKS["layout"]), default="strip", show_default=True)
@click.option("--theme", type=click.Choice(LOOKS["theme"]), default="light", show_default=True,
              help="paper: the strips alone, for a figure with a caption.")  # fmt: skip
@click.option("--width", type=click.Choice(LOOKS["width"]), default="readme", show_default=True,
              help="900 px, or as wide as all labels need.")  # fmt: skip
@click.option("--stat", is_flag=True, help="One line a stage.")
@click.option("--only", type=click.Choice(["config", "blocks", "tensors", "cost"]), help="Only this part.")
@click.option("--weights", is_flag=True, help="Also what a checkpoint of A gives B.")
@click.option("--distill", is_flag=True, help="Also where features of teacher A and student B compare.")
@click.option("--map-out", metavar="FILE", help="Write the map from B's state-dict keys to A's as JSON.")
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option(
    "--exit-code", is_flag=True, help="Exit 0 if the networks are the same, 1 if not, 3 if unknown."
)
@click.option(
    "--latent", callback=extent, metavar="HxW", help="Compare costs at this input (default: A's own)."
)
@counting_options
@pixels_option
@click.option("--strict", is_flag=True, help="Take warnings about a config as errors.")
@click.option("--fresh", is_flag=True, help="Find out again and renew the cache.")
@click.option("--no-cache", is_flag=True, help="Trace again and write no cache.")
@click.pass_context
def command(ctx: click.Context, /, exit_code: bool, **options: Any) -> None:
    """Tell how network B differs from network A: blocks, tensors, inputs, cost, and which fields cause it."""
    format_ = _format(options)
    try:
        found = api.diff(
            options["a"],
            options["b"],
            size={"latent": options["latent"]},
            strict=options["strict"],
            on_pixels=options["on_pixels"],
            fresh="uncached" if options["no_cache"] else "fresh" if options["fresh"] else "cached",
            cache_folder=cache.folder(os.environ),
            warn=warn,
        )
        found = counted(found, counting(options))
        if options["map_out"]:
            _write_map(found, options["map_out"])
        _put(found, format_, options)
    except UnetscopeError as error:
        if not exit_code:
            raise
        complain(error.message, hint=error.hint)
        ctx.exit(FAILED)
    if exit_code:
        ctx.exit(0 if found.identical else 1)


def _format(options: dict[str, Any]) -> Any:
    """The format asked for; what belongs to the text alone excludes the others."""
    if options["as_json"] and options["format_"] not in (None, "json"):
        raise click.UsageError(f"--json and --format {options['format_']} exclude each other.")
    named = "json" if options["as_json"] else options["format_"]
    found = chosen_format(options["output"], named, SUFFIXES)
    if options["map_out"] == "-":
        raise click.UsageError("--map-out needs the name of a file: what differs goes to stdout.")
    if options["map_out"] and options["map_out"].lower().endswith(".gz"):
        raise click.UsageError("--map-out writes plain JSON: give a name that does not end in .gz.")
    partly = [flag for flag in ("stat", "only", "weights", "distill") if options[flag]]
    if options["stat"] and options["only"]:
        raise click.UsageError("--stat and --only exclude each other.")
    if partly and (found != "text" or options["output"] not in (None, "-")):
        raise click.UsageError(f"--{partly[0]} is for the text on a terminal; {found} holds all parts.")
    return found


def _put(found: Diff, format_: Any, options: dict[str, Any]) -> None:
    """Text and JSON on stdout, pictures and pages into a file, unless told otherwise."""
    output = options["output"]
    if output in (None, "-") and format_ == "text":
        say(_text(found, options))
    elif output in (None, "-") and format_ == "json":
        from unetscope.render.diff import as_json

        print_json(as_json.document(found))
    else:
        name = files.named(found.a.id, "to", found.b.id, suffix=FORMATS[format_][0])
        look = {what: options[what] for what in LOOKS}
        again = repeat.command(options["a"], options["b"], format=format_, usual="text")
        write(output, name, api.draw_diff(found, format=format_, command=again, **look))


def _text(found: Diff, options: dict[str, Any]) -> str:
    """The whole, a part, or one line a stage, as wide and as colourful as the terminal is."""
    from unetscope.render.diff import as_text
    from unetscope.render.text import terminal_width

    width, colour = terminal_width(), is_colourful()
    if options["stat"]:
        return as_text.stat(found, width=width, colour=colour)
    parts = {name: options[name] for name in ("only", "weights", "distill")}
    return as_text.diff(found, **parts, width=width, colour=colour)


def _write_map(found: Diff, target: str) -> None:
    from unetscope.render.diff import as_json

    text = json.dumps(as_json.weight_map(found), indent=2) + "\n"
    files.write(Path(target), text.encode())
