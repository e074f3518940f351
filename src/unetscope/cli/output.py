"""Where commands put what they made: data on stdout or in a file, words on stderr.

The one place that prints. What it prints came through `words.safe`, whoever made it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from unetscope import files
from unetscope.hooks import tell
from unetscope.words import safe

OUTPUTS = Path("outputs")
FAILED = 2
"""Of every failure, wrong usage included. 1 is an answer: networks differ, something does not fit."""


def complain(message: str, *, hint: str = "") -> None:
    """An error and its hint, one line each, on stderr."""
    _tell("error: ", message, fg="red", bold=True)
    if hint:
        _tell("hint: ", hint, fg="cyan")


def warn(message: str) -> None:
    """A warning, one line on stderr."""
    _tell("warning: ", message, fg="yellow")


def _tell(word: str, message: str, **style: Any) -> None:
    """Print a line on stderr after a word that says what it is."""
    on_stderr(click.style(word, **style) + safe.message(message))


def on_stderr(text: str) -> None:
    """A text of our own on stderr, as it is."""
    tell("")
    with contextlib.suppress(OSError):  # nobody is left to be told
        click.echo(text, file=sys.stderr)


def say(text: str) -> None:
    """Lines of text on stdout, as they are; colours stay where the terminal has them."""
    tell("")
    click.echo(safe.page(text, colour=is_colourful()), nl=False, file=sys.stdout)


def write(target: str | None, default: str, data: bytes) -> None:
    """Write to a file, to <default> in a folder, to stdout for "-", or to outputs/<default>; print the path.
    Folders that are missing are made.

    `default` comes from `files.named`: what the user names stands, what a source says is made safe.
    """
    if target == "-":
        tell("")
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(target, default) if target and is_folder(target) else Path(target or OUTPUTS / default)
    files.write(path, data, make_folder=True)
    say(safe.escaped(str(path)) + "\n")


def is_folder(target: str) -> bool:
    """Whether a target names a folder to write into."""
    return target.endswith(("/", os.sep)) or os.path.isdir(target)


def print_json(value: Any) -> None:
    """A value as indented JSON on stdout."""
    say(safe.json(json.dumps(value, indent=2, ensure_ascii=not _is_unicode())) + "\n")


def is_colourful() -> bool:
    """Whether stdout is a terminal that has colour and was not told otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
