"""What commands that draw have in common: the format of a target, and several sources at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from unetscope.cli.options import loaded
from unetscope.cli.output import complain, is_folder, write
from unetscope.errors import UnetscopeError
from unetscope.model import Architecture
from unetscope.words import safe


def chosen_format(output: str | None, chosen: str | None, suffixes: Mapping[str, str]) -> Any:
    """The format asked for by name or by suffix; the two must agree. `suffixes` maps suffix → format,
    the default first."""
    if not output or output == "-" or is_folder(output):
        return chosen or next(iter(suffixes.values()))
    suffix = Path(output).suffix.lower().removeprefix(".")
    if chosen and (not suffix or suffixes.get(suffix) == chosen):
        return chosen
    if suffix not in suffixes:
        known = ", ".join(f".{name}" for name in suffixes)
        raise click.UsageError(f"{Path(output).name!r} has no suffix that names a format; known: {known}.")
    if chosen:
        raise click.UsageError(f"--format {chosen} and the suffix .{suffix} disagree.")
    return suffixes[suffix]


def target_help(suffixes: Iterable[str]) -> str:
    """What --output says of itself: the suffixes that it takes."""
    *first, last = (f".{suffix}" for suffix in suffixes)
    return f"Target: {', '.join(first)} or {last}; - is stdout."


def write_each(
    sources: tuple[str, ...],
    output: str | None,
    options: dict[str, Any],
    make: Callable[[str, Architecture], tuple[str, bytes]],
) -> int:
    """Write what `make` draws of each source, with the name it gives; the command's exit code.

    With several sources a failure is told and the others are drawn.
    """
    if output and len(sources) > 1 and not is_folder(output):
        raise click.UsageError("several sources need a folder: -o pictures/")
    failed = 0
    for source in sources:
        try:
            name, picture = make(source, loaded(source, options))
            write(output, name, picture)
        except UnetscopeError as error:
            if len(sources) == 1:
                raise
            complain(f"{safe.escaped(source, limit=200)}: {error.message}", hint=error.hint)
            failed += 1
    return 1 if failed else 0
