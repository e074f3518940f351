"""From the options a user gave to the command at a picture's foot, which draws it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from unetscope.api import commands
from unetscope.api.commands import Flag
from unetscope.cli.options import extent

SILENT = frozenset(
    {"output", "format_", "as_json", "fresh", "no_cache", "strict", "heading"}
    | {"revision", "subfolder", "variant"}  # the source's own name says them
    | {"exit_code", "map_out", "stat", "only", "transfer", "distill", "caption"}
)
"""Options that say where a picture goes or how its source is read, and change none of its bytes."""


def command(*sources: str, format: str, usual: str = "svg") -> str:
    """The running command with all that was chosen, for these sources; `usual` is its format by default."""
    context = click.get_current_context()
    flags = [flag for option in context.command.params for flag in _chosen(context, option, sources)]
    flags += [("--format", format)] if format != usual else []
    return commands.line(str(context.command.name), sources, flags)


def _chosen(context: click.Context, option: click.Parameter, sources: Sequence[str]) -> Iterator[Flag]:
    """An option as it would be typed, if it is not as by default."""
    if not isinstance(option, click.Option) or option.name is None or option.name in SILENT:
        return
    value = context.params[option.name]
    if value in (None, (), False, option.get_default(context)):
        return
    if option.name == "titles" and len(sources) < len(value):  # each of several is drawn again by itself
        value = [value[context.params["sources"].index(source)] for source in sources]
    flag = max(option.opts, key=len)
    if option.is_flag:
        yield flag, None
    elif option.multiple:
        yield from ((flag, item) for item in value)
    else:
        yield flag, _typed(option, value)


def _typed(option: click.Option, value: object) -> str:
    """A value as text that the option reads as the same value."""
    if not isinstance(value, tuple):
        return str(value)
    if option.callback is extent:
        return "x".join(map(str, value))
    return commands.numbers(value)
