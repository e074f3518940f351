"""`unetscope identify`: what a file of weights is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from unetscope import api
from unetscope.api.loading import trace_cache
from unetscope.checkpoints.agreement import Agreement
from unetscope.checkpoints.answer import UNKNOWN, Answer
from unetscope.cli import own_code
from unetscope.cli.hub_options import hub_options
from unetscope.cli.output import FAILED, complain, is_colourful, print_json, say, warn
from unetscope.errors import OptionError, SourceError, UnetscopeError
from unetscope.words import safe


@click.command("identify", epilog="Example: unetscope identify model.safetensors")
@click.argument("files", metavar="FILE|FOLDER...", nargs=-1, required=True)
@click.option(
    "--verify", is_flag=True, help="Also build the network that was inferred, and compare it (needs torch)."
)
@click.option("--json", "as_json", is_flag=True, help="All that is known as JSON: a list, one entry a file.")
@click.option("--json-lines", is_flag=True, help="The same, one line a file, as each is read.")
@hub_options
@click.pass_context
def command(
    ctx: click.Context, /, files: tuple[str, ...], *, verify: bool, as_json: bool, json_lines: bool
) -> None:
    """Identify a file of weights by its header alone: architecture, parts, LoRA base, quantisation.

    Reads .safetensors and their index, .ckpt, .pt, .bin and .gguf; of a repository on the Hub (org/repo)
    .safetensors alone. No weights are read, and nothing of a pickle is run. Exit codes: 0 all are known,
    1 one is unknown or not as inferred, 2 one cannot be read.
    """
    if as_json and json_lines:
        raise OptionError("--json and --json-lines exclude each other", hint="leave one of them out")
    for file in files:
        own_code.refuse_file(file)
    code, documents, first = 0, list[dict[str, object]](), True
    for path, answer in api.identify_all(files):
        agreement = _verified(path) if verify and not isinstance(answer, SourceError) else None
        code = max(code, _code(answer, agreement))
        if as_json:
            documents.append(_document(answer, agreement))
        elif json_lines:
            say(safe.json(json.dumps(_document(answer, agreement))) + "\n")
        else:
            _say(answer, agreement, first=first)
        first = first and isinstance(answer, SourceError)
    if as_json:
        print_json(documents)
    ctx.exit(code)


def _code(answer: Answer | SourceError, agreement: Agreement | UnetscopeError | None) -> int:
    """0 for a file that is known, 1 for one that is not or not as inferred, FAILED for what was not read."""
    if isinstance(answer, SourceError) or isinstance(agreement, UnetscopeError):
        return FAILED
    return 0 if answer.kind != UNKNOWN and (agreement is None or agreement.fits) else 1


def _verified(path: Path) -> Agreement | UnetscopeError:
    """The file's tensors against those of the network built from the config inferred."""
    try:
        return api.verify(path, cache_folder=trace_cache.folder(os.environ), warn=warn)
    except UnetscopeError as error:
        return error


def _say(answer: Answer | SourceError, agreement: Agreement | UnetscopeError | None, *, first: bool) -> None:
    from unetscope.render.checkpoints import text
    from unetscope.render.text import terminal_width

    if isinstance(answer, SourceError):
        complain(answer.message, hint=answer.hint)
        return
    say(("" if first else "\n") + text.answer(answer, width=terminal_width(), colour=is_colourful()))
    if isinstance(agreement, UnetscopeError):
        complain(f"not verified: {agreement.message}", hint=agreement.hint)
    elif agreement is not None:
        say(text.verified(agreement, width=terminal_width(), colour=is_colourful()))


def _document(
    answer: Answer | SourceError, agreement: Agreement | UnetscopeError | None
) -> dict[str, object]:
    from unetscope.render.checkpoints import json as documents

    if isinstance(answer, SourceError):
        return documents.error(answer.message, answer.hint)
    if isinstance(agreement, UnetscopeError):
        return documents.answer(answer) | {"verified": documents.error(agreement.message, agreement.hint)}
    return documents.answer(answer) | ({"verified": documents.comparison(agreement)} if agreement else {})
