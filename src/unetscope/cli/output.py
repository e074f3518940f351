"""Where commands put what they made: data on stdout or in a file, words on stderr."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from unetscope import files

OUTPUTS = Path("outputs")
FAILED = 3
"""With --exit-code, 1 is an answer: that networks differ, that something does not fit. Failing to find out
is another number."""


def complain(message: str, *, hint: str = "") -> None:
    """An error and its hint, one line each, on stderr."""
    click.secho("error: ", fg="red", bold=True, nl=False, err=True)
    click.echo(_line(message), err=True)
    if hint:
        click.secho("hint: ", fg="cyan", nl=False, err=True)
        click.echo(_line(hint), err=True)


def warn(message: str) -> None:
    """A warning, one line on stderr."""
    click.secho("warning: ", fg="yellow", nl=False, err=True)
    click.echo(_line(message), err=True)


def write(target: str | None, default: str, data: bytes) -> None:
    """Write to a file, to stdout for "-", or to outputs/<default>; print the path of a file."""
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(target) if target else OUTPUTS / default
    files.write(path, data, make_folder=target is None)
    click.echo(str(path))


def print_json(value: Any) -> None:
    """A value as indented JSON on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=not _is_unicode()))


def is_colourful() -> bool:
    """Whether stdout is a terminal that has colour and was not told otherwise."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _line(text: str) -> str:
    """Text on one line, nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
