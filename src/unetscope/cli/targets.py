"""Where what a command makes goes and in which format: -o, --format and --json, alike in every command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from unetscope.cli.output import is_folder
from unetscope.errors import OptionError

F = TypeVar("F", bound=Callable[..., Any])


class TargetPath(click.Path):
    """A file to write; a name that no file can have is a mistake in typing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if "\0" in value:
            self.fail("no file's name holds a NUL", param, ctx)
        return super().convert(value, param, ctx)


def target_options(suffixes: Mapping[str, str], *, default: str = "") -> Callable[[F], F]:
    """-o, --format and, where there is such a format, --json. `suffixes` maps suffix → format.

    `default` says where things go without -o: by default to stdout.
    """
    formats = tuple(dict.fromkeys(suffixes.values()))
    *first, last = (f".{suffix}" for suffix in suffixes)
    known = f"{', '.join(first)} or {last}" if first else last

    def add(command: F) -> F:
        if "json" in formats:
            command = click.option("--json", "as_json", is_flag=True, help="Same as --format json.")(command)
        command = click.option(
            "--format", "format_", type=click.Choice(formats), help="Format, where no suffix says it."
        )(command)
        return click.option(
            "-o",
            "--output",
            type=TargetPath(allow_dash=True),
            metavar="FILE",
            help=f"Target: {known}, or a folder/; - is stdout.{default and f'  [default: {default}]'}",
        )(command)

    return add


def asked_format(options: Mapping[str, Any], suffixes: Mapping[str, str]) -> Any:
    """The format that --format, --json or the suffix of -o asks for; they must agree."""
    named = options["format_"]
    if options.get("as_json"):
        if named not in (None, "json"):
            raise OptionError(f"--json and --format {named} exclude each other", hint="leave one of them out")
        named = "json"
    return chosen_format(options["output"], named, suffixes)


def chosen_format(output: str | None, chosen: str | None, suffixes: Mapping[str, str]) -> str:
    """The format asked for by name or by suffix; the two must agree. `suffixes` maps suffix → format,
    the default first."""
    if not output or output == "-" or is_folder(output):
        return chosen or next(iter(suffixes.values()))
    name = Path(output).name.lower()
    suffix = next(
        (candidate for candidate in suffixes if name.endswith(f".{candidate}")),
        Path(name).suffix.removeprefix("."),
    )
    if chosen and (not suffix or suffixes.get(suffix) == chosen):
        return chosen
    if suffix not in suffixes:
        known = ", ".join(f".{candidate}" for candidate in suffixes)
        raise OptionError(
            f"{Path(output).name!r} has no suffix that names a format here",
            hint=f"known: {known}; a folder ends in /",
        )
    if chosen:
        raise OptionError(
            f"--format {chosen} and the suffix .{suffix} disagree", hint="leave --format out, or change one"
        )
    return suffixes[suffix]
