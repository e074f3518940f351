"""`unetscope check`: whether a file of weights loads into a network, and what an error message means."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unetscope import api, files
from unetscope.api.loading import trace_cache
from unetscope.checkpoint import ControlJoints, Overlay
from unetscope.cli import own_code
from unetscope.cli.hub_options import hub_options
from unetscope.cli.option_values import Options
from unetscope.cli.output import complain, is_colourful, print_json, say, warn
from unetscope.cli.own_code import code_options
from unetscope.errors import OptionError, SourceError
from unetscope.limits import MAX_LOG
from unetscope.sources import reading

if TYPE_CHECKING:
    from unetscope.checkpoints.fit import FileFit
    from unetscope.model import Architecture


@click.command("check", epilog="Example: unetscope check lora.safetensors sdxl")
@click.argument("file", required=False)
@click.argument("source", required=False)
@click.option(
    "--explain", "log", metavar="FILE", help="Say what the errors in a log mean; - reads standard input."
)
@click.option("--map-out", metavar="OUT", help="Write which tensor of FILE goes where in SOURCE, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@hub_options
@code_options
@click.pass_context
def command(
    ctx: click.Context, /, file: str | None, source: str | None, *, log: str | None, **options: Any
) -> None:
    """Check whether the weights in FILE load into the network SOURCE, and why not.

    A LoRA is set against its base, a ControlNet and a VAE against their own class; for a ControlNet and a
    base, it also says whether the one joins the other. Exit codes: 0 it fits, 1 it does not, 2 the answer
    could not be found.
    """
    if log is not None and file is not None:
        raise OptionError("--explain reads a log alone", hint="leave FILE and SOURCE out")
    if log is None and (file is None or source is None):
        raise OptionError("nothing to check", hint="give FILE and SOURCE, or --explain LOG")
    answer = _explain(log, options) if log is not None else _check(str(file), str(source), options)
    ctx.exit(0 if answer else 1)


def _check(file: str, source: str, options: Options) -> bool:
    """Prints whether the file fits, and writes the map of its weights if asked for."""
    from unetscope.render.checkpoints import json as documents
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    own_code.refuse_file(file)
    folder = trace_cache.folder(os.environ)
    with own_code.running(source, options) as (what, inputs):
        network = api.load(what, inputs=inputs, cache_folder=folder, warn=warn)
    agreement, reach = _with_reach(api.check(file, network), file, network)
    if options["map_out"]:
        names = api.weight_map(file, network)
        files.write(Path(options["map_out"]), (json.dumps(names, indent=2) + "\n").encode())
    if options["as_json"]:
        print_json(documents.fit(agreement) | ({"overlay": documents.overlay(reach)} if reach else {}))
    else:
        joins = reach if isinstance(reach, ControlJoints) else None
        say(text.fit(agreement, joins=joins, width=terminal_width(), colour=is_colourful()))
    return agreement.fits


def _with_reach(
    agreement: FileFit, file: str, network: Architecture
) -> tuple[FileFit, Overlay | ControlJoints | None]:
    """What a LoRA that fits changes, or where a ControlNet joins its base; else why not is a cause."""
    control = agreement.answer.denoiser
    joins = control is not None and control.kind == "ControlNet" and "ControlNet" not in network.class_name
    if not joins and not (agreement.fits and agreement.answer.adapter):
        return agreement, None
    try:
        return agreement, api.overlay(file, network)
    except SourceError as error:
        return replace(agreement, causes=(*agreement.causes, str(error.message))), None


def _explain(log: str, options: Options) -> bool:
    """Prints what the lines of a log mean, and returns whether one is known."""
    from unetscope.checkpoints.explain import explain
    from unetscope.render.checkpoints import json as documents
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    if options["map_out"]:
        raise OptionError("--map-out is about FILE and SOURCE", hint="leave --explain out")
    explanation = explain(_read(log))
    if options["as_json"]:
        print_json(documents.explained(explanation))
    elif explanation:
        say(text.explained(explanation, width=terminal_width(), colour=is_colourful()))
    else:
        complain("no message in it is known here", hint="paste the whole log, from the first error on")
    return bool(explanation)


def _read(log: str) -> str:
    data = sys.stdin.buffer.read(MAX_LOG) if log == reading.STDIN else reading.read_start(Path(log), MAX_LOG)
    return data.decode("utf-8", "replace")
