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
from unetscope.cli.hub_options import hub_options
from unetscope.cli.output import complain, is_colourful, print_json, say, warn
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
@click.pass_context
def command(
    ctx: click.Context, /, file: str | None, source: str | None, *, log: str | None, **options: Any
) -> None:
    """Check whether the weights in FILE load into the network SOURCE, and why not.

    A LoRA is set against its base, a ControlNet and a VAE against their own class; of a ControlNet and a base
    it is told whether it joins it. Exit codes: 0 it fits, 1 it does not, 2 it could not be found out.
    """
    if log is not None and file is not None:
        raise OptionError("--explain reads a log alone", hint="leave FILE and SOURCE out")
    if log is None and (file is None or source is None):
        raise OptionError("nothing to check", hint="give FILE and SOURCE, or --explain LOG")
    answer = _explain(log, **options) if log is not None else _check(str(file), str(source), **options)
    ctx.exit(0 if answer else 1)


def _check(file: str, source: str, *, as_json: bool, map_out: str | None) -> bool:
    """Whether the file fits, said; the map of its weights written where it was asked for."""
    from unetscope.render.checkpoints import json as documents
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    network = api.load(source, cache_folder=trace_cache.folder(os.environ), warn=warn)
    found, reach = _with_reach(api.check(file, network), file, network)
    if map_out:
        made = api.weight_map(file, network)
        files.write(Path(map_out), (json.dumps(made, indent=2) + "\n").encode())
    if as_json:
        print_json(documents.fit(found) | ({"overlay": documents.overlay(reach)} if reach else {}))
    else:
        joins = reach if isinstance(reach, ControlJoints) else None
        say(text.fit(found, joins=joins, width=terminal_width(), colour=is_colourful()))
    return found.fits


def _with_reach(
    found: FileFit, file: str, network: Architecture
) -> tuple[FileFit, Overlay | ControlJoints | None]:
    """What a LoRA that fits changes, or where a ControlNet joins its base; else why not is a cause."""
    one = found.answer.denoiser
    joins = one is not None and one.kind == "ControlNet" and "ControlNet" not in network.class_name
    if not joins and not (found.fits and found.answer.adapter):
        return found, None
    try:
        return found, api.overlay(file, network)
    except SourceError as error:
        return replace(found, causes=(*found.causes, str(error.message))), None


def _explain(log: str, *, as_json: bool, map_out: str | None) -> bool:
    """What the lines of a log mean; whether one is known."""
    from unetscope.checkpoints.explain import explain
    from unetscope.render.checkpoints import json as documents
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    if map_out:
        raise OptionError("--map-out is about FILE and SOURCE", hint="leave --explain out")
    found = explain(_read(log))
    if as_json:
        print_json(documents.explained(found))
    elif found:
        say(text.explained(found, width=terminal_width(), colour=is_colourful()))
    else:
        complain("no message in it is known here", hint="paste the whole log, from the first error on")
    return bool(found)


def _read(log: str) -> str:
    data = sys.stdin.buffer.read(MAX_LOG) if log == reading.STDIN else reading.read_start(Path(log), MAX_LOG)
    return data.decode("utf-8", "replace")
