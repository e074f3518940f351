"""What commands report for one source after another: pictures go into files, reports to stdout unless -o is
given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from unetscope.cli.option_values import Options
from unetscope.cli.options import loaded
from unetscope.cli.output import FAILED, complain, is_colourful, is_folder, print_json, say, write
from unetscope.cli.targets import asked_format
from unetscope.errors import OptionError, UnetscopeError
from unetscope.model import Architecture
from unetscope.words import safe

_FILE_WIDTH = 120
"""Columns of a text file, whatever terminal is at hand."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found out, by format: `text` takes `width` and `colour`, `json` gives plain data, the others
    give a file's text. `stem` begins the name of its file."""

    stem: str
    text: Callable[..., str]
    json: Callable[[], Any]
    others: Mapping[str, Callable[[], str]] = field(default_factory=dict)


def put(report: Report, format_: str, output: str | None, suffixes: Mapping[str, str]) -> None:
    """A report on stdout, as wide and as colourful as the terminal, or as a file that is always the same."""
    from unetscope.render import text

    if output in (None, "-") and format_ == "text":
        say(report.text(width=text.terminal_width(), colour=is_colourful()))
    elif output in (None, "-") and format_ == "json":
        print_json(report.json())
    else:
        suffix = next(ending for ending, name in suffixes.items() if name == format_)
        write(output or "-", f"{report.stem}.{suffix}", _written(report, format_).encode())


def _written(report: Report, format_: str) -> str:
    if format_ == "json":
        from unetscope.render.json import dumps

        return dumps(report.json())
    return report.text(width=_FILE_WIDTH) if format_ == "text" else report.others[format_]()


def report_each(
    sources: tuple[str, ...],
    options: Options,
    suffixes: Mapping[str, str],
    make: Callable[[str, int], Report],
) -> int:
    """Put the report that `make` makes of each source and its place; JSON of several on stdout is one list.

    The exit code.
    """
    format_, output = asked_format(options, suffixes), options["output"]
    gathered: list[Any] | None = (
        [] if format_ == "json" and output in (None, "-") and len(sources) > 1 else None
    )

    def do(source: str, at: int) -> None:
        report = make(source, at)
        if gathered is not None:
            gathered.append(report.json())
            return
        if format_ == "text" and output in (None, "-") and at:
            say("\n")
        put(report, format_, output, suffixes)

    code = each(sources, output, do)
    if gathered is not None:
        print_json(gathered)
    return code


def draw_each(sources: tuple[str, ...], options: Options, draw: Callable[[str, Architecture], None]) -> int:
    """Load and draw each source; the exit code."""
    again = {**options, "sources": sources}
    return each(sources, options["output"], lambda source, at: draw(source, loaded(source, again, at=at)))


def each(sources: tuple[str, ...], output: str | None, do: Callable[[str, int], None]) -> int:
    """Do something with each source and its place; the exit code.

    With several sources, a failure is reported and the others go on; wrong usage ends everything.
    """
    if output not in (None, "-") and len(sources) > 1 and not is_folder(str(output)):
        raise OptionError(f"several sources need a folder, and {output!r} is none", hint="-o pictures/")
    failed = False
    for at, source in enumerate(sources):
        try:
            do(source, at)
        except OptionError:
            raise
        except UnetscopeError as error:
            if len(sources) == 1:
                raise
            complain(f"{safe.escaped(source, limit=200)}: {error.message}", hint=error.hint)
            failed = True
    return FAILED if failed else 0
