"""`unetscope diff`: how two networks differ, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click

from unetscope import api, files
from unetscope.analysis.diff import Diff, counted
from unetscope.api.naming import named_diff
from unetscope.cli import own_code, repeat, weight_values
from unetscope.cli.completion import SOURCE
from unetscope.cli.counting import counting, counting_options
from unetscope.cli.option_values import Options
from unetscope.cli.options import manner, names, naming_options, size_asked, source_options
from unetscope.cli.output import warn, write
from unetscope.cli.pages import heading_option, page_style
from unetscope.cli.reports import Report, put
from unetscope.cli.targets import TargetPath, asked_format, target_options
from unetscope.errors import OptionError
from unetscope.render.diff.formats import FORMATS, PICTURES, SUFFIXES, check_look

LOOKS = {
    "layout": ("strip", "u"),
    "theme": ("light", "dark", "auto", "paper"),
    "width": ("readme", "full", "column"),
}
"""What says how a picture looks, the default first."""
DIFFERENT = 1
"""The answer that networks are not the same, as an exit code."""


@click.command("diff", epilog="Example: unetscope diff sd15 sd15-inpaint -o inpaint.svg")
@click.argument("a", metavar="A", type=SOURCE)
@click.argument("b", metavar="[B]", required=False, type=SOURCE)
@target_options(SUFFIXES | weight_values.SUFFIXES)
@click.option("--layout", type=click.Choice(LOOKS["layout"]), default="strip", show_default=True)
@click.option("--theme", type=click.Choice(LOOKS["theme"]), default="light", show_default=True,
              help="paper: the strips alone, for a figure with a caption.")  # fmt: skip
@click.option("--width", type=click.Choice(LOOKS["width"]), default="readme", show_default=True,
              help="900 px, as wide as all labels need, or for one column of a paper.")  # fmt: skip
@click.option("--stat", is_flag=True, help="Show one line per stage.")
@click.option(
    "--only", type=click.Choice(["config", "blocks", "tensors", "cost"]), help="Show only this part."
)
@click.option("--transfer", is_flag=True, help="Also show what a checkpoint of A gives B, by name and shape.")
@click.option("--distill", is_flag=True, help="Also show where features of teacher A and student B compare.")
@click.option("--weights", is_flag=True,
              help="Compare the values of two files of weights, tensor by tensor (needs numpy).")  # fmt: skip
@click.option("--map-out", metavar="FILE", type=TargetPath(),
              help="Write the map from B's state-dict keys to A's as JSON.")  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Exit 0 if the networks are the same, 1 if not.")
@heading_option
@naming_options
@counting_options
@source_options
@own_code.code_options
@click.pass_context
def command(ctx: click.Context, /, exit_code: bool, **options: Any) -> None:
    """Show how network B differs from network A: blocks, tensors, inputs, cost, and which fields cause it.

    Without B, what --set changes in A. With B, --set and sizes hold for both; costs are compared at A's
    size unless told otherwise. With --weights A and B are files: which of their values differ, and how much.
    """
    if options["weights"]:
        ctx.exit(DIFFERENT if weight_values.differing(ctx, options) and exit_code else 0)
    format_ = _format(options)
    style = page_style({"heading": options["heading"]}, format_)
    difference = _found({**options, "sources": (options["a"], options["b"] or options["a"])})
    if options["map_out"]:
        _write_map(difference, options["map_out"])
    if format_ in PICTURES:
        write(options["output"], f"{_stem(difference)}.{format_}", _drawn(difference, options, format_)())
    else:
        put(_report(difference, options, style), format_, options["output"], SUFFIXES)
    ctx.exit(DIFFERENT if exit_code and not difference.identical else 0)


def _found(options: Options) -> Diff:
    """The diff that the options ask for, counted and called as they say."""
    asked, how = size_asked(options), manner(options)
    first, second = (own_code.traced(source, options, asked) for source in options["sources"])
    settings = how.pop("overrides")
    both = {"overrides": settings} if options["b"] else {"changed": settings}
    difference = counted(api.diff(first, second, size=asked, warn=warn, **both, **how), counting(options))
    titles = names(options, 0)["title"], names(options, 1)["title"]
    return named_diff(difference, titles=titles, labels=options["labels"])


def _format(options: Options) -> Any:
    """The format asked for; what belongs to the text alone excludes the others."""
    if not options["b"] and not options["settings"]:
        raise OptionError("one network has nothing to differ from", hint="give B, or --set KEY=VALUE")
    chosen = asked_format(options, SUFFIXES)
    if chosen not in FORMATS:
        raise OptionError(f"--format {chosen} is for --weights", hint="formats: " + ", ".join(FORMATS))
    if options["map_out"] == "-":
        raise OptionError("--map-out needs the name of a file", hint="what differs goes to stdout")
    if options["map_out"] and options["map_out"].lower().endswith(".gz"):
        raise OptionError("--map-out writes plain JSON", hint="give a name that does not end in .gz")
    if options["stat"] and options["only"]:
        raise OptionError("--stat and --only exclude each other", hint="leave one of them out")
    partly = [flag for flag in ("stat", "only", "transfer", "distill") if options[flag]]
    if partly and chosen != "text":
        raise OptionError(f"--{partly[0]} is for text", hint=f"leave it out: {chosen} holds all parts")
    check_look(chosen, options)
    return chosen


def _stem(diff: Diff) -> str:
    return f"{files.slug(diff.a.id)}-to-{files.slug(diff.b.id)}"


def _drawn(diff: Diff, options: Options, format_: Any) -> Callable[[], bytes]:
    """What makes the bytes of a file, with the command that makes it again."""
    look = {what: options[what] for what in LOOKS}
    sources = [source for source in (options["a"], options["b"]) if source]
    again = repeat.command(*sources, format=format_, usual="text")
    return partial(api.draw_diff, diff, format=format_, command=again, **look)


def _report(diff: Diff, options: Options, style: Mapping[str, Any]) -> Report:
    from unetscope.render.diff import as_json, as_markdown

    others: dict[str, Callable[[], str]] = {
        name: lambda name=name: _drawn(diff, options, name)().decode()  # type: ignore[misc]
        for name in FORMATS
        if name not in PICTURES
    }
    others["markdown"] = partial(as_markdown.page, diff, **style)
    text = partial(_text, diff, options)
    return Report(_stem(diff), text, lambda: as_json.document(diff), others)


def _text(diff: Diff, options: Options, *, width: int, colour: bool = False) -> str:
    """The whole, a part, or one line a stage."""
    from unetscope.render.diff import as_text

    if options["stat"]:
        return as_text.stat(diff, width=width, colour=colour)
    parts = {name: options[name] for name in ("only", "transfer", "distill")}
    return as_text.diff(diff, **parts, width=width, colour=colour)


def _write_map(diff: Diff, target: str) -> None:
    from unetscope.render.diff import as_json

    text = json.dumps(as_json.weight_map(diff), indent=2) + "\n"
    files.write(Path(target), text.encode(), make_folder=True)
