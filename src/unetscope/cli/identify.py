"""`unetscope identify`: what a file of weights is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import click

from unetscope import api, cache
from unetscope.checkpoints.answer import UNKNOWN, Answer
from unetscope.cli.output import complain, is_colourful, print_json, say, warn
from unetscope.errors import OptionError, SourceError, UnetscopeError
from unetscope.words import safe


@click.command("identify", epilog="Example: unetscope identify model.safetensors")
@click.argument("files", metavar="FILE|FOLDER...", nargs=-1, required=True)
@click.option(
    "--verify", is_flag=True, help="Also build the network that was inferred, and compare it (needs torch)."
)
@click.option("--json", "as_json", is_flag=True, help="All that is known as JSON: a list, one entry a file.")
@click.option("--json-lines", is_flag=True, help="The same, one line a file, as each is read.")
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], *, verify: bool, as_json: bool, json_lines: bool
) -> None:
    """Tell what a file of weights is, by its header alone: architecture, parts, LoRA base, quantisation.

    Reads .safetensors and their index, .ckpt, .pt, .bin and .gguf; no weights, and nothing of a pickle is
    run. Exit codes: 0 all are known, 1 one is unknown or cannot be read.
    """
    if as_json and json_lines:
        raise OptionError("--json and --json-lines exclude each other", hint="leave one of them out")
    answers = api.identify_all(files)
    if as_json:
        known = _as_json(answers)
    elif json_lines:
        known = _as_lines(answers)
    else:
        known = _as_text(answers, files, verify=verify)
    ctx.exit(0 if known else 1)


def _as_text(answers: Iterator[Answer | SourceError], files: tuple[str, ...], *, verify: bool) -> bool:
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    known = first = True
    for one in answers:
        if isinstance(one, SourceError):
            complain(one.message, hint=one.hint)
            known = False
            continue
        say(("" if first else "\n") + text.answer(one, width=terminal_width(), colour=is_colourful()))
        known, first = known and one.kind != UNKNOWN, False
    if verify:
        for file in files:
            _verify(file)
    return known


def _verify(file: str) -> None:
    """Whether the network built from the inferred config has the file's tensors."""
    try:
        found = api.verify(file, cache_folder=cache.folder(os.environ), warn=warn)
    except UnetscopeError as error:
        complain(f"not verified: {error.message}", hint=error.hint)
        return
    whole = f"all {found.equal} tensors are those of the network built from the inferred config"
    parts = (
        f"{found.equal} tensors are those of the network built, {len(found.missing)} are missing, "
        f"{len(found.unexpected)} unexpected, {len(found.reshaped)} of another shape"
    )
    say(f"verified: {whole if found.fits and not found.unknown else parts}\n")


def _as_json(answers: Iterator[Answer | SourceError]) -> bool:
    found = [_document(one) for one in answers]
    print_json(found)
    return all("error" not in one and one["kind"] != UNKNOWN for one in found)


def _as_lines(answers: Iterator[Answer | SourceError]) -> bool:
    known = True
    for one in answers:
        document = _document(one)
        say(safe.json(json.dumps(document)) + "\n")
        known &= "error" not in document and document["kind"] != UNKNOWN
    return known


def _document(one: Answer | SourceError) -> dict[str, object]:
    from unetscope.render.checkpoints import json as documents

    return documents.error(one.message, one.hint) if isinstance(one, SourceError) else documents.answer(one)
