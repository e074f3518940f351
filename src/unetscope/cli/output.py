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
    """Write to a file, to <default> in a folder, to stdout for "-", or to outputs/<default>; print the path.

    `default` comes from `files.named`: what the user names stands, what a source says is made safe.
    """
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = Path(target, default) if target and is_folder(target) else Path(target or OUTPUTS / default)
    files.write(path, data, make_folder=not target)
    click.echo(str(path))


def is_folder(target: str) -> bool:
    """Whether a target names a folder to write into."""
    return target.endswith(("/", os.sep)) or os.path.isdir(target)


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
